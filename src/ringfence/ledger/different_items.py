"""Bound from bits how many different items, or pages of lists, requests were for.

Items that do not exist are not stored, nor are pages of lists: a program can try millions. Each
account and hour has the number of its requests, and 60 bits. Each failed item, or each page, sets
one of the bits, chosen by its hash. The bits of several hours or sources are put together by OR, so
they can be merged in any order. A program that asks for the same missing item every minute sets one
bit.

The number of items is estimated by linear counting: with z of m bits unset, it is about
-m ln(z / m), with variance m (m / z - ln(m / z) - 1) (Whang, Vander-Zanden and Taylor 1990).
Above some 160 items nearly all bits are set. A second set of 60 bits has a sample of one item in
64, which serves up to about 10,000 items; there is no bound beyond. The smaller bound holds.

The bits depend on the names of the items, and so does the bound. It is therefore used only where
there are many more requests than the bound allows. An account that asks for every item once is
counted exactly under nearly all names. For an account that asks for items again and again, the
bound is a multiple of their number. In 98 of 100 sets of names, the multiple lies between 0.9 and 2
for up to 100 items. It is largest at about 150 items, with 6, and below 3 again from 1,000 on. For
300 items the bound is typically 800.
"""

from __future__ import annotations

from typing import Final

BITS: Final = 60
"""Bits of each set, as many as an hour has minutes in the table ``hours``."""

ONE_SAMPLED_OF: Final = 64
"""One item in this number is in the sample."""

_LEAST_UNSET: Final = 4
"""Unset bits below which a set gives no bound: with 4 of 60 unset, about 162 items."""
_REPEATED: Final = 1.5
"""Requests per item of the bound above which the bound is used. An account that asks for every item
once is above it in at most 1 of 2,000 sets of random names, for any number of items (20,000 sets
each). The worst case is about 500 items of which none is in the sample."""
_MORE_SAMPLED: Final = 5
"""Items added to the sample's bound, for a sample that happens to be empty or small."""


def bits_sql(key: str) -> str:
    """Return the SQL of the columns ``few``, bits of all items, and ``many``, bits of the sample.

    Args:
        key: the column with the item's hash.
    """
    place = f"{key} // {BITS * ONE_SAMPLED_OF} % {BITS}"
    return (
        f"bit_or(CAST(1 AS BIGINT) << CAST({key} % {BITS} AS INT)) AS few,\n"
        f"  bit_or(CASE WHEN {key} // {BITS} % {ONE_SAMPLED_OF} = 0\n"
        f"    THEN CAST(1 AS BIGINT) << CAST({place} AS INT) ELSE CAST(0 AS BIGINT) END) AS many"
    )


def different_items_sql(few: str, many: str, requests: str) -> str:
    """Return the SQL of the number of different items that requests were for, at most.

    Args:
        few: SQL of the bits of all items.
        many: SQL of the bits of the sample.
        requests: SQL of the number of requests, which the result does not exceed.
    """
    bounds = (
        f"round({_bound(few)})",
        f"round({ONE_SAMPLED_OF} * ({_bound(many)} + {_MORE_SAMPLED}))",
    )
    each = [
        f"CASE WHEN {_unset(bits)} >= {_LEAST_UNSET} AND {requests} > {_REPEATED} * {bound} "
        f"THEN {bound} ELSE {requests} END"
        for bits, bound in zip((few, many), bounds, strict=True)
    ]
    return f"least({', '.join(each)})"


def _unset(bits: str) -> str:
    """Return the SQL of the number of unset bits; at least one counts as unset."""
    return f"greatest({BITS} - bit_count({bits}), 1)"


def _bound(bits: str) -> str:
    """Return the SQL of the estimate and twice its standard error, sampling included."""
    ratio = f"({float(BITS)} / {_unset(bits)})"
    estimate = f"{BITS} * ln({ratio})"
    variance = f"{BITS} * ({ratio} - ln({ratio}) - 1)"
    return f"({estimate} + 2 * sqrt({estimate} + {variance}))"

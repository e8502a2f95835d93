"""Read the content of the page of a ring: members, slices of the catalogue, growth.

The comparison group has as many accounts as the ring, with holdings of similar size. None of them
is a finding or in a ring. The group is chosen by size alone, never by the items it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement
from ringfence.model.ring import Link, Ring
from ringfence.model.ring_profile import (
    ComparisonGroup,
    CrowdPath,
    Member,
    MemberAttribute,
    RingProfile,
    SharedAttribute,
    SharedValue,
    Slice,
)
from ringfence.profiles.crowd_path import crowd_path
from ringfence.profiles.incidence import incidence
from ringfence.profiles.ring_growth import ring_growth

COMPARISON_CANDIDATES: Final = Statement(
    "profiles.ring_others",
    """
SELECT p.account_key, p.items
FROM portfolio AS p
JOIN scored_accounts AS j ON j.account_key = p.account_key
WHERE j.verdict = ''
  AND p.account_key NOT IN (SELECT account_key FROM ring_members)
ORDER BY p.items, p.account_key
""",
)

PROFILE_MEMBERS: Final = Statement(
    "profiles.ring_lines",
    """
SELECT m.ring, m.account_key, a.account, p.items, p.first, p.last, m.observed, m.expected,
  j.verdict, j.p_value
FROM ring_members AS m
JOIN accounts AS a ON a.account_key = m.account_key
JOIN portfolio AS p ON p.account_key = m.account_key
JOIN scored_accounts AS j ON j.account_key = m.account_key
WHERE m.ring = $ring
ORDER BY p.first, a.account
""",
)
"""Members in order of their first use."""

HELD: Final = Statement(
    "profiles.ring_held",
    """
CREATE OR REPLACE TEMP TABLE ring_held AS
SELECT g.ring, g.other, g.account_key, h.item_key, h.first, c.holders,
  c.holders > 1 AND h.item_key % g.one_in = 0 AND CASE g.level
    WHEN 'group' THEN c.group_key IS NOT NULL
    WHEN 'genre' THEN c.genre_key IS NOT NULL
    ELSE TRUE
  END AS counted
FROM ring_groups AS g
JOIN holdings AS h ON h.account_key = g.account_key
JOIN catalogue AS c ON c.item_key = h.item_key
""",
)
"""The holdings of all rings with a page, and of their comparison groups, in one pass. ``counted``
marks the holdings that the search for collisions covered."""

BUCKETS: Final = Statement(
    "profiles.ring_buckets",
    """
SELECT CAST(floor(log2(holders)) AS INT) AS bucket, count(*) AS items
FROM catalogue
WHERE holders > 0
GROUP BY floor(log2(holders))
ORDER BY bucket
""",
)

SLICES: Final = Statement(
    "profiles.ring_slices",
    """
WITH held AS (
  SELECT other, item_key, max(holders) AS holders, count(*) AS times
  FROM ring_held
  WHERE ring = $ring
  GROUP BY other, item_key
)
SELECT other, CAST(floor(log2(holders)) AS INT) AS bucket,
  CAST(sum(CASE WHEN times = 1 THEN 1 ELSE 0 END) AS BIGINT) AS once,
  CAST(sum(CASE WHEN times = 2 THEN 1 ELSE 0 END) AS BIGINT) AS twice,
  CAST(sum(CASE WHEN times > 2 THEN 1 ELSE 0 END) AS BIGINT) AS more
FROM held
GROUP BY other, floor(log2(holders))
""",
)

OTHERS: Final = Statement(
    "profiles.ring_beside",
    """
WITH held AS (
  SELECT item_key, count(*) AS times, sum(CASE WHEN counted THEN 1 ELSE 0 END) AS counted
  FROM ring_held
  WHERE ring = $ring AND other
  GROUP BY item_key
)
SELECT (SELECT count(*) FROM ring_groups WHERE ring = $ring AND other) AS accounts,
  CAST(coalesce(sum(times), 0) AS BIGINT) AS holdings, count(*) AS items,
  CAST(coalesce(sum(counted * (counted - 1)), 0) AS BIGINT) // 2 AS collisions
FROM held
""",
)


SHOWN_LINK: Final = 0.01
"""Largest p-value of an attribute whose values are shown with single members."""


def ring_profiles(engine: Engine, rings: Sequence[Ring]) -> tuple[RingProfile, ...]:
    """Return the profiles of rings, in their order.

    Args:
        engine: holds the ledger, the tables of the evidence steps and verdicts, and the temporary
            table ``ring_members``, in which rings are numbered in the same order.
        rings: the first rings of that table.
    """
    if not rings:
        return ()
    _save_groups(engine, rings)
    engine.run(HELD)
    sizes = [(int(bucket), int(items)) for bucket, items in engine.rows(BUCKETS)]
    return tuple(_profile(engine, number, ring, sizes) for number, ring in enumerate(rings))


def similar_in_size(items: npt.ArrayLike, members: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Return the positions of candidates that are closest above the members in size, each once.

    Args:
        items: (candidates,) number of items held, ascending.
        members: number of items that each member holds.

    Returns:
        One position per member, or one per candidate if there are fewer; ascending.
    """
    have, want = np.asarray(items), np.sort(np.asarray(members))[-np.asarray(items).size :]
    steps = np.arange(want.size if have.size else 0)
    places = np.searchsorted(have, want[: steps.size])
    apart = np.maximum.accumulate(places - steps) + steps
    return np.asarray(np.minimum(apart, have.size - steps.size + steps), dtype=np.intp)


def _save_groups(engine: Engine, rings: Sequence[Ring]) -> None:
    """Make the temporary table ``ring_groups``: one row per ring and account of both groups."""
    candidates = engine.columns(COMPARISON_CANDIDATES)
    groups = []
    for number, ring in enumerate(rings):
        sizes = [row[3] for row in engine.rows(PROFILE_MEMBERS, {"ring": number})]
        others = candidates["account_key"][similar_in_size(candidates["items"], sizes)]
        groups += [(number, False, ring, ring.keys), (number, True, ring, others)]
    lengths = [keys.size for *_, keys in groups]
    engine.table(
        "ring_groups",
        {
            "ring": np.repeat([number for number, *_ in groups], lengths),
            "other": np.repeat([other for _, other, *_ in groups], lengths),
            "account_key": np.concatenate([keys for *_, keys in groups]).astype(np.uint64),
            "one_in": np.repeat([np.uint64(ring.one_in) for *_, ring, _ in groups], lengths),
            "level": np.repeat([ring.level for *_, ring, _ in groups], lengths),
        },
    )


def _profile(
    engine: Engine, number: int, ring: Ring, sizes: Sequence[tuple[int, int]]
) -> RingProfile:
    rows = engine.rows(PROFILE_MEMBERS, {"ring": number})
    return RingProfile(
        test=ring.test,
        members=tuple(
            Member(
                account=str(name),
                items=int(items),
                first=_moment(first),
                last=_moment(last),
                observed=observed,
                expected=expected,
                verdict=verdict,
                p_value=p_value,
                shares=_shares(ring, int(key)),
            )
            for _, key, name, items, first, last, observed, expected, verdict, p_value in rows
        ),
        incidence=incidence(engine, number, other=False),
        others=_comparison_group(engine, number),
        slices=_slices(engine, number, sizes),
        growth=ring_growth(engine, number, ring),
        links=tuple(map(_attribute, ring.links)),
        path=crowd_path(engine, number) if ring.test == "crowd" else CrowdPath(),
    )


def _attribute(link: Link) -> SharedAttribute:
    values = tuple(SharedValue(*value) for value in link.values)
    return SharedAttribute(link.attribute, link.observed, link.expected, link.p_value, values)


def _shares(ring: Ring, key: int) -> tuple[MemberAttribute, ...]:
    return tuple(
        MemberAttribute(link.attribute, value)
        for link in ring.links
        if link.p_value <= SHOWN_LINK
        for value in link.shared.get(key, ())
    )


def _comparison_group(engine: Engine, number: int) -> ComparisonGroup:
    accounts, holdings, items, collisions = map(int, engine.rows(OTHERS, {"ring": number})[0])
    shown = incidence(engine, number, other=True)
    return ComparisonGroup(accounts, holdings, items, collisions, shown)


def _slices(engine: Engine, number: int, sizes: Sequence[tuple[int, int]]) -> tuple[Slice, ...]:
    held = {
        (bool(other), int(bucket)): (int(once), int(twice), int(more))
        for other, bucket, once, twice, more in engine.rows(SLICES, {"ring": number})
    }
    none = (0, 0, 0)
    return tuple(
        Slice(2 ** (b + 1) - 1, items, held.get((False, b), none), held.get((True, b), none))
        for b, items in sizes
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)

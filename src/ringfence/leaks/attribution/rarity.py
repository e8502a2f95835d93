"""Compare what accounts hold of a dump: all of it, and its rarer items alone.

A source has taken its items itself, the rare ones too. Of popular items it holds little more of
the dump than others do, because an account with many items holds much of every dump. And accounts
that divide a catalogue hold less of each other's popular items than any user, which widens the
distribution for all accounts of their size. Items with few other holders have neither effect.

So a candidate has a p-value for all items and one per rarity. The smallest of them counts, times
their number (Bonferroni). Each compares with how accounts of the ledger vary on the same items.

Fails where few accounts hold anything rare of the dump: how much they vary is then unknown, and
only all items count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.leaks.attribution.statements import RARITIES
from ringfence.leaks.attribution.variation import Variation, population_variation
from ringfence.stats.arrays import Columns, Flags, Floats, Integers

FEWEST_HOLDERS: Final = 50
"""Accounts that hold a rarer item of the dump, below which the rarer items are not compared. As
for populations, the variation of fewer accounts cannot be measured."""


@dataclass(frozen=True)
class Overlaps:
    """The overlaps of candidates with a dump, in all items or in the rarer ones.

    All arrays have one value per candidate.

    Attributes:
        most: other holders that an item may have; None for all items.
        leaked: items of the dump.
        expected: the same by chance.
        variance: its variance.
        variation: how much more accounts vary.
        log_p: ln of the p-values.
    """

    most: int | None
    leaked: Integers
    expected: Floats
    variance: Floats
    variation: Variation
    log_p: Floats


def compared_overlaps(table: Columns, members: Integers) -> tuple[Overlaps, ...]:
    """Return what candidates hold of a dump, for all items first, then for rarer ones.

    Args:
        table: of :data:`ringfence.leaks.attribution.statements.LEAK_OVERLAPS`.
        members: (candidates,) number of members of a ring; 1 for an account.
    """
    alone = ~table["is_ring"].astype(bool)
    return tuple(
        _compared(table, suffix, members)
        for suffix, most in RARITIES.items()
        if most is None or enough_holders(table[f"leaked{suffix}"][alone])
    )


def enough_holders(leaked: Integers) -> bool:
    """Return whether enough accounts hold something of the dump to measure their variation.

    Args:
        leaked: (accounts,) items of the dump.
    """
    return int(np.count_nonzero(leaked)) >= FEWEST_HOLDERS


def _compared(table: Columns, suffix: str, members: Integers) -> Overlaps:
    alone: Flags = ~table["is_ring"].astype(bool)
    leaked = table[f"leaked{suffix}"].astype(np.int64)
    expected = table[f"expected{suffix}"].astype(np.float64)
    variance = table[f"variance{suffix}"].astype(np.float64)
    variation = population_variation(leaked[alone], expected[alone], variance[alone])
    log_p = variation.log_p(leaked, expected, variance, members)
    return Overlaps(RARITIES[suffix], leaked, expected, variance, variation, log_p)


def smallest_log_p(log_p: Floats) -> Floats:
    """Return (candidates,) ln of the smallest p-value, times the number of comparisons.

    Args:
        log_p: (comparisons, candidates) ln of the p-values.
    """
    smallest = log_p.min(axis=0) + np.log(log_p.shape[0])
    return np.asarray(np.minimum(smallest, 0.0), dtype=np.float64)

"""Explain a dump by accounts together: each item counts once, for the account that comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.leaks.attribution.rarity import Overlaps
from ringfence.stats.arrays import Columns, Flags, Integers, Keys, Rows

STILL_UNUSUAL: Final = 0.05
"""An account stays named if its items that no account before it holds are as unusual as this."""


@dataclass(frozen=True)
class Chance:
    """The items of a dump that some accounts hold by chance.

    Attributes:
        overlaps: of all candidates, for all items and for rarer ones.
        chosen: (candidates,) the place in ``overlaps`` by which a candidate is judged.
        rows: (accounts,) the place of each account among the candidates.
    """

    overlaps: tuple[Overlaps, ...]
    chosen: Integers
    rows: Rows

    def counts(self, account: int, others: Integers) -> Flags:
        """Return which items count for an account, from their numbers of other holders."""
        most = self.overlaps[self.chosen[self.rows[account]]].most
        return np.ones(others.size, dtype=bool) if most is None else others <= most

    def log_p(self, account: int, observed: int, share: float) -> float:
        """Return ln of the chance that an account holds this much in a share of these items."""
        row = int(self.rows[account])
        overlaps = self.overlaps[self.chosen[row]]
        mean, variance = (one[[row]] * share for one in (overlaps.expected, overlaps.variance))
        return float(overlaps.variation.log_p(np.array([observed]), mean, variance)[0])


@dataclass(frozen=True)
class Explanation:
    """The share of some accounts in a dump, in their order.

    Attributes:
        credited: number of items of the dump that the account holds and no account before it holds.
        stays: whether these items alone are unusual.
    """

    credited: Integers
    stays: Flags


def explain_together(order: Keys, held: Columns, share: float, chance: Chance) -> Explanation:
    """Go through accounts in order, and credit each with the items that no account before it holds.

    An account whose overlap with the dump is only that of the accounts before it does not stay. It
    shares their taste, or took from them.

    Args:
        order: keys of the accounts, most certain first.
        held: candidate, item_key, number of other holders, and whether the item is in the dump: all
            items of these accounts that are in the dump, and a sample of the others.
        share: the share of the other items in the sample.
        chance: what the accounts hold of the dump by chance.
    """
    items, place = np.unique(held["item_key"], return_inverse=True)
    covered = np.zeros(items.size, dtype=bool)
    sorter = np.argsort(held["candidate"], kind="stable")
    keys = held["candidate"][sorter]
    credited = np.zeros(order.size, dtype=np.int64)
    stays = np.zeros(order.size, dtype=bool)
    leaked_of = np.asarray(held["leaked"], dtype=bool)
    others_of = np.asarray(held["others"], dtype=np.int64)
    for number, key in enumerate(order):
        rows = sorter[np.searchsorted(keys, key) : np.searchsorted(keys, key, side="right")]
        free = ~covered[place[rows]]
        leaked = leaked_of[rows]
        credited[number] = int((free & leaked).sum())
        counts = chance.counts(number, others_of[rows])
        weights = np.where(leaked, 1.0, 1 / share) * counts
        rest = float((weights * free).sum() / max(weights.sum(), 1e-300))
        log_p = chance.log_p(number, int((free & leaked & counts).sum()), rest)
        stays[number] = credited[number] > 0 and log_p <= np.log(STILL_UNUSUAL)
        if stays[number]:
            covered[place[rows]] = True
    return Explanation(credited, stays)

"""Explain a dump by accounts together: each item counts once, for the account that comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.leaks.attribution.likelihood import log_tails
from ringfence.stats.arrays import Columns, Flags, Floats, Integers, Keys

STILL_UNUSUAL: Final = 0.05
"""An account stays named if its items that no account before it holds are as unusual as this."""


@dataclass(frozen=True)
class Explanation:
    """The share of some accounts in a dump, in their order.

    Attributes:
        credited: number of items of the dump that the account holds and no account before it holds.
        stays: whether these items alone are unusual.
    """

    credited: Integers
    stays: Flags


def explain_together(
    order: Keys, held: Columns, share: float, expected: Floats, dispersion: Floats
) -> Explanation:
    """Go through accounts in order, and credit each with the items that no account before it holds.

    An account whose overlap with the dump is only that of the accounts before it does not stay. It
    shares their taste, or took from them.

    Args:
        order: keys of the accounts, most certain first.
        held: candidate, item_key and whether the item is in the dump: all items of these accounts
            that are in the dump, and a sample of the others.
        share: the share of the other items in the sample.
        expected: (accounts,) items of the dump by chance.
        dispersion: (accounts,) index of dispersion.
    """
    items, place = np.unique(held["item_key"], return_inverse=True)
    covered = np.zeros(items.size, dtype=bool)
    sorter = np.argsort(held["candidate"], kind="stable")
    keys = held["candidate"][sorter]
    credited = np.zeros(order.size, dtype=np.int64)
    stays = np.zeros(order.size, dtype=bool)
    leaked_of = np.asarray(held["leaked"], dtype=bool)
    for number, key in enumerate(order):
        rows = sorter[np.searchsorted(keys, key) : np.searchsorted(keys, key, side="right")]
        free = ~covered[place[rows]]
        leaked = leaked_of[rows]
        credited[number] = int((free & leaked).sum())
        weights = np.where(leaked, 1.0, 1 / share)
        rest = float((weights * free).sum() / max(weights.sum(), 1e-300))
        log_p = log_tails(
            credited[number : number + 1], expected[[number]] * rest, dispersion[[number]]
        )
        stays[number] = credited[number] > 0 and log_p[0] <= np.log(STILL_UNUSUAL)
        if stays[number]:
            covered[place[rows]] = True
    return Explanation(credited, stays)

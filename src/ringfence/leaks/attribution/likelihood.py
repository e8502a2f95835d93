"""Measure what an account would hold of a dump by chance.

Under the null hypothesis an account took no part, and the dump depends on its items only by how
popular they are. Its item with k other holders is then in the dump as often as any item with k
holders. Three corrections make this hold for people:

* **Popularity.** An item that somebody holds is more popular than one that nobody holds, so it is
  more often in a dump from elsewhere. The rate of a level is that of the accounts of the scan, each
  counted with at most as many items as the median account (:func:`honest_rates`).
* **Groups.** A dump that has an artist's other items probably has this one. The spread between
  groups is measured, and the mean and variance of each group follow from its other items
  (:data:`ringfence.leaks.attribution.statements.LEAK_OVERLAPS`).
* **Tastes.** The rest of the variation between people is measured on the accounts of the scan
  (:mod:`ringfence.leaks.attribution.variation`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.stats.overdispersion import STANDARD_ERRORS, upper_mean

_SMALLEST_SHAPE: Final = 0.01
_LARGEST_SHAPE: Final = 1e6


def honest_rates(pools: Columns, strata: Columns) -> Floats:
    """Return (pools,) the share of the items of each band and level that the dump has by chance.

    It is that of the accounts, each counted with at most as many items as the median one. The items
    themselves count if their share is larger, as far as the standard errors of the accounts' share
    allow. Of the items with one holder, for example, a ring may hold most. Their share then says
    nothing about users.

    Args:
        pools: band, level, and numbers of items and of leaked items.
        strata: the same per account, with the level of other holders.
    """
    items = pools["items"].astype(np.float64)
    rates = (pools["leaked"].astype(np.float64) + 1) / (items + 1)
    place = _places(pools, strata)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], np.arange(rates.size + 1))
    held, leaked = (strata[name][order].astype(np.float64) for name in ("items", "leaked"))
    for pool in np.flatnonzero(np.diff(ends)):
        mine = slice(ends[pool], ends[pool + 1])
        seen, most = _seen(held[mine], leaked[mine])
        rates[pool] = min(max(seen, min(rates[pool], most)), 1.0)
    return rates


def _seen(held: Floats, leaked: Floats) -> tuple[float, float]:
    """Return the share of the items of accounts that leaked, and the largest that it may be.

    Args:
        held: (accounts,) number of items.
        leaked: (accounts,) number of them in the dump.
    """
    weights = np.minimum(1.0, np.median(held) / held)
    size = float((weights * held).sum())
    share = float((weights * leaked).sum()) / size
    # One item more counts as an error where no account has any.
    error = np.sqrt((weights**2 * (leaked - share * held) ** 2).sum() + 1)
    return share, share + STANDARD_ERRORS * float(error) / size


def _places(pools: Columns, strata: Columns) -> Integers:
    """Return (strata,) the pool that each of them is compared with; -1 if there is none."""
    deepest = 1 + max(int(one["level"].max(initial=0)) for one in (pools, strata))
    known, asked = (
        one["band"].astype(np.int64) * deepest + one["level"].astype(np.int64)
        for one in (pools, strata)
    )
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], asked), max(known.size - 1, 0))
    found = order[place] if known.size else np.zeros(asked.shape, dtype=np.int64)
    same = known[found] == asked if known.size else np.zeros(asked.shape, dtype=bool)
    return np.where(same, found, -1)


def group_shape(leaked: Floats, expected: Floats) -> float:
    """Return κ, the shape of the gamma factor by which groups differ in a dump.

    The estimate errs toward small κ, which is a wide distribution.

    Args:
        leaked: (groups,) items in the dump.
        expected: (groups,) items expected.
    """
    squares = float(np.mean(expected**2)) if expected.size else 0.0
    if squares <= 0:
        return _LARGEST_SHAPE
    excess = upper_mean((leaked - expected) ** 2 - expected)
    return float(np.clip(squares / max(excess, 1e-300), _SMALLEST_SHAPE, _LARGEST_SHAPE))

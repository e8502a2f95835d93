"""Order and dates: whether a dump lists an account's items as the account took them.

Both are compared with the same items in random order, so they are independent of the number of
items. An album is taken and listed together, so the number of groups counts, not the number of
items.

An honest account may agree with a dump for another reason: both begin with popular items, or have
new items on the day of their release. So a p-value counts as at least its rank among accounts
that were drawn at random (:func:`ranked`), and never as less than :data:`SMALLEST_ORDER_P`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from ringfence.stats.arrays import Columns, Floats, Rows
from ringfence.stats.seconds import DAY

SMALLEST_ORDER_P: Final = 1e-3
"""The smallest value that the p-value of order or of dates counts as."""

FEWEST_GROUPS: Final = 10
"""Groups below which an order says nothing."""


@dataclass(frozen=True)
class ListedOrder:
    """The order in which a dump lists the items of one candidate.

    Attributes:
        correlation: rank correlation of place and time of taking, holders taken out; NaN if it
            cannot be measured.
        order_p: chance of at least this correlation; 1 if it cannot be measured.
        same_day: number of items with a date within a day of the time of taking.
        same_day_expected: the same if the dates are shuffled.
        dates_p: chance of at least this many; 1 if the dump has no dates.
    """

    correlation: float = float("nan")
    order_p: float = 1.0
    same_day: int = 0
    same_day_expected: float = 0.0
    dates_p: float = 1.0


def listed_orders(shared: Columns) -> dict[int, ListedOrder]:
    """Return how the dump lists the items of each candidate, by its key.

    Args:
        shared: candidate, place, day (seconds, NaN without), first, holders and group_key of the
            items of the dump that the candidates hold, by candidate.
    """
    keys = shared["candidate"]
    bounds = np.flatnonzero(np.diff(keys)) + 1
    return {
        int(keys[rows[0]]): _listed_order(shared, rows)
        for rows in np.split(np.arange(keys.size), bounds)
        if rows.size
    }


def ranked(p_values: Floats, reference: Floats) -> Floats:
    """Return p-values that count as at least their rank among those of other accounts.

    Args:
        p_values: of the candidates; 1 where nothing was measured.
        reference: of accounts drawn at random, most of them honest.
    """
    below = np.searchsorted(np.sort(reference), p_values, side="right")
    ranks = np.maximum((below + 1) / (reference.size + 1), SMALLEST_ORDER_P)
    return np.where(p_values < 1, np.maximum(p_values, ranks), 1.0)


def joint_log_p(overlap: float, others: tuple[float, ...]) -> float:
    """Return ln of the p-value of an overlap, with order and dates if they add to it.

    The smaller of two p-values counts twice: the overlap alone, and all combined by Fisher's rule.

    Args:
        overlap: ln of the p-value of the overlap.
        others: p-values of order and dates; 1 where nothing was measured.
    """
    extra = [p for p in others if p < 1]
    if not extra:
        return overlap
    statistic = -2 * (overlap + float(np.log(extra).sum()))
    joint = float(stats.chi2.logsf(statistic, 2 * (len(extra) + 1)))
    return min(0.0, float(np.log(2)) + min(overlap, joint))


def _listed_order(shared: Columns, rows: Rows) -> ListedOrder:
    groups = np.unique(np.asarray(shared["group_key"])[rows]).size
    ungrouped = int(np.ma.getmaskarray(shared["group_key"])[rows].sum())
    units = max(groups - (ungrouped > 0), 0) + ungrouped
    first = np.asarray(shared["first"], dtype=np.float64)[rows]
    correlation, order_p = _order(
        np.asarray(shared["place"], dtype=np.float64)[rows],
        first,
        np.asarray(shared["holders"], dtype=np.float64)[rows],
        units,
    )
    day = np.ma.filled(np.ma.asarray(shared["day"], dtype=np.float64), np.nan)[rows]
    return ListedOrder(correlation, order_p, *_dates(day, first, units / rows.size))


def _order(place: Floats, first: Floats, holders: Floats, units: int) -> tuple[float, float]:
    """Return the partial rank correlation of place and time, and its one-sided p-value."""
    if units < FEWEST_GROUPS:
        return float("nan"), 1.0
    ranks = [stats.rankdata(one) for one in (place, first, holders)]
    if any(np.ptp(one) == 0 for one in ranks[:2]):
        return float("nan"), 1.0
    xy = np.corrcoef(ranks[0], ranks[1])[0, 1]
    xz = yz = 0.0
    if np.ptp(ranks[2]):
        xz, yz = np.corrcoef(ranks[0], ranks[2])[0, 1], np.corrcoef(ranks[1], ranks[2])[0, 1]
    rest = (1 - xz**2) * (1 - yz**2)
    if rest < 0.05:
        return float("nan"), 1.0
    r = float(np.clip((xy - xz * yz) / np.sqrt(rest), -0.999999, 0.999999))
    freedom = units - 3
    return r, float(stats.t.sf(r * np.sqrt(freedom / (1 - r**2)), freedom))


def _dates(day: Floats, first: Floats, units: float) -> tuple[int, float, float]:
    """Return items within a day of their date, the number by chance, and the p-value.

    Args:
        day: dates of the dump, seconds; NaN without.
        first: when the account took the items.
        units: groups per item.
    """
    known = ~np.isnan(day)
    if known.sum() < FEWEST_GROUPS:
        return 0, 0.0, 1.0
    listed, taken = day[known] // DAY, first[known] // DAY
    same = int((np.abs(listed - taken) <= 1).sum())
    in_order = np.sort(taken)
    near = np.searchsorted(in_order, listed + 1, side="right") - np.searchsorted(
        in_order, listed - 1
    )
    expected = float(near.sum() / listed.size)
    p = float(stats.poisson.sf(np.floor(same * units) - 1, max(expected * units, 1e-9)))
    return same, expected, max(p, 1e-300)

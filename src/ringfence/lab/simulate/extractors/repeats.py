"""Choose which events take a new item, and which own item the others repeat."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.lab.simulate.extractors.day_plan import DayPlan
from ringfence.stats.arrays import Flags, Integers

RECENT: Final = 0.5
"""Share of repeats that go to recent items; the others go to old favourites."""
REACH: Final = 40.0
"""Mean number of own items that a repeat of a recent item goes back."""
RICHER: Final = 2.5
"""Old items are favoured as in Simon's urn (1955). Where a share a of plays are repeats, item j of
n is chosen with density j**-a, so that j = n u**(1 / (1 - a)). People's a lies in 0.56 to 0.82."""


def choose_new_share(
    plan: DayPlan, share: float, rng: np.random.Generator
) -> tuple[Flags, Integers]:
    """Choose at random which events take a new item, so that the share holds over all days.

    Args:
        plan: events of any kind.
        share: share of events that take a new item, in [0, 1].
        rng: generator of the day.

    Returns:
        (rows,) whether an event takes a new item, and (rows,) the number of new items that its
        account took before it.
    """
    before = plan.nth - plan.place
    begun = np.floor(before * share).astype(np.int64)
    count = np.floor((before + plan.of) * share).astype(np.int64) - begun
    return choose_new(plan, count, begun, rng)


def choose_new(
    plan: DayPlan, count: Integers, begun: Integers, rng: np.random.Generator
) -> tuple[Flags, Integers]:
    """Choose at random a given number of events per account that take a new item.

    Args:
        plan: events of any kind.
        count: (rows,) number of the account's events of the day that take a new item.
        begun: (rows,) number of new items that the account took before the day.
        rng: generator of the day.

    Returns:
        The same as :func:`choose_new_share`.
    """
    order = np.lexsort((rng.random(len(plan)), plan.account))
    new = np.empty(len(plan), np.bool_)
    # The rows of an account are together: after sorting, the k-th is in the row with place k.
    new[order] = plan.place < count
    had: Integers = np.cumsum(new) - new
    return new, begun + had - had[np.arange(len(plan)) - plan.place]


def choose_repeats(held: Integers, rng: np.random.Generator) -> Integers:
    """Draw the own item that each event repeats, preferring recent ones and favourites.

    Args:
        held: (rows,) number of items that the account holds by then. An account that holds none
            repeats the first one to come.
        rng: generator of the day.

    Returns:
        (rows,) numbers of own items, from 0 in the order of their first event.
    """
    recent = held - 1 - rng.exponential(REACH, len(held)).astype(np.int64)
    favourite = (held * rng.random(len(held)) ** RICHER).astype(np.int64)
    again = (rng.random(len(held)) < RECENT) & (recent >= 0)
    return np.maximum(np.where(again, recent, favourite), 0)

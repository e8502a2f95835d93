"""Matched controls: groups of other accounts that are as large as the members of a set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ringfence.stats.arrays import Floats, Rows

MIN_NEIGHBOURS: Final = 100
"""Each member is replaced by one of at least this many accounts of about its size."""

NEIGHBOURS_PER_MEMBER: Final = 5
"""Neighbours to choose from, per member of a large set."""

MIN_OTHERS: Final = 40
"""With fewer other accounts there are no controls."""


def matched_groups(
    values: Floats, ranked: Rows, members: Rows, excluded: Rows, seed: int
) -> Iterator[Rows]:
    """Yield random groups of other accounts with about the same values as the members.

    The iterator never ends; it is empty if there are too few others. No account occurs twice in one
    group. Where there are fewer others than twice the set, groups have half of the others.

    Args:
        values: (accounts,) the values to match.
        ranked: rows of all accounts, ascending by value.
        members: rows of the accounts that the groups stand for.
        excluded: rows of further accounts that are not drawn.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    other = np.ones(values.size, dtype=bool)
    other[members] = other[excluded] = False
    order = ranked[other[ranked]]
    if order.size < MIN_OTHERS:
        return
    ascending = members[np.argsort(values[members], kind="stable")]
    size = min(members.size, order.size // 2)
    wanted = np.linspace(0, members.size - 1, size).astype(np.intp)
    places = np.searchsorted(values[order], values[ascending[wanted]])
    width = min(max(MIN_NEIGHBOURS, NEIGHBOURS_PER_MEMBER * wanted.size), order.size)
    low = np.clip(places - width // 2, 0, order.size - width)
    while True:
        yield _draw_neighbours(order, low, width, rng)


def _draw_neighbours(order: Rows, low: Rows, width: int, rng: np.random.Generator) -> Rows:
    """Draw one neighbour for every place, no account twice.

    If several places draw one account, accounts from the whole neighbourhood replace the
    repetitions. There may be a million of these and few are wanted, so they are drawn by rank
    instead of being listed.
    """
    chosen = np.unique(low + rng.integers(0, width, low.size))
    begin = int(low.min())
    not_chosen = int(low.max()) + width - begin - chosen.size
    spare = rng.choice(not_chosen, low.size - chosen.size, replace=False, shuffle=False)
    # Before the r-th account not chosen lie the chosen ones with at most r not chosen before them.
    before = np.searchsorted(chosen - begin - np.arange(chosen.size), spare, side="right")
    rows: Rows = order[np.concatenate([chosen, begin + spare + before])]
    return rows

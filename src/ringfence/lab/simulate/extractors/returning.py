"""Returns: which of its own items an account takes again."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.stats.arrays import Integers

RECENT: Final = 0.5
"""Share of returns that go to what is new; the others go to old favourites."""
REACH: Final = 40.0
"""Mean number of own items that a return to something new goes back."""
RICHER: Final = 2.5
"""Old items are favoured as in Simon's urn (1955): where a share a of plays are returns, item j of
n is chosen with density j**-a, so that j = n u**(1 / (1 - a)); people return in 0.56 to 0.82."""


def returns(held: Integers, rng: np.random.Generator) -> Integers:
    """Draw which own item is taken again, preferring recent ones and favourites.

    Args:
        held: (rows,) how many items the account holds by then; where none, the first is to come.
        rng: of the day.

    Returns:
        (rows,) numbers of own items, from 0 in the order of their first take.
    """
    recent = held - 1 - rng.exponential(REACH, len(held)).astype(np.int64)
    favourite = (held * rng.random(len(held)) ** RICHER).astype(np.int64)
    again = (rng.random(len(held)) < RECENT) & (recent >= 0)
    return np.maximum(np.where(again, recent, favourite), 0)

"""What was found out about a ring, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.rings.collisions import Floats, Level
from ringfence.rings.holdings import Keys

RING_FLOOR: Final = 1e-12
"""The least that is shown: what lies below rests on the law alone and tells nothing more."""


@dataclass(frozen=True, eq=False)
class Ring:
    """Accounts that collide far less than independent ones would.

    Attributes:
        keys: the members' account keys, ascending.
        level: the strata it was found at.
        observed: collisions over all pairs of members.
        expected: of independent accounts that hold as much of the same kinds of items.
        shape: of the law of collisions, as measured on groups of other accounts of this size.
        log_p: ln of the chance that any group of independent accounts in this population collides
            so little; the search is paid for.
        held: (members,) items each holds that others hold too.
        toward: (members, 2) each one's collisions with the others, observed and expected.
        one_in: of so many items one was looked at.
    """

    keys: Keys
    level: Level
    observed: float
    expected: float
    shape: float
    log_p: float
    held: Floats = field(repr=False)
    toward: Floats = field(repr=False)
    one_in: int = 1

    @property
    def p_value(self) -> float:
        """The p-value that counts, in [:data:`RING_FLOOR`, 1]."""
        return float(np.clip(np.exp(min(self.log_p, 0.0)), RING_FLOOR, 1.0))

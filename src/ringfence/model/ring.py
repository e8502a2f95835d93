"""What was found out about a ring, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from ringfence.stats.arrays import Floats, Keys

Level = Literal["group", "genre", "cluster", "global"]
"""What collisions are compared within: an item's group, its genre, learned clusters, or nothing."""

RING_FLOOR: Final = 1e-12
"""The least that is shown: what lies below rests on the law alone and tells nothing more."""


RingTest = Literal["collision", "lockstep"]
"""What gave it away: too little in common, or the same at the same times."""


@dataclass(frozen=True)
class Link:
    """An attribute that accounts of a ring share, next to groups of other accounts as large.

    Attributes:
        attribute: sign-up, device, payment, network or client.
        observed: pairs of members that share a value.
        expected: the same in groups of other accounts, on average.
        p_value: of groups of other accounts, at least so many pairs.
        values: most shared first: the value, members that have it, accounts that have it.
        shared: values that a member has in common with others, by its key, most shared first; of
            members that share none, nothing.
    """

    attribute: str
    observed: float
    expected: float
    p_value: float
    values: tuple[tuple[str, int, int], ...] = ()
    shared: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False)
class Ring:
    """Accounts that act as one.

    Attributes:
        test: what gave it away; the numbers are those of this test.
        keys: the members' account keys, ascending.
        level: the strata it was found at.
        observed: collisions (lockstep: those at the same time) over all pairs of members.
        expected: of independent accounts that hold as much of the same kinds of items.
        shape: of the law of collisions, as measured on groups of other accounts of this size.
        log_p: ln of the chance that any group of independent accounts in this population collides
            so little; the search is paid for.
        held: (members,) items each holds that others hold too.
        toward: (members, 2) each one's collisions with the others, observed and expected.
        alone: (members,) ln of the chance that an independent account, with collisions that vary as
            this one's do, has as few with the others; in lockstep nothing is known of one alone: 0.
        one_in: of so many items one was looked at.
        bunching: variance over mean of collisions with single others: they come in such bunches.
        links: what the members share besides, which is never evidence alone.
    """

    keys: Keys
    level: Level
    observed: float
    expected: float
    shape: float
    log_p: float
    held: Floats = field(repr=False)
    toward: Floats = field(repr=False)
    alone: Floats = field(repr=False)
    one_in: int = 1
    bunching: float = 1.0
    test: RingTest = "collision"
    links: tuple[Link, ...] = ()

    @property
    def p_value(self) -> float:
        """The p-value that counts, in [:data:`RING_FLOOR`, 1]."""
        return float(np.clip(np.exp(min(self.log_p, 0.0)), RING_FLOOR, 1.0))

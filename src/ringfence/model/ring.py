"""A ring: accounts that act as one, with the counts and p-values that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

from ringfence.stats.arrays import Floats, Keys

Level = Literal["group", "genre", "cluster", "global"]
"""The kind of items within which collisions are expected.

Either the item's group (artist, journal), the catalogue's coarser genre, a cluster learned from
use, or no kind at all."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""All levels, from fine to coarse."""

RingTest = Literal["collision", "lockstep", "crowd"]
"""The test that found a ring: members share too few items, take items at the same times, or are
visitors of one cohort that hardly ever repeat an item."""

RING_TESTS: Final[tuple[RingTest, ...]] = get_args(RingTest)
"""All tests; the p-value of each is corrected for their number."""

MIN_MEMBERS: Final = 8
"""The smallest ring. Fewer accounts are never evidence: pairs and families act alike."""

MAX_RING_P_VALUE: Final = 0.05
"""A set of accounts with a larger p-value is not a ring. The p-value is that of any such set in the
whole scan."""

RING_FLOOR: Final = 1e-12
"""The smallest p-value of a ring that is shown. Smaller values depend on the model alone."""


@dataclass(frozen=True)
class Cohort:
    """The visitors among which a crowd was found.

    Attributes:
        kind: what they have in common: client, rare client, network, wide network,
            provider, hour or items.
        value: the common value; empty for rare clients.
        accounts: number of these visitors, members and others.
    """

    kind: str
    value: str
    accounts: int


@dataclass(frozen=True)
class Link:
    """An attribute that members of a ring share, compared with matched controls.

    A link is never evidence: families and dormitories share attributes too.

    Attributes:
        attribute: sign-up, device, payment, network or client.
        observed: pairs of members that share a value, summed over values.
        expected: the mean of the same count in matched groups of other accounts.
        p_value: the chance that a matched group shares at least as many pairs.
        values: one (value, members that have it, accounts that have it) per value, most shared
            first.
        shared: the values that each member shares with others, by account key, most shared first;
            members that share nothing are absent.
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

    A crowd has the counts of its whole cohort, of which it is the larger part. In a ring found by
    lockstep, a "collision" below is a coincident day of a pair: a day on which
    both take an item within the same two minutes.

    Attributes:
        keys: (members,) account keys, ascending.
        level: the level at which it was found; ``global`` for lockstep, which uses no strata.
        observed: collisions, summed over all pairs of members.
        expected: the same for independent accounts with holdings of the same size and kind.
        dispersion_k: parameter k of the negative binomial null distribution (variance
            Λ + Λ² / k), measured on matched controls.
        log_p: ln of the chance that any set of independent accounts in this scan is as extreme;
            includes the multiplicity penalty.
        shared_items: (members,) items that each member holds and other accounts hold too.
        member_collisions: (members, 2) observed and expected collisions with the other members.
        member_log_p: (members,) ln of the chance that an independent account has at most this many
            collisions with the other members; 0 for lockstep, which does not test single members.
        one_in: one item in this many was examined; 1 if all were.
        index_of_dispersion: variance over mean of members' collisions with single other accounts;
            about the number of items that are shared at once.
        test: the test that found it.
        links: attributes that members share; never evidence.
        cohort: the cohort of a crowd; None for other rings.
        continued: visitors of a crowd's cohort whose first item follows the last item of the
            visitor before them; 0 for other rings.
        is_foreign: whether only use from foreign places was compared, of the members that have such
            use; their logins may be stolen.
        crew: keys of the members that a crew within this ring has; their logins may be stolen.
    """

    keys: Keys
    level: Level
    observed: float
    expected: float
    dispersion_k: float
    log_p: float
    shared_items: Floats = field(repr=False)
    member_collisions: Floats = field(repr=False)
    member_log_p: Floats = field(repr=False)
    one_in: int = 1
    index_of_dispersion: float = 1.0
    test: RingTest = "collision"
    links: tuple[Link, ...] = ()
    cohort: Cohort | None = None
    continued: int = 0
    is_foreign: bool = False
    crew: Keys = field(default_factory=lambda: np.zeros(0, np.uint64), repr=False)

    @property
    def p_value(self) -> float:
        """The p-value as shown, between :data:`RING_FLOOR` and 1."""
        return float(np.clip(np.exp(min(self.log_p, 0.0)), RING_FLOOR, 1.0))

"""List the kinds of users, and say how many accounts each has in a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ringfence.lab.simulate.hashing import seeded_keys
from ringfence.lab.simulate.users.bulk_kinds import Crawler, GrantHolder, Shop
from ringfence.lab.simulate.users.kind import UserKind
from ringfence.lab.simulate.users.listener_kinds import (
    Binger,
    Casual,
    Collector,
    FamilyLogin,
    Follower,
    Newcomer,
    Shuffler,
)
from ringfence.stats.arrays import Codes

MODELS: Final[tuple[UserKind, ...]] = (
    UserKind(), Collector(), Shop(), FamilyLogin(), Newcomer(), Binger(), Shuffler(), Follower(),
    GrantHolder(), Crawler(), Casual(),
)  # fmt: skip
"""The model of each kind, in the order of their codes. A new kind goes to the end."""

KINDS: Final = tuple(model.name for model in MODELS)
"""Names of the kinds; :attr:`ringfence.lab.simulate.users.Users.kind` counts from 0 here."""

_NATURAL: Final = {
    "collector": 0.02, "shop": 0.002, "family": 0.03, "newcomer": 0.03, "binger": 0.02,
    "shuffler": 0.01, "follower": 0.06,
}  # fmt: skip
_SALT: Final = 1 << 44


@dataclass(frozen=True, kw_only=True)
class Mix:
    """The number of accounts of each kind; accounts of no special kind are ordinary.

    Attributes:
        accounts: all kinds together.
        collector: almost never repeat.
        shop: play all day, every day.
        family: logins shared by two to five people.
        newcomer: begin during the scenario.
        binger: have holidays full of music.
        shuffler: shuffle whole discographies.
        follower: play the same lists on the same days.
        granted: take in bulk under a grant.
        crawler: declared search engines.
        casual: listen on few days.

    Raises:
        ValueError: a number is negative, or the special kinds have more accounts than there are.
    """

    accounts: int
    collector: int = 0
    shop: int = 0
    family: int = 0
    newcomer: int = 0
    binger: int = 0
    shuffler: int = 0
    follower: int = 0
    granted: int = 0
    crawler: int = 0
    casual: int = 0

    def __post_init__(self) -> None:
        """Check the numbers."""
        if min(self.counts()) < 0:
            raise ValueError("a kind of user has fewer than 0 accounts")

    @classmethod
    def natural(cls, accounts: int) -> Self:
        """Return the usual mix of a population: assumed shares, no grants and no crawlers."""
        counts = {kind: round(share * accounts) for kind, share in _NATURAL.items()}
        return cls(accounts=accounts, **counts)

    def counts(self) -> tuple[int, ...]:
        """Return the number of accounts of each kind, in the order of :data:`KINDS`."""
        special = [int(getattr(self, kind)) for kind in KINDS[1:]]
        return (self.accounts - sum(special), *special)

    def codes(self, seed: int) -> Codes:
        """Deal the kinds to the accounts, shuffled by a seed.

        Returns:
            (accounts,) positions in :data:`KINDS`.
        """
        order = np.argsort(
            seeded_keys(seed, np.arange(_SALT, _SALT + self.accounts)), kind="stable"
        )
        kind = np.empty(self.accounts, np.int8)
        kind[order] = np.repeat(np.arange(len(KINDS), dtype=np.int8), self.counts())
        return kind

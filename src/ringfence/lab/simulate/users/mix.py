"""How many users of each kind there are, and which account is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ringfence.lab.simulate.users.chance import root
from ringfence.lab.simulate.users.kinds import KINDS
from ringfence.stats.arrays import Codes

_NATURAL = {
    "collector": 0.02, "shop": 0.002, "family": 0.03, "newcomer": 0.03, "binger": 0.02,
    "shuffler": 0.01, "follower": 0.06,
}  # fmt: skip
_SALT = 1 << 44


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Users by kind; whoever is of no special kind is ordinary.

    Attributes:
        accounts: of all kinds together.
        collector: almost never return.
        shop: play all day, every day.
        family: logins shared by two to five people.
        newcomer: begin during the scenario.
        binger: have holidays full of music.
        shuffler: shuffle whole discographies.
        follower: play the same lists on the same days.
        granted: take in bulk under a grant.
        crawler: declared search engines.
        casual: listen on few days, a little each time.

    Raises:
        ValueError: a negative number, or more special accounts than accounts.
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
        counts = self.counts()
        if min(counts) < 0:
            raise ValueError("no kind of user may have fewer than 0 accounts, nor may all have")

    @classmethod
    def natural(cls, accounts: int) -> Self:
        """Return the mix of a population as it grows: assumed shares, nobody under a grant."""
        counts = {kind: round(share * accounts) for kind, share in _NATURAL.items()}
        return cls(accounts=accounts, **counts)

    def counts(self) -> tuple[int, ...]:
        """Return how many accounts there are of each kind, in the order of ``KINDS``."""
        special = [int(getattr(self, kind)) for kind in KINDS[1:]]
        return (self.accounts - sum(special), *special)

    def codes(self, seed: int) -> Codes:
        """Deal the kinds to the accounts, shuffled by a seed.

        Returns:
            (accounts,) positions in ``KINDS``.
        """
        order = np.argsort(root(seed, np.arange(_SALT, _SALT + self.accounts)), kind="stable")
        kind = np.empty(self.accounts, np.int8)
        kind[order] = np.repeat(np.arange(len(KINDS), dtype=np.int8), self.counts())
        return kind

"""List the kinds of users, and say how many accounts each has in a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from ringfence.lab.simulate.hashing import seeded_keys
from ringfence.lab.simulate.users.bulk_kinds import Crawler, GrantHolder, Shop
from ringfence.lab.simulate.users.client_kinds import (
    AlbumDownloader,
    Importer,
    Poller,
    Searcher,
)
from ringfence.lab.simulate.users.group_kinds import Campus, ReadingRoom, SchoolClass, Seminar
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
from ringfence.lab.simulate.users.machine_kinds import LinkChecker, Preserver, TextMiner
from ringfence.lab.simulate.users.occasion_kinds import ChainShop, ReleaseFollower
from ringfence.lab.simulate.users.offline_kinds import NewPhone, OfflineSyncer, Switcher
from ringfence.lab.simulate.users.reader_kinds import (
    ArchiveBinger,
    ArticleReader,
    Browser,
    EditionReader,
    FeedFollower,
    IssueBuyer,
    ReferenceManager,
)
from ringfence.lab.simulate.users.sequential_kinds import PageReader, SerialListener, Visitor
from ringfence.lab.simulate.users.site_kinds import (
    Dormitory,
    Institution,
    LinkFollower,
    MemberReader,
    NewsReader,
    Surfer,
)
from ringfence.lab.simulate.users.taste_kinds import DiscJockey, Editor, LanguageMinority
from ringfence.stats.arrays import Codes

MODELS: Final[tuple[UserKind, ...]] = (
    UserKind(), Collector(), Shop(), FamilyLogin(), Newcomer(), Binger(), Shuffler(), Follower(),
    GrantHolder(), Crawler(), Casual(),
    OfflineSyncer(), Switcher(), NewPhone(), DiscJockey(), Editor(), LanguageMinority(),
    SerialListener(), Visitor(), PageReader(), ArticleReader(), ReferenceManager(), ArchiveBinger(),
    IssueBuyer(), FeedFollower(), SchoolClass(), Seminar(), ReadingRoom(), Campus(),
    TextMiner(), Preserver(), LinkChecker(), Browser(), EditionReader(), ChainShop(),
    ReleaseFollower(),
    Surfer(), Institution(), Dormitory(), NewsReader(), LinkFollower(), MemberReader(),
    Importer(), Poller(), AlbumDownloader(), Searcher(),
)  # fmt: skip
"""The model of each kind, in the order of their codes. A new kind goes to the end."""

KINDS: Final = tuple(model.name for model in MODELS)
"""Names of the kinds; :attr:`ringfence.lab.simulate.users.Users.kind` counts from 0 here."""

_NATURAL: Final = {
    "collector": 0.02, "shop": 0.002, "family": 0.03, "newcomer": 0.03, "binger": 0.02,
    "shuffler": 0.01, "follower": 0.06,
}  # fmt: skip
_SALT: Final = 1 << 44


@dataclass(frozen=True)
class Mix:
    """The number of accounts of each kind.

    Attributes:
        accounts: all kinds together.
        special: number of accounts of each kind, by name.
        rest: the kind of all other accounts.

    Raises:
        ValueError: a kind does not exist, a number is negative, or the special kinds have more
            accounts than there are.
    """

    accounts: int
    special: Mapping[str, int] = field(default_factory=dict)
    rest: str = "ordinary"

    def __post_init__(self) -> None:
        """Check the kinds and the numbers."""
        if unknown := sorted({*self.special, self.rest} - {*KINDS}):
            raise ValueError(f"there is no kind of user {unknown[0]!r}")
        if min(self.counts()) < 0:
            raise ValueError("a kind of user has fewer than 0 accounts")

    @classmethod
    def natural(cls, accounts: int) -> Self:
        """Return the usual mix of a population: assumed shares, no grants and no crawlers."""
        return cls(accounts, {kind: round(share * accounts) for kind, share in _NATURAL.items()})

    def counts(self) -> tuple[int, ...]:
        """Return the number of accounts of each kind, in the order of :data:`KINDS`."""
        left = self.accounts - sum(self.special.values())
        return tuple(self.special.get(kind, 0) + left * (kind == self.rest) for kind in KINDS)

    def has_texts(self) -> bool:
        """Return whether any user reads texts."""
        pairs = zip(MODELS, self.counts(), strict=True)
        return any(model.reads_texts and count for model, count in pairs)

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

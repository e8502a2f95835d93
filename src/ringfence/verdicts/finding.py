"""What a scan says of an account: the finding, and what its page of evidence is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from ringfence.evidence import Evidence
from ringfence.verdicts.ring_profile import RingProfile

Verdict = Literal["extracting", "suspect"]


@dataclass(frozen=True)
class Coverage:
    """How much of the catalogue a set of items is, as shares in [0, 1].

    Attributes:
        catalogue: share of the catalogue's items.
        use: share of all use (popularity) that these items carry.
    """

    catalogue: float
    use: float


@dataclass(frozen=True)
class Profile:
    """What the plots of one finding show. All times are UTC.

    Attributes:
        days: one (day, uses, items new to the account) a day with use, in order.
        week: uses by hour of the week, 168 numbers from Monday 00:00.
        popularity: one (accounts that hold an item, up to and including; share of this account's
            items; share of all holdings) a bucket, from the least popular on.
        standing: one (test, share of accounts that are less extreme, in [0, 1]) a test.
        sample: some of the item ids, first taken first.
        clients: one (client name, events) a client, most used first; empty if the log has none.
        networks: number of distinct networks; 0 if the log has no addresses.
    """

    days: tuple[tuple[date, int, int], ...]
    week: tuple[int, ...]
    popularity: tuple[tuple[int, float, float], ...]
    standing: tuple[tuple[str, float], ...]
    sample: tuple[str, ...]
    clients: tuple[tuple[str, int], ...] = ()
    networks: int = 0


@dataclass(frozen=True)
class Finding:
    """An account (or ring) with its evidence, a verdict and the action advised.

    Attributes:
        kind: ``account`` or ``ring``.
        id: the account's id, or the ring's.
        accounts: the accounts it is about.
        verdict: ``extracting`` or ``suspect``.
        p_value: under "this is a reader": the lesser of that of all evidence together and that of
            how much is taken alone, which counts for no less than 1e-5. A ring's is the chance that
            any group of independent accounts in the scan collides so little.
        expected_false: how many honest accounts (groups of them, of a ring) a scan of this size
            shows at this p-value or below.
        items: distinct items held.
        uses: uses (double clicks count once).
        coverage: what the holding is of the catalogue and of all use.
        first: first use, UTC.
        last: last use, UTC.
        action: observe, throttle, challenge or suspend; advice only.
        evidence: strongest first.
        profile: what the plots show, None where it was not asked for.
        ring: what the page of a ring shows, None where it was not asked for and of accounts.
    """

    kind: Literal["account", "ring"]
    id: str
    accounts: tuple[str, ...]
    verdict: Verdict
    p_value: float
    expected_false: float
    items: int
    uses: int
    coverage: Coverage
    first: datetime
    last: datetime
    action: str
    evidence: tuple[Evidence, ...]
    profile: Profile | None = field(default=None, compare=False)
    ring: RingProfile | None = field(default=None, compare=False)

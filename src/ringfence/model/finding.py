"""What a scan says of an account: the finding, and what its page of evidence is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ringfence.model.evidence import Evidence
from ringfence.model.profile import Profile, RingProfile

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
class Finding:
    """An account (or ring) with its evidence, a verdict and the action advised.

    Attributes:
        kind: ``account`` or ``ring``.
        id: the account's id, or the ring's.
        accounts: the accounts it is about.
        verdict: ``extracting`` or ``suspect``.
        p_value: under "this is a user": the lesser of that of all evidence together and that of
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

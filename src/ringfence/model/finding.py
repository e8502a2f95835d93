"""The finding: an account or ring with its evidence, a verdict and advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from ringfence.model.case_status import CaseStatus
from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.evidence import Evidence
from ringfence.model.fields import RECORD, Amount, Count, Instant, Proportion
from ringfence.model.profile import Profile
from ringfence.model.ring_profile import RingProfile

Action = Literal["observe", "throttle", "challenge", "suspend"]
"""The action that a finding advises."""

Verdict = Literal["extracting", "suspect"]
"""The conclusion about an account or ring that stands out."""


@dataclass(frozen=True)
class Coverage:
    """The shares of the catalogue and of all use that a set of items makes up."""

    __pydantic_config__ = RECORD

    catalogue: Proportion
    """Share of the items of the catalogue, in [0, 1]."""
    use: Proportion
    """Share of all use (popularity) that these items carry, in [0, 1]."""


@dataclass(frozen=True)
class Finding:
    """An account or ring with its evidence, a verdict and the advised action."""

    __pydantic_config__ = RECORD

    kind: Literal["account", "ring"]
    """`account` or `ring`."""
    id: str
    """Id of the account or of the ring."""
    accounts: Annotated[tuple[str, ...], Field(min_length=1)]
    """The accounts that the finding is about."""
    verdict: Verdict
    """`extracting` or `suspect`."""
    p_value: Proportion
    """For an account: the smaller of two p-values, the combined one and the volume p-value alone.
    The volume p-value is floored at 1e-5, because one family of evidence does not convict. So
    is a combined one with evidence that counts for suspicion only. For a ring: the probability
    that any group of independent accounts in the scan has as few items in common (or, in
    lockstep, as many at the same times)."""
    expected_false: Amount
    """Number of honest accounts (for a ring: of groups of independent accounts) that a scan of this
    size is expected to show at this p-value or below."""
    items: Count
    """Number of distinct items held."""
    member_items: Annotated[tuple[Count, ...], Field(exclude_if=lambda counts: not counts)] = field(
        default=(), kw_only=True
    )
    """Number of distinct items that each account of a ring holds, in the order of `accounts`.
    Absent for an account."""
    uses: Count
    """Number of uses. A double click counts once."""
    coverage: Coverage
    """Share of the catalogue and of all use that the items make up."""
    first: Instant
    """Time of the first use, UTC."""
    last: Instant
    """Time of the last use, UTC."""
    may_be_stolen: Annotated[bool, Field(exclude_if=lambda said: not said)] = field(
        default=False, kw_only=True
    )
    """Whether the login may be stolen: use from new networks and clients is unlike the account's
    own past. This accuses nobody: reset the credentials and contact the owner. Of a ring: whether
    this holds for half of its accounts. Absent if not."""
    action: Action
    """Advised action: `observe`, `throttle`, `challenge` or `suspend`. Nothing has been done."""
    evidence: tuple[Evidence, ...]
    """The answers of the evidence tests, smallest p-value first."""
    details: Annotated[AccountDetails | None, Field(exclude_if=lambda known: known is None)] = None
    """Details of an account from the operator's tables; absent if there are none."""
    clients: Annotated[tuple[str, ...], Field(exclude_if=lambda names: not names)] = ()
    """Client names as in the log, at most three: those of most accounts first, then those with the
    most events. Absent if the log names none."""
    case: Annotated[CaseStatus | None, Field(exclude_if=lambda case: case is None)] = None
    """The knowledge of the case store about the finding. Only a scan with `--cases` has it."""
    sample: Annotated[tuple[ItemDetails, ...], Field(exclude_if=lambda items: not items)] = ()
    """Some of the items, first taken first. Only a finding with a page in the report has them."""
    profile: Annotated[Profile | None, Field(exclude=True), PlainValidator(lambda _: None)] = field(
        default=None, compare=False
    )
    """Data of the charts of an account. It is not written to files."""
    ring: Annotated[RingProfile | None, Field(exclude_if=lambda ring: ring is None)] = field(
        default=None, compare=False
    )
    """The content of the page of a ring. Only a ring with a page in the report has it."""

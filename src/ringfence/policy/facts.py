"""Facts that the policy knows about accounts, and about earlier decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringfence.cases.growth import Snapshot
from ringfence.model.case_status import CaseState
from ringfence.model.details import AccountDetails
from ringfence.model.finding import Action
from ringfence.policy_settings import AccountClass, ClassSettings


@dataclass(frozen=True)
class AccountFacts:
    """The facts that are known about one account.

    Attributes:
        classes: its classes.
        stolen: why its login may be stolen, as a sentence; empty if nothing suggests it.
        listed: whether its plan or state is known, from which its classes follow. A visitor has
            neither.
    """

    classes: frozenset[AccountClass] = frozenset()
    stolen: str = ""
    listed: bool = True


@dataclass(frozen=True)
class ScanFacts:
    """The facts that are known about a scan.

    Attributes:
        accounts: the facts about accounts of findings. Of an account that is not listed, nothing
            is known.
        active: number of accounts with a use in the last 30 days of the ledger.
    """

    accounts: Mapping[str, AccountFacts]
    active: int


@dataclass(frozen=True)
class PastDecision:
    """An earlier decision about the same case.

    Attributes:
        action: what was decided.
        known: what was known about the finding when it was decided.
        by_machine: whether the policy made it.
        in_force: whether it has not ended.
    """

    action: Action
    known: Snapshot
    by_machine: bool = True
    in_force: bool = True


@dataclass(frozen=True)
class CaseHistory:
    """A case, as the policy sees it.

    Attributes:
        state: of the case, after the scan.
        decisions: oldest first. Outside shadow mode, decisions in shadow mode are left out.
        left_to_people: number of its accounts about which a person has ever decided.
    """

    state: CaseState = "open"
    decisions: tuple[PastDecision, ...] = ()
    left_to_people: int = 0

    @property
    def in_force(self) -> PastDecision | None:
        """The decision that has not ended, if there is one."""
        return next((one for one in self.decisions if one.in_force), None)

    @property
    def last(self) -> PastDecision | None:
        """The last decision, if there is one."""
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True)
class Budget:
    """The automatic suspensions of a day.

    Attributes:
        limit: number of accounts that the policy may suspend within 24 hours.
        used: number of accounts that it has suspended.
    """

    limit: int
    used: int = 0

    def allows(self, action: Action, accounts: int) -> bool:
        """Return whether the policy may take an action. Past the limit, it takes none."""
        return self.used < self.limit and (
            action != "suspend" or self.used + accounts <= self.limit
        )


def classes_of(
    details: AccountDetails | None, settings: ClassSettings, now: datetime
) -> frozenset[AccountClass]:
    """Return the classes of an account.

    Args:
        details: what the accounts table says about it, if anything.
        settings: the values of each class.
        now: the time of the scan, with a zone.
    """
    if details is None:
        return frozenset()
    listed: dict[AccountClass, tuple[str, ...]] = {
        "paying": settings.paying,
        "institution": settings.institution,
        "employee": settings.employee,
    }
    values = {text.strip().casefold() for text in (details.plan, details.status)}
    found = {name for name, texts in listed.items() if values & {_plain(text) for text in texts}}
    if details.created and now - details.created < timedelta(days=settings.new_days):
        found.add("new")
    return frozenset(found)


def _plain(text: str) -> str:
    return text.strip().casefold()

"""Replay policies over the past days of a ledger: whom each would have hit, and when.

Each day is judged as a scan at its end would have judged it. The decisions of each policy are kept
in a store of its own, in a temporary folder, so limits, ends and escalation work as they do live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from ringfence.cases import CaseStore, expire_decisions, open_store, record
from ringfence.cases.left_to_people import copy_left_to_people
from ringfence.cases.moments import to_moment
from ringfence.cases.stolen_login import remember_thefts
from ringfence.evidence import all_tests, canary_tests
from ringfence.ledger import Ledger
from ringfence.ledger.days_by_time import days_by_time
from ringfence.ledger.past_days import end_of, past_days
from ringfence.model.exemption import Exemption
from ringfence.model.finding import Action, Finding
from ringfence.pipeline.folders import scratch_folder
from ringfence.pipeline.policy_facts import policy_facts
from ringfence.pipeline.steps import concluded, find_rings, measure
from ringfence.policy import Proposal, ScanFacts, apply_policy
from ringfence.policy_settings import PolicySettings
from ringfence.progress import Progress
from ringfence.settings import Settings
from ringfence.verdicts import judge

_STEP: Final = timedelta(minutes=15)
_STEPS_PER_DAY: Final = 96


@dataclass(frozen=True)
class Hit:
    """One thing that a policy would have done.

    Attributes:
        policy: its name.
        day: the day at whose end it would have been done.
        case: the account or ring, by the id of its first finding; the same for all policies.
        kind: ``account`` or ``ring``.
        accounts: names of its accounts.
        action: the action.
        automatic: whether no person is needed.
        why: why a person must decide; empty if automatic.
    """

    policy: str
    day: date
    case: str
    kind: str
    accounts: tuple[str, ...]
    action: Action
    automatic: bool
    why: str


@dataclass(frozen=True)
class PolicyReplay:
    """The result of a replay.

    Attributes:
        policies: the names of the policies.
        days: the days that were judged.
        hits: in the order of time.
    """

    policies: tuple[str, ...]
    days: tuple[date, ...]
    hits: tuple[Hit, ...]


def replay_policies(  # noqa: PLR0913 - each is one thing that a caller may want to say
    ledger: Path,
    policies: Mapping[str, PolicySettings],
    settings: Settings,
    *,
    last: int,
    catalogue: Path | None = None,
    accounts: Path | None = None,
    exemptions: Sequence[Exemption] = (),
    left_to_people: Mapping[str, int] | None = None,
    stolen: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    by_time: bool = False,
) -> PolicyReplay:
    """Judge each past day of a ledger, and apply every policy to what is found.

    This costs one scan per day without reading the logs. The ledger is not changed.

    Args:
        ledger: the ledger file.
        policies: by name.
        settings: all other settings of the scans.
        last: number of days, up to the last one of the ledger.
        catalogue: file with all items.
        accounts: table of the accounts, from which their classes come.
        exemptions: grants, each of which counts between its dates.
        left_to_people: accounts about which a person has decided, with the moment: no policy acts
            on them by itself from then on.
        stolen: accounts whose logins may be stolen, with the moment of the decision that says so.
        progress: receives each day.
        by_time: whether days are cut by the times in the ledger, and not by its sources. The
            ledger of the service has merged them.

    Raises:
        RingfenceError: the ledger, the catalogue or the table cannot be used.
    """
    progress = progress or Progress()
    days: list[date] = []
    hits: list[Hit] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(settings))
        replays = [
            _OneReplay(
                name,
                policy,
                stack.enter_context(open_store(scratch / f"{number}.sqlite")),
                (left_to_people or {}, stolen or {}),
            )
            for number, (name, policy) in enumerate(policies.items())
        ]
        progress.begin(last, lambda: -1)
        stack.callback(progress.end)
        past = days_by_time if by_time else past_days
        for day, book in past(ledger, settings, last):
            progress.step(f"{day:%Y-%m-%d}")
            days.append(day)
            found = judge_day(book, settings, catalogue, accounts, exemptions)
            for one in replays:
                hits += one.apply(book, found, day)
    return PolicyReplay(tuple(policies), tuple(days), tuple(hits))


def judge_day(
    book: Ledger,
    settings: Settings,
    catalogue: Path | None,
    accounts: Path | None,
    exemptions: Sequence[Exemption] = (),
) -> tuple[Finding, ...]:
    """Return the findings in a ledger, most certain first.

    Args:
        book: merged.
        settings: of the scan.
        catalogue: file with all items.
        accounts: table of the accounts.
        exemptions: grants.
    """
    measured = measure(book, catalogue, accounts, exemptions)
    scored = judge(
        measured.context, lambda _: None, (*all_tests(()), *canary_tests(settings.canaries.file))
    )
    rings = find_rings(measured.context, scored)
    found = concluded(measured, scored, rings, settings)
    ordered = sorted(found, key=lambda one: (one.expected_false, one.p_value, -one.items))
    return tuple(ordered)


class _OneReplay:
    """One policy with its store."""

    def __init__(
        self,
        name: str,
        settings: PolicySettings,
        store: CaseStore,
        memories: tuple[Mapping[str, int], Mapping[str, int]],
    ) -> None:
        self._name = name
        self._settings = settings
        self._store = store
        self._left_to_people, self._stolen = memories
        self._subjects: dict[int, Finding] = {}
        self._waiting: dict[int, Action] = {}

    def apply(self, book: Ledger, found: Sequence[Finding], day: date) -> list[Hit]:
        """Do what a scan at the end of a day does, and return what was done."""
        now = after_quiet_hours(self._settings, end_of(day))
        advised = [replace(one, action=getattr(self._settings, one.verdict)) for one in found]
        facts = policy_facts(book.engine, advised, self._settings.classes, now)
        return list(self._decide(advised, facts, day, to_moment(now)))

    def _decide(
        self, found: Sequence[Finding], facts: ScanFacts, day: date, moment: int
    ) -> Iterator[Hit]:
        with self._store.writing() as connection:
            expire_decisions(connection, moment)
            copy_left_to_people(connection, self._left_to_people, moment)
            remember_thefts(connection, self._stolen, moment)
            statuses = record(connection, found, moment)
            outcomes = apply_policy(connection, self._settings, found, statuses, facts, moment)
        for finding, status, outcome in zip(found, statuses, outcomes, strict=True):
            first = self._subjects.setdefault(status.case, finding)
            if outcome.proposal and self._is_news(status.case, outcome.proposal):
                yield self._hit(day, first.id, finding, outcome.proposal)

    def _is_news(self, case: int, proposal: Proposal) -> bool:
        """Return whether a reviewer does not see the same proposal from the day before."""
        if proposal.automatic:
            self._waiting.pop(case, None)
            return True
        if self._waiting.get(case) == proposal.action:
            return False
        self._waiting[case] = proposal.action
        return True

    def _hit(self, day: date, subject: str, finding: Finding, proposal: Proposal) -> Hit:
        return Hit(
            self._name,
            day,
            subject,
            finding.kind,
            finding.accounts,
            proposal.action,
            proposal.automatic,
            proposal.why,
        )


def after_quiet_hours(settings: PolicySettings, moment: datetime) -> datetime:
    """Return a moment, or the end of the quiet hours that it is in.

    A replay has no clock, so no scan of it falls into quiet hours, unless the whole day is quiet.
    """
    moments = (moment + n * _STEP for n in range(_STEPS_PER_DAY))
    return next((one for one in moments if not settings.is_quiet(one)), moment)

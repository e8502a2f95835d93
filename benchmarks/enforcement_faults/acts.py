"""The acts after which a process delivers: each has a part before the fault, and one in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select
from tests.cases.findings import finding, ring
from tests.policy.policies import SUSPEND, policy

from ringfence.cases import (
    Act,
    Author,
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    end_case,
    end_grant,
    receive_appeal,
    record,
)
from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.cases.moving import read_case
from ringfence.cases.schema import CASES, GRANTS
from ringfence.model.finding import Action
from ringfence.policy import ScanFacts, apply_policy

ANA: Final = Author("ana")
BO: Final = Author("bo")

HOUR: Final = MICROSECONDS_PER_DAY // 24


@dataclass(frozen=True)
class Stage:
    """The store and the accounts of one trial.

    Attributes:
        store: the store.
        trial: number of the trial; its accounts are in no other one.
        moment: time of the trial, microseconds since 1970.
    """

    store: CaseStore
    trial: str
    moment: int

    @property
    def account(self) -> str:
        """The account that is found by itself."""
        return f"ann-{self.trial}"

    @property
    def other(self) -> str:
        """The account that is found in a ring only."""
        return f"bob-{self.trial}"

    def open(self) -> None:
        """Open a case about the account, and one about the ring of both."""
        found = (finding(self.account), ring(self.account, self.other, name=f"ring-{self.trial}"))
        with self.store.writing() as connection:
            record(connection, found, self.moment)

    def decide(self, kind: str, action: Action, hours: int = 0) -> None:
        """Decide about a case, in place of the decision in force."""
        until = self.moment + hours * HOUR if hours else None
        with self.store.writing() as connection:
            case = self.case(connection, kind)
            ruling = Ruling(action, "too many items", "terms 5.2", until, shadow=False)
            decide(connection, case, ruling, self.act(connection, kind, ANA))

    def case(self, connection: Connection, kind: str) -> int:
        """Return the number of the case about the account or the ring."""
        subject = self.account if kind == "account" else f"ring-{self.trial}"
        return int(
            connection.execute(select(CASES.c.id).where(CASES.c.subject == subject)).scalar_one()
        )

    def act(self, connection: Connection, kind: str, author: Author) -> Act:
        """Return an act of a person who has looked at the case as it is."""
        version = read_case(connection, self.case(connection, kind)).version
        return Act(author, self.moment, version)


def _decide(stage: Stage) -> None:
    stage.decide("ring", "throttle")
    stage.decide("account", "suspend")


def _decided(stage: Stage) -> None:
    stage.open()
    _decide(stage)


def _replace(stage: Stage) -> None:
    stage.decide("account", "challenge")
    stage.decide("ring", "suspend")


def _scan(stage: Stage) -> None:
    """Do what a scan does at its end, with a policy that is enforced."""
    rules = policy(SUSPEND, mode="enforce", most_share_per_day=1, most_suspensions_per_day=100_000)
    found = [finding(stage.account), ring(stage.account, stage.other, name=f"ring-{stage.trial}")]
    with stage.store.writing() as connection:
        statuses = record(connection, found, stage.moment)
        facts = ScanFacts({}, 100_000)
        apply_policy(connection, rules, found, statuses, facts, stage.moment)


def _appealed(stage: Stage) -> None:
    _decided(stage)
    with stage.store.writing() as connection:
        case, act = stage.case(connection, "account"), stage.act(connection, "account", BO)
        receive_appeal(connection, case, "it was a sync", stage.moment + HOUR, act)


def _overturn(stage: Stage) -> None:
    with stage.store.writing() as connection:
        case, act = stage.case(connection, "account"), stage.act(connection, "account", BO)
        answer_appeal(connection, case, "overturned", "you are right", act)


def _reinstate(stage: Stage) -> None:
    for kind in ("account", "ring"):
        with stage.store.writing() as connection:
            case, act = stage.case(connection, kind), stage.act(connection, kind, BO)
            end_case(connection, case, "reinstate", "a mistake", act)


def _reinstated(stage: Stage) -> None:
    _decided(stage)
    _reinstate(stage)


def _granted(stage: Stage) -> None:
    stage.open()
    asked = Permission(
        stage.account, "archive", "cal@example.org", stage.moment, stage.moment + 99 * HOUR
    )
    with stage.store.writing() as connection:
        add_grant(connection, asked, Act(ANA, stage.moment))


def _end_grant(stage: Stage) -> None:
    """End the grant, and decide about the ring that its account is in."""
    with stage.store.writing() as connection:
        query = select(GRANTS.c.id).where(GRANTS.c.account == stage.account)
        grant = int(connection.execute(query).scalar_one())
        end_grant(connection, grant, "it is over", Act(BO, stage.moment))
    stage.decide("ring", "suspend")


def _decided_for_an_hour(stage: Stage) -> None:
    stage.open()
    stage.decide("account", "suspend", hours=1)
    stage.decide("ring", "challenge", hours=1)


def _nothing(_: Stage) -> None:
    """Only deliver. Delivery ends the decisions whose time is over."""


@dataclass(frozen=True)
class Plan:
    """One act.

    Attributes:
        before: what is done before the fault.
        told: whether that is delivered before the fault too.
        act: what is done in the process that has the fault, before it delivers.
    """

    before: Callable[[Stage], None]
    told: bool
    act: Callable[[Stage], None]


PLANS: Final[Mapping[str, Plan]] = {
    "two decisions": Plan(Stage.open, False, _decide),
    "decisions replaced": Plan(_decided, True, _replace),
    "policy decides": Plan(_nothing, False, _scan),
    "appeal overturned": Plan(_appealed, True, _overturn),
    "reinstatement": Plan(_decided, True, _reinstate),
    "grant ends": Plan(_granted, False, _end_grant),
    "decisions expire": Plan(_decided_for_an_hour, True, _nothing),
    "delivery": Plan(_reinstated, False, _nothing),
}
"""The acts by their names."""

"""Test what holds after any sequence of commands, on either database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select
from tests.cases.findings import ANA, BO, at, finding, moment, ring

from ringfence.cases import (
    POLICY,
    Act,
    AppealOutcome,
    Author,
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    dismiss,
    end_case,
    expire_decisions,
    faults,
    open_store,
    receive_appeal,
    record,
    release_account,
    reopen,
)
from ringfence.cases.outbox import held_accounts
from ringfence.cases.schema import APPEALS, AUDIT, CASES, DECISIONS
from ringfence.errors import CasesError
from ringfence.model.finding import Action

ACCOUNTS = ("ann", "bob", "eve")
PEOPLE = st.sampled_from([ANA, BO])
EVERYBODY = st.sampled_from([ANA, BO, POLICY])
NAMED = st.sampled_from(["", *ACCOUNTS])
CASE = st.integers(1, 4)


class Commands(RuleBasedStateMachine):
    """Reviewers, policy and scans do whatever they like, in any order."""

    url: str
    store: CaseStore

    def __init__(self) -> None:
        super().__init__()
        self.store = open_store(type(self).url)
        self.day = 0.0
        self.items = 1_000

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()

    def do(self, what: Callable[[Connection, int], Any]) -> None:
        """Run a command; a refusal is an answer too."""
        self.day += 0.25
        try:
            with self.store.writing() as connection:
                what(connection, moment(self.day))
        except CasesError:
            pass

    @rule(
        accounts=st.sets(st.sampled_from(ACCOUNTS), min_size=1),
        more=st.integers(0, 3_000),
        verdict=st.sampled_from(["suspect", "extracting"]),
    )
    def scan(self, accounts: set[str], more: int, verdict: str) -> None:
        """Find some accounts, and a ring of two."""
        self.items += more
        changes = {"items": self.items, "last": at(self.day), "verdict": verdict}
        found = [finding(name, **changes) for name in sorted(accounts)]
        found.append(ring("ann", "bob", **changes))
        self.do(lambda c, now: record(c, found, now))

    @rule(
        case=CASE,
        author=EVERYBODY,
        action=st.sampled_from(["observe", "throttle", "challenge", "suspend"]),
        reason=st.sampled_from(["", "fast"]),
        shadow=st.booleans(),
        days=st.none() | st.integers(-1, 3),
        version=st.none() | st.integers(1, 6),
    )
    def decide(  # noqa: PLR0913, PLR0917 - the parts of a decision
        self, case: int, author: Author, action: Action, reason: str, shadow: bool,
        days: int | None, version: int | None,
    ) -> None:  # fmt: skip
        """Decide about a case."""
        until = None if days is None else moment(self.day + days)
        order = Ruling(action, reason, "5", until, shadow)
        self.do(lambda c, now: decide(c, case, order, Act(author, now, version)))

    @rule(case=CASE, author=PEOPLE)
    def dismiss(self, case: int, author: Author) -> None:
        """Dismiss a case."""
        self.do(lambda c, now: dismiss(c, case, "honest", Act(author, now)))

    @rule(case=CASE, author=PEOPLE)
    def reopen(self, case: int, author: Author) -> None:
        """Open a case again."""
        self.do(lambda c, now: reopen(c, case, "look again", Act(author, now)))

    @rule(case=CASE, author=PEOPLE)
    def reinstate(self, case: int, author: Author) -> None:
        """End a decision."""
        self.do(lambda c, now: end_case(c, case, "reinstate", "mistake", Act(author, now)))

    @rule(case=CASE, account=NAMED, author=PEOPLE)
    def appeal(self, case: int, account: str, author: Author) -> None:
        """Appeal against a decision."""
        self.do(lambda c, now: receive_appeal(c, case, "why", now + 1, Act(author, now), account))

    @rule(
        case=CASE, account=NAMED, author=PEOPLE, outcome=st.sampled_from(["upheld", "overturned"])
    )
    def answer(self, case: int, account: str, author: Author, outcome: AppealOutcome) -> None:
        """Answer an appeal."""
        self.do(lambda c, now: answer_appeal(c, case, outcome, "so", Act(author, now), account))

    @rule(case=CASE, account=st.sampled_from(ACCOUNTS), author=PEOPLE)
    def release(self, case: int, account: str, author: Author) -> None:
        """Release one account from a decision."""
        self.do(lambda c, now: release_account(c, case, account, "mistake", Act(author, now)))

    @rule()
    def expire(self) -> None:
        """Let time pass."""
        self.do(expire_decisions)

    @rule(account=st.sampled_from(ACCOUNTS), author=PEOPLE)
    def grant(self, account: str, author: Author) -> None:
        """Permit bulk access."""
        end = moment(self.day + 30)
        permitted = Permission(account, "mining", "me", moment(0), end)
        self.do(lambda c, now: add_grant(c, permitted, Act(author, now)))

    @invariant()
    def the_audit_is_whole(self) -> None:
        """No act is missing from the audit, and no row from the chain."""
        with self.store.reading() as connection:
            assert list(faults(connection)) == []

    @invariant()
    def every_decision_states_its_reason(self) -> None:
        """No decision lacks a reason, an author, facts, or a row in the audit log."""
        with self.store.reading() as connection:
            made = connection.execute(select(DECISIONS)).all()
            said = connection.execute(
                select(func.count()).select_from(AUDIT).where(AUDIT.c.event == "decision")
            ).scalar_one()
        assert len(made) == said
        for decision in made:
            assert decision.reason
            assert decision.author
            assert json.loads(decision.facts)["evidence"]

    @invariant()
    def the_state_says_what_is_in_force(self) -> None:
        """Only a case that is decided or appealed has a decision in force, and only one."""
        with self.store.reading() as connection:
            for case in connection.execute(select(CASES)).all():
                force = select(DECISIONS).where(
                    DECISIONS.c.case_id == case.id, DECISIONS.c.ended.is_(None)
                )
                number = len(connection.execute(force).all())
                most = 1 if case.state in {"decided", "appealed"} else 0
                assert number <= most
                assert case.state != "decided" or number == 1

    @invariant()
    def shadow_mode_ends_nothing(self) -> None:
        """No decision in shadow mode has replaced one with effect."""
        with self.store.reading() as connection:
            made = {row.id: row for row in connection.execute(select(DECISIONS))}
        for decision in made.values():
            why = decision.end_reason or ""
            if why.startswith("replaced by decision ") and not decision.shadow:
                assert not made[int(why.removeprefix("replaced by decision "))].shadow

    @invariant()
    def appeals_are_answered_by_others(self) -> None:
        """Nobody answers an appeal against his or her own decision, and only one per account waits.

        A case is appealed exactly while an appeal is open.
        """
        with self.store.reading() as connection:
            appealed = set(
                connection.execute(select(CASES.c.id).where(CASES.c.state == "appealed")).scalars()
            )
            rows = connection.execute(
                select(APPEALS, DECISIONS.c.author, DECISIONS.c.case_id)
                .join(DECISIONS, APPEALS.c.decision_id == DECISIONS.c.id)
                .join(CASES, DECISIONS.c.case_id == CASES.c.id)
            ).all()
        for appeal in rows:
            assert appeal.answered_by != appeal.author
        waiting = [(one.case_id, one.account) for one in rows if one.answered is None]
        assert len(waiting) == len(set(waiting))
        assert appealed == {case for case, _ in waiting}

    @invariant()
    def a_decision_with_an_effect_applies_to_somebody(self) -> None:
        """A decision in force that restricts has an account left to which it applies."""
        with self.store.reading() as connection:
            force = select(DECISIONS).where(
                DECISIONS.c.ended.is_(None), ~DECISIONS.c.shadow, DECISIONS.c.action != "observe"
            )
            for decision in connection.execute(force).all():
                assert held_accounts(connection, decision.id)


@pytest.mark.slow
def test_nothing_breaks_the_rules(new_url: Callable[[], str]) -> None:
    """No sequence of commands leads to a decision without reason or audit, or a stuck case."""

    def fresh() -> Commands:
        Commands.url = new_url()
        return Commands()

    run_state_machine_as_test(
        fresh,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

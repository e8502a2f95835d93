"""Whatever is decided and whatever fails, sinks end in the state that the decisions imply."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select
from tests.cases.findings import ANA, BO, by, moment
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.sinks import MemorySink, MemoryState

from ringfence.cases import (
    Act,
    AppealOutcome,
    CaseStore,
    answer_appeal,
    open_store,
    receive_appeal,
    release_account,
    reopen,
)
from ringfence.cases.effects import STRENGTH
from ringfence.cases.outbox import all_states
from ringfence.cases.schema import DECISIONS, EFFECTS, OUTBOX
from ringfence.enforcement import deliver
from ringfence.enforcement.backoff import CAP
from ringfence.enforcement.lease import LEASE, Lease
from ringfence.errors import CasesError

GROUPS = (("ann",), ("bob",), ("ann", "bob", "cal"), ("cal", "dan", "eve"))
"""The accounts of each case: some are in several."""

CASES = st.integers(0, len(GROUPS) - 1)
PICKS = st.integers(0, 2)
FAILURES = st.lists(st.sampled_from(["", "retry", "lost"]), max_size=6)


class Enforcement(RuleBasedStateMachine):
    """Decide, replace, end and deliver in any order, with sinks that fail in any way."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ringfence-machine-")
        self.store: CaseStore = open_store(Path(self.folder.name) / "cases.sqlite")
        self.cases = [open_case(self.store, *accounts) for accounts in GROUPS]
        self.in_force: dict[int, str] = {}
        self.binding: set[int] = set()
        self.members: dict[int, set[str]] = {}
        self.appeals: dict[int, set[str]] = {}
        self.moment = moment(5)
        self.sink = MemorySink("one")
        self.late = MemorySink("late")
        self.state = MemoryState()
        deliver(self.store, [self.sink], self.clock)

    def clock(self) -> int:
        """Return the moment."""
        return self.moment

    @rule(case=CASES, action=st.sampled_from(["observe", *STRENGTH]), shadow=st.booleans())
    def decide(self, case: int, action: str, shadow: bool) -> None:
        """Make a decision, or replace the one in force. An account that was released stays free.

        A decision in shadow mode never ends one that is not.
        """
        if self.appeals.get(case):
            return
        if shadow and case in self.binding:
            with pytest.raises(CasesError, match="one in shadow mode would end it"):
                order(self.store, self.cases[case], action, shadow=True)
            return
        self.members.setdefault(case, set(GROUPS[case]))
        order(self.store, self.cases[case], action, shadow=shadow)
        self.in_force[case] = "" if shadow or action == "observe" else action
        if not shadow:
            self.binding.add(case)

    @rule(case=CASES)
    def end(self, case: int) -> None:
        """End a decision; its case can be decided again after it was opened again."""
        if case in self.in_force and not self.appeals.get(case):
            end(self.store, self.cases[case])
            with self.store.writing() as connection:
                reopen(connection, self.cases[case], "found again", Act(ANA, moment(2)))
            self._forget(case)

    @rule(case=CASES, pick=PICKS)
    def release(self, case: int, pick: int) -> None:
        """Release one account; if it was the last one, the case is closed."""
        if self.in_force.get(case):
            free = sorted(self.members[case] - self.appeals.get(case, set()))
            if free:
                account = free[pick % len(free)]
                with self.store.writing() as connection:
                    number, act = self.cases[case], by(BO, 2)
                    release_account(connection, number, account, "a mistake", act)
                self._release(case, account)

    @rule(case=CASES, pick=PICKS)
    def appeal(self, case: int, pick: int) -> None:
        """Record the appeal of one account."""
        if self.in_force.get(case):
            quiet = sorted(self.members[case] - self.appeals.get(case, set()))
            if quiet:
                account = quiet[pick % len(quiet)]
                with self.store.writing() as connection:
                    number, act = self.cases[case], by(BO, 2)
                    receive_appeal(connection, number, "not me", moment(9), act, account)
                self.appeals.setdefault(case, set()).add(account)

    @rule(case=CASES, pick=PICKS, outcome=st.sampled_from(["upheld", "overturned"]))
    def answer(self, case: int, pick: int, outcome: AppealOutcome) -> None:
        """Answer one of the open appeals."""
        if waiting := sorted(self.appeals.get(case, ())):
            account = waiting[pick % len(waiting)]
            with self.store.writing() as connection:
                answer_appeal(connection, self.cases[case], outcome, "so", by(BO, 3), account)
            self.appeals[case].discard(account)
            if outcome == "overturned":
                self._release(case, account)

    def _release(self, case: int, account: str) -> None:
        """Take an account out of the model; open the case again if the account was the last one."""
        self.members[case].discard(account)
        if not self.members[case]:
            with self.store.writing() as connection:
                reopen(connection, self.cases[case], "found again", Act(ANA, moment(4)))
            self._forget(case)

    def _forget(self, case: int) -> None:
        for model in (self.in_force, self.members, self.appeals):
            model.pop(case, None)
        self.binding.discard(case)

    @rule(failures=FAILURES)
    def deliver(self, failures: list[str]) -> None:
        """Deliver to a sink that fails now and then, and to one that was there from the start."""
        self.sink.failures = list(failures)
        self.state.fails = "retry" in failures
        deliver(self.store, [self.sink, self.state], self.clock)

    @rule()
    def deliver_late(self) -> None:
        """Deliver to a sink that may be new."""
        deliver(self.store, [self.late], self.clock)

    @rule(case=CASES)
    def deliver_twice_at_once(self, case: int) -> None:
        """End a decision and start another delivery while the whole state is on its way."""

        def meanwhile() -> None:
            self.end(case)
            deliver(self.store, [self.state], self.clock)

        self.state.meanwhile = meanwhile
        deliver(self.store, [self.state], self.clock)
        self.state.meanwhile = None

    @rule()
    def die(self) -> None:
        """Let a process die that had taken the lease."""
        Lease(self.store, "one", self.clock).take()

    @rule(amount=st.sampled_from([1, LEASE, CAP]))
    def wait(self, amount: int) -> None:
        """Let time pass."""
        self.moment += amount

    @invariant()
    def nothing_is_told_out_of_order(self) -> None:
        """The numbers of the effects on an account never fall."""
        for sink in (self.sink, self.late):
            newest: dict[str, int] = {}
            for effect in sink.told:
                assert effect.number >= newest.get(effect.account, 0)
                newest[effect.account] = effect.number

    @invariant()
    def no_effect_without_a_decision(self) -> None:
        """Every effect in force is of a decision in force, with the same action, not a shadow."""
        with self.store.reading() as connection:
            for row in connection.execute(select(EFFECTS.c.effect, DECISIONS).join(DECISIONS)):
                assert row.effect == row.action
                assert row.ended is None
                assert not row.shadow

    @invariant()
    def only_these_accounts_are_held(self) -> None:
        """No release frees another account, and none leaves an account held, at any moment."""
        with self.store.reading() as connection:
            held = {account: hold.effect for account, hold in all_states(connection)}
        assert held == self._implied()

    def teardown(self) -> None:
        """Deliver everything, and compare every sink with the decisions in force."""
        self.sink.failures, self.state.fails = [], False
        self.moment += LEASE + CAP
        reports = deliver(self.store, [self.sink, self.late, self.state], self.clock)
        assert [report.busy or report.failed or report.dead for report in reports] == [0, 0, 0]
        assert self.sink.state == self.late.state == self.state.state == self._implied()
        with self.store.reading() as connection:
            keys = list(connection.execute(select(OUTBOX.c.key).order_by(OUTBOX.c.id)).scalars())
        # The sink was there before the first effect, so it missed none.
        assert {effect.key for effect in self.sink.told} == set(keys)
        self.store.close()
        self.folder.cleanup()

    def _implied(self) -> dict[str, str]:
        """Return the strongest action of all decisions in force, for each account."""
        found: dict[str, str] = {}
        for case, action in self.in_force.items():
            for account in self.members[case] if action else ():
                found[account] = max(found.get(account, action), action, key=STRENGTH.__getitem__)
        return found


TestEnforcement = pytest.mark.slow(Enforcement.TestCase)
TestEnforcement.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)

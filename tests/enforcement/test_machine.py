"""Whatever is decided and whatever fails, sinks end in the state that the decisions imply."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select
from tests.cases.findings import ANA, moment
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.sinks import MemorySink, MemoryState

from ringfence.cases import Act, CaseStore, open_store, reopen
from ringfence.cases.effects import STRENGTH
from ringfence.cases.schema import DECISIONS, EFFECTS, OUTBOX
from ringfence.enforcement import deliver
from ringfence.enforcement.backoff import CAP
from ringfence.enforcement.lease import LEASE, Lease

GROUPS = (("ann",), ("bob",), ("ann", "bob", "cal"), ("cal", "dan", "eve"))
"""The accounts of each case: some are in several."""

CASES = st.integers(0, len(GROUPS) - 1)
FAILURES = st.lists(st.sampled_from(["", "retry", "lost"]), max_size=6)


class Enforcement(RuleBasedStateMachine):
    """Decide, replace, end and deliver in any order, with sinks that fail in any way."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ringfence-machine-")
        self.store: CaseStore = open_store(Path(self.folder.name) / "cases.sqlite")
        self.cases = [open_case(self.store, *accounts) for accounts in GROUPS]
        self.in_force: dict[int, str] = {}
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
        """Make a decision, or replace the one in force."""
        order(self.store, self.cases[case], action, shadow=shadow)
        self.in_force[case] = "" if shadow or action == "observe" else action

    @rule(case=CASES)
    def end(self, case: int) -> None:
        """End a decision; its case can be decided again after it was opened again."""
        if case in self.in_force:
            end(self.store, self.cases[case])
            with self.store.writing() as connection:
                reopen(connection, self.cases[case], "found again", Act(ANA, moment(2)))
            del self.in_force[case]

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
            for account in GROUPS[case] if action else ():
                found[account] = max(found.get(account, action), action, key=STRENGTH.__getitem__)
        return found


TestEnforcement = pytest.mark.slow(Enforcement.TestCase)
TestEnforcement.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)

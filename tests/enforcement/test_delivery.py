"""Effects reach every sink, in order, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import func, select
from tests.cases.findings import ANA, moment
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.sinks import MemorySink, MemoryState

from ringfence.cases import Act, CaseStore
from ringfence.cases.schema import DELIVERIES
from ringfence.enforcement import Effect, Report, Standing, deliver, deliveries, resend
from ringfence.enforcement.backoff import BASE, CAP, MOST_TRIES, wait
from ringfence.enforcement.delivery import FAILURES_IN_A_ROW
from ringfence.enforcement.enrolment import enrol
from ringfence.enforcement.lease import LEASE, Lease
from ringfence.enforcement.waiting import REPEAT
from ringfence.errors import CasesError


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = moment(5)

    def __call__(self) -> int:
        """Return the moment."""
        return self.moment

    def pass_on(self, amount: int = CAP + 1) -> None:
        """Let time pass: by default until every attempt is due."""
        self.moment += amount


@pytest.fixture
def clock() -> Clock:
    """Return a clock at the fifth day."""
    return Clock()


def states(store: CaseStore) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    query = select(DELIVERIES.c.state, func.count().label("number")).group_by(DELIVERIES.c.state)
    with store.reading() as connection:
        return {row.state: row.number for row in connection.execute(query)}


def test_a_clock_that_was_ahead_delays_nothing(store: CaseStore, clock: Clock) -> None:
    """An attempt that failed a year ahead, and the lease of a killed process, wait no year."""
    sink = MemorySink("one", failures=["retry"])
    deliver(store, [sink], clock)
    order(store, open_case(store, "ann"), "suspend")
    year = 365 * 86_400_000_000
    assert deliver(store, [sink], lambda: clock() + year) == (
        Report("one", failed=1, error="it was a retry"),
    )
    assert Lease(store, "one", lambda: clock() + year).take()
    assert deliver(store, [sink], clock) == (Report("one", delivered=1),)


def test_effects_are_delivered_once_and_in_order(store: CaseStore, clock: Clock) -> None:
    """Each sink is told each effect with its key; a second run says nothing again."""
    sinks = [MemorySink("one"), MemorySink("two")]
    deliver(store, sinks, clock)
    case = open_case(store, "ann", "bob")
    decision = order(store, case, "suspend", until=moment(9))
    end(store, case)
    reports = deliver(store, sinks, clock)
    assert reports == (Report("one", delivered=4), Report("two", delivered=4))
    assert deliver(store, sinks, clock) == (Report("one"), Report("two"))
    for sink in sinks:
        assert sink.names("ann") == sink.names("bob") == ["suspend", "lift"]
        first = sink.told[0]
        assert (first.decision, first.until, first.ground) == (decision, moment(9), "terms 5.2")
    assert [one.key for one in sinks[0].told] == [one.key for one in sinks[1].told]


def test_a_new_sink_gets_the_present_state(store: CaseStore, clock: Clock) -> None:
    """A sink that was added later is told who is restricted now, and no history."""
    past = open_case(store, "ann")
    order(store, past, "suspend")
    end(store, past)
    present = open_case(store, "bob")
    order(store, present, "suspend")
    order(store, present, "throttle", at=3)
    sink = MemorySink()
    deliver(store, [sink], clock)
    assert [(one.account, one.name) for one in sink.told] == [("bob", "throttle")]


def test_an_account_waits_and_others_go_on(store: CaseStore, clock: Clock) -> None:
    """After a failure, later effects on the account wait; those on others are delivered."""
    sink = MemorySink(broken=frozenset({"ann"}))
    deliver(store, [sink], clock)
    for name in ("ann", "bob"):
        case = open_case(store, name)
        order(store, case, "suspend")
        end(store, case)
    (report,) = deliver(store, [sink], clock)
    assert (report.delivered, report.failed) == (2, 1)
    assert sink.names("ann") == []
    sink.broken = frozenset()
    clock.pass_on()
    deliver(store, [sink], clock)
    assert sink.names("ann") == ["suspend", "lift"]


def test_a_failed_attempt_waits_for_its_time(store: CaseStore, clock: Clock) -> None:
    """Before its time, a failed effect is not tried again."""
    order(store, open_case(store, "ann"), "suspend")
    sink = MemorySink(failures=["retry"])
    deliver(store, [sink], clock)
    assert deliver(store, [sink], clock) == (Report("memory"),)
    clock.pass_on()
    assert deliver(store, [sink], clock) == (Report("memory", delivered=1),)


def test_a_sink_that_is_down_is_left_alone(store: CaseStore, clock: Clock) -> None:
    """After a few failures in a row, a run does not try the other effects."""
    order(store, open_case(store, *(f"member {n}" for n in range(9))), "suspend")
    sink = MemorySink(failures=["retry"] * 9)
    (report,) = deliver(store, [sink], clock)
    assert report.failed == FAILURES_IN_A_ROW
    assert len(sink.failures) == 9 - FAILURES_IN_A_ROW


def test_a_lost_answer_repeats_the_key(store: CaseStore, clock: Clock) -> None:
    """An effect that was applied without an answer comes again, with the same key."""
    order(store, open_case(store, "ann"), "suspend")
    sink = MemorySink(failures=["lost"])
    deliver(store, [sink], clock)
    clock.pass_on()
    deliver(store, [sink], clock)
    assert len(sink.told) == 2
    assert sink.told[0] == sink.told[1]


def test_a_refusal_is_a_dead_letter_that_holds_nothing_up(store: CaseStore, clock: Clock) -> None:
    """A permanent refusal is not tried again, and later effects on the account go on."""
    case = open_case(store, "ann")
    sink = MemorySink(failures=["refuse"])
    deliver(store, [sink], clock)
    order(store, case, "suspend")
    end(store, case)
    (report,) = deliver(store, [sink], clock)
    assert (report.delivered, report.dead, report.error) == (1, 1, "it was a refuse")
    assert sink.names("ann") == ["lift"]
    with store.reading() as connection:
        (dead,) = deliveries(connection, "dead")
    assert (dead.account, dead.effect, dead.error) == ("ann", "suspend", "it was a refuse")


def test_too_many_tries_are_a_dead_letter(store: CaseStore, clock: Clock) -> None:
    """An effect that fails a hundred times, about two days, is given up."""
    order(store, open_case(store, "ann"), "suspend")
    sink = MemorySink(failures=["retry"] * MOST_TRIES)
    for _ in range(MOST_TRIES - 1):
        deliver(store, [sink], clock)
        assert states(store) == {"waiting": 1}
        clock.pass_on()
    deliver(store, [sink], clock)
    assert states(store) == {"dead": 1}


def test_a_dead_letter_is_sent_again(store: CaseStore, clock: Clock) -> None:
    """A person can send a dead letter again; another delivery is refused."""
    order(store, open_case(store, "ann"), "suspend")
    sink = MemorySink(failures=["refuse"])
    deliver(store, [sink], clock)
    with store.writing() as connection:
        resend(connection, 1, "memory", Act(ANA, clock()))
    deliver(store, [sink], clock)
    assert sink.names("ann") == ["suspend"]
    with pytest.raises(CasesError, match="not a dead letter"), store.writing() as connection:
        resend(connection, 1, "memory", Act(ANA, clock()))


def test_a_superseded_dead_letter_is_not_sent_again(store: CaseStore, clock: Clock) -> None:
    """After the account was lifted, the suspension before it cannot be sent."""
    case = open_case(store, "ann")
    sink = MemorySink(failures=["refuse"])
    order(store, case, "suspend")
    deliver(store, [sink], clock)
    end(store, case)
    deliver(store, [sink], clock)
    with pytest.raises(CasesError, match="newer effect"), store.writing() as connection:
        resend(connection, 1, "memory", Act(ANA, clock()))


def test_one_process_at_a_time(store: CaseStore, clock: Clock) -> None:
    """While a process holds the lease, others leave the sink alone, until the lease expires."""
    order(store, open_case(store, "ann"), "suspend")
    other = Lease(store, "memory", clock)
    assert other.take()
    sink = MemorySink()
    assert deliver(store, [sink], clock) == (Report("memory", busy=True),)
    clock.pass_on(LEASE)
    assert deliver(store, [sink], clock) == (Report("memory", delivered=1),)


def test_a_process_that_was_stopped_does_not_go_on(store: CaseStore, clock: Clock) -> None:
    """A process that wakes up after another one has delivered tells the sink nothing."""
    order(store, open_case(store, "ann", "bob"), "suspend")
    newer = MemorySink()

    class Stopping(MemorySink):
        def apply(self, effect: Effect) -> None:
            super().apply(effect)
            clock.pass_on(LEASE)
            deliver(store, [newer], clock)

    older = Stopping()
    (report,) = deliver(store, [older], clock)
    assert report.busy
    assert len(older.told) == 1
    assert newer.names("ann") == newer.names("bob") == ["suspend"]


def test_an_unexpected_error_tells_no_secret(store: CaseStore, clock: Clock) -> None:
    """Of an error that no sink should raise, only the type is kept."""

    class Careless(MemorySink):
        def apply(self, effect: Effect) -> None:
            raise RuntimeError(f"the password for {effect.account} is hunter2")

    order(store, open_case(store, "ann"), "suspend")
    (report,) = deliver(store, [Careless()], clock)
    assert report.error == "memory: unexpected RuntimeError"
    with store.reading() as connection:
        assert "hunter2" not in str(deliveries(connection))


def test_a_decision_whose_time_is_over_is_lifted(store: CaseStore, clock: Clock) -> None:
    """Delivery ends the decisions whose time is over, without a scan."""
    order(store, open_case(store, "ann"), "suspend", until=moment(6))
    sink = MemorySink()
    deliver(store, [sink], clock)
    assert sink.state == {"ann": "suspend"}
    clock.moment = moment(6)
    deliver(store, [sink], clock)
    assert sink.state == {}


def test_a_sink_of_states_is_given_all_accounts(store: CaseStore, clock: Clock) -> None:
    """It gets an empty state first, then each changed one, and is left alone in between."""
    sink = MemoryState()
    deliver(store, [sink], clock)
    assert (sink.calls, sink.state) == (1, {})
    case = open_case(store, "ann", "bob")
    order(store, case, "suspend")
    assert deliver(store, [sink], clock) == (Report("state", delivered=2),)
    assert sink.state == {"ann": "suspend", "bob": "suspend"}
    deliver(store, [sink], clock)
    assert sink.calls == 2
    end(store, case)
    deliver(store, [sink], clock)
    assert sink.state == {}


def test_a_failing_sink_of_states_is_tried_again(store: CaseStore, clock: Clock) -> None:
    """It is tried again for its first state and for later ones, and never gives up."""
    sink = MemoryState(fails=True)
    (report,) = deliver(store, [sink], clock)
    assert (report.failed, report.error) == (1, "it is away")
    order(store, open_case(store, "ann"), "suspend")
    for _ in range(MOST_TRIES + 1):
        deliver(store, [sink], clock)
        clock.pass_on()
    sink.fails = False
    deliver(store, [sink], clock)
    assert sink.state == {"ann": "suspend"}
    assert states(store) == {"done": 1}


def test_an_old_state_does_not_stay(store: CaseStore, clock: Clock) -> None:
    """A process that wakes up and replaces a newer state by its old one is corrected."""
    case = open_case(store, "ann")
    order(store, case, "suspend")
    shared = MemoryState()

    class Stopping(MemoryState):
        def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
            old = list(accounts)
            clock.pass_on(LEASE)
            end(store, case)
            deliver(store, [shared], clock)
            assert shared.state == {}
            return shared.replace(iter(old))

    assert deliver(store, [Stopping()], clock) == (Report("state", busy=True),)
    assert shared.state == {"ann": "suspend"}
    deliver(store, [shared], clock)
    assert shared.state == {}


def test_a_state_confirms_only_the_effects_in_it(store: CaseStore, clock: Clock) -> None:
    """Effects that were put down after the state was read still wait."""
    case = open_case(store, "ann")
    order(store, case, "suspend")

    class Slow(MemoryState):
        def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
            refused = super().replace(accounts)
            if self.calls == 1:
                end(store, case)
                with store.writing() as connection:
                    enrol(connection, self.name, clock())
            return refused

    sink = Slow()
    assert deliver(store, [sink], clock) == (Report("state", delivered=1),)
    assert states(store) == {"done": 1, "waiting": 1}
    deliver(store, [sink], clock)
    assert sink.state == {}


def test_an_account_that_a_state_cannot_express_is_a_dead_letter(
    store: CaseStore, clock: Clock
) -> None:
    """The effect on it is a dead letter with the reason; the others are done."""
    order(store, open_case(store, "ann", "b\nb"), "suspend")
    sink = MemoryState(refuses={"b\nb": "the name contains a line break"})
    (report,) = deliver(store, [sink], clock)
    assert (report.delivered, report.dead, report.error) == (1, 1, "the name contains a line break")
    assert states(store) == {"dead": 1, "done": 1}


def test_waits_grow_and_are_spread() -> None:
    """A wait is at most twice the limit before, up to an hour, and no two are planned together."""
    for tries, limit in ((1, BASE), (2, 2 * BASE), (5, 16 * BASE), (99, CAP)):
        waits = [wait(tries) for _ in range(300)]
        assert 0 < min(waits) < limit / 10
        assert limit * 0.9 < max(waits) <= limit


def test_a_dead_effect_leaves_the_account_suspended_for_the_next(
    store: CaseStore, clock: Clock
) -> None:
    """The sink refused to throttle, so the lift after it must still end the suspension."""
    case = open_case(store, "ann")
    sink = MemorySink()
    order(store, case, "suspend")
    deliver(store, [sink], clock)
    order(store, case, "throttle")
    sink.failures = ["refuse"]
    deliver(store, [sink], clock)
    end(store, case)
    deliver(store, [sink], clock)
    assert [(one.name, one.suspended) for one in sink.told] == [("suspend", False), ("lift", True)]


def test_a_state_that_was_restored_from_a_backup_is_repaired(
    store: CaseStore, clock: Clock
) -> None:
    """Without any new effect, the sink is given the state again within the hour."""
    case = open_case(store, "ann")
    sink = MemoryState()
    order(store, case, "suspend")
    deliver(store, [sink], clock)
    backup = dict(sink.state)
    end(store, case)
    deliver(store, [sink], clock)
    sink.state = backup
    deliver(store, [sink], clock)
    assert sink.state == {"ann": "suspend"}
    clock.pass_on(REPEAT)
    deliver(store, [sink], clock)
    assert sink.state == {}

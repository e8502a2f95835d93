"""Sinks that are not in the settings, and dead letters that leave a free account held."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.cases.findings import ANA, by, moment
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.sinks import MemorySink

from ringfence.cases import CaseStore, faults
from ringfence.cases.schema import AUDIT
from ringfence.enforcement import deliver, harder_holds, settle
from ringfence.enforcement.departed import DepartedSink, departed_sinks, drop_sink
from ringfence.enforcement.lease import Lease
from ringfence.errors import CasesError


def newest_act(connection: Connection) -> tuple[str, dict[str, Any]]:
    """Return the event and the content of the last row of the audit, without the login."""
    row = connection.execute(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1)).one()
    content = json.loads(row.content)
    content.pop("login", None)
    return row.event, content


def test_a_sink_that_misses_effects_is_named_after_an_hour(store: CaseStore) -> None:
    """A sink of the settings, one that misses nothing and one that is just late are not named."""
    case = open_case(store, "ann", "bob")
    deliver(store, [MemorySink("gone"), MemorySink("here")], lambda: moment(0))
    order(store, case, "suspend", at=1)
    with store.reading() as connection:
        assert departed_sinks(connection, ["here"], moment(1.01)) == []
        assert departed_sinks(connection, ["here"], moment(2)) == [DepartedSink("gone", 2)]
        assert departed_sinks(connection, ["here", "gone"], moment(2)) == []
    deliver(store, [MemorySink("gone")], lambda: moment(2))
    with store.reading() as connection:
        assert departed_sinks(connection, [], moment(3)) == [DepartedSink("here", 2)]


def test_a_dropped_sink_is_new_afterwards(store: CaseStore) -> None:
    """Accounts that it may still hold are named; if it comes back it gets the present state."""
    first, second = open_case(store, "ann"), open_case(store, "bob")
    gone = MemorySink("gone")
    for case in (first, second):
        order(store, case, "suspend")
    deliver(store, [gone], lambda: moment(1))
    end(store, first)
    with store.writing() as connection:
        assert drop_sink(connection, "gone", [], by(ANA, 3)) == ["ann"]
        content = {"sink": "gone", "untold": 1, "by": "ana"}
        assert newest_act(connection) == ("sink dropped", content)
    with store.writing() as connection, pytest.raises(CasesError, match="ever delivered"):
        drop_sink(connection, "gone", [], by(ANA, 3))
    back = MemorySink("gone")
    deliver(store, [back], lambda: moment(3))
    assert back.state == {"bob": "suspend"}


def test_a_sink_in_use_is_not_dropped(store: CaseStore) -> None:
    """Neither one of the settings nor one that a process delivers to."""
    assert Lease(store, "gate", lambda: moment(1)).take()
    for connected, said in (["gate"], "in the settings"), ([], "delivers to this sink"):
        with store.writing() as connection, pytest.raises(CasesError, match=said):
            drop_sink(connection, "gate", connected, by(ANA, 1))


def test_a_free_account_is_held_if_the_lift_is_dead(store: CaseStore) -> None:
    """A dead suspension holds nobody, and a case has only its own."""
    first, second = open_case(store, "ann"), open_case(store, "bob")
    sink = MemorySink()
    for case in (first, second):
        order(store, case, "suspend")
    sink.failures = ["refuse"]
    deliver(store, [sink], lambda: moment(1))
    with store.reading() as connection:
        assert harder_holds(connection, ()) == []
    end(store, second)
    sink.failures = ["refuse"]
    deliver(store, [sink], lambda: moment(3))
    with store.reading() as connection:
        (lift,) = harder_holds(connection, ())
        assert (lift.account, lift.sink) == ("bob", "memory")
        assert lift.sentence == "memory has the effect suspend, and it is free"
        assert harder_holds(connection, (), first) == []
        assert len(harder_holds(connection, (), second)) == 1
    with store.writing() as connection:
        settle(connection, lift.id, "memory", by(ANA, 4))
        content = {"delivery": lift.id, "sink": "memory", "by": "ana"}
        assert newest_act(connection) == ("effect settled", content)
        assert list(faults(connection)) == []
        assert harder_holds(connection, ()) == []


def test_a_milder_effect_that_is_dead_leaves_the_harder_one(store: CaseStore) -> None:
    """The sink refused to throttle a suspended account. A sink of a state imposes nothing then."""
    case = open_case(store, "ann")
    sink = MemorySink()
    order(store, case, "suspend")
    deliver(store, [sink], lambda: moment(1))
    order(store, case, "throttle")
    sink.failures = ["refuse"]
    deliver(store, [sink], lambda: moment(2))
    with store.reading() as connection:
        (hold,) = harder_holds(connection, ())
        assert hold.sentence == "memory has the effect suspend, and throttle was decided"
        assert harder_holds(connection, {"memory"}) == []
    order(store, case, "suspend")
    deliver(store, [sink], lambda: moment(3))
    with store.reading() as connection:
        assert harder_holds(connection, ()) == []


def test_a_suspension_that_failed_may_have_worked(store: CaseStore) -> None:
    """Its answer was an error, and the milder effect after it was refused as well."""
    first, second = open_case(store, "ann"), open_case(store, "ann", "bob")
    sink = MemorySink()
    order(store, first, "suspend")
    sink.failures = ["refuse"]
    deliver(store, [sink], lambda: moment(2))
    order(store, second, "throttle")
    end(store, first)
    sink.failures = ["refuse", "refuse"]
    deliver(store, [sink], lambda: moment(4))
    with store.reading() as connection:
        for case in (None, first, second):
            (hold,) = (one for one in harder_holds(connection, (), case) if one.account == "ann")
            assert hold.sentence == "memory may still hold it, and throttle was decided"
        assert harder_holds(connection, {"memory"}) == []


def test_nobody_knows_whether_a_refused_suspension_holds(store: CaseStore) -> None:
    """Both the suspension and its end are dead letters."""
    case = open_case(store, "ann")
    sink = MemorySink()
    for act in (lambda: order(store, case, "suspend"), lambda: end(store, case)):
        act()
        sink.failures = ["refuse"]
        deliver(store, [sink], lambda: moment(3))
    with store.reading() as connection:
        (hold,) = harder_holds(connection, ())
        assert hold.sentence == "memory may still hold it, and it is free"

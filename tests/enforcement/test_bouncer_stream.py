"""A bouncer is told every reinstatement, whatever is pruned or erased between two of its polls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from tests.cases.findings import ANA, by, moment
from tests.enforcement.acts import end, open_case, order

from ringfence.cases import CaseStore
from ringfence.cases.erasure import erase_account
from ringfence.cases.retention import Retention, prune
from ringfence.cases.schema import OUTBOX
from ringfence.enforcement.bouncer_stream import BouncerStream
from ringfence.enforcement.decision_stream import decision_stream
from ringfence.errors import CasesError


def poll(bouncer: BouncerStream, *, startup: bool = False) -> tuple[list[str], list[str]]:
    """Return the accounts of the new and of the deleted decisions."""
    found: dict[str, Any] = json.loads("".join(bouncer.answer(startup=startup)))
    return tuple([one["value"] for one in found[key]] for key in ("new", "deleted"))  # type: ignore[return-value] # two


def pruned(store: CaseStore, at: float, **days: int) -> int:
    """Prune, and return the number of messages that are left."""
    with store.writing() as connection:
        prune(connection, Retention(**days), by(ANA, at))
        return len(connection.execute(select(OUTBOX.c.id)).all())


def test_the_store_keeps_the_position(store: CaseStore) -> None:
    """Each bouncer is told each change once; one that starts is told everything."""
    gate, other = BouncerStream("gate", store), BouncerStream("other", store)
    assert poll(gate) == ([], [])
    case = open_case(store, "ann")
    order(store, case, "suspend")
    assert poll(gate) == (["ann"], [])
    assert poll(gate) == ([], [])
    assert poll(other) == (["ann"], []), "a new bouncer is told the present state"
    end(store, case)
    assert poll(gate) == ([], ["ann"])
    assert poll(other, startup=True) == ([], ["ann"]), "a firewall keeps its blocks"
    assert poll(other) == ([], [])
    assert poll(BouncerStream("new", store), startup=True) == ([], [])


def test_an_answer_that_was_cut_off_is_told_again(store: CaseStore) -> None:
    """The position moves after the last piece, also that of a bouncer that starts."""
    gate = BouncerStream("gate", store)
    order(store, open_case(store, "ann"), "suspend")
    next(gate.answer(startup=True))
    assert poll(gate) == (["ann"], [])
    order(store, open_case(store, "bob"), "suspend")
    next(gate.answer(startup=False))
    assert poll(gate) == (["bob"], [])


@pytest.mark.parametrize("days", [{"outbox_days": 30}, {"case_days": 30, "outbox_days": 30}])
def test_pruning_before_the_next_poll_loses_no_reinstatement(
    store: CaseStore, days: dict[str, int]
) -> None:
    """The suspension is old and was told; it stays until its end was told, and then both go."""
    gate = BouncerStream("gate", store)
    case = open_case(store, "ann")
    order(store, case, "suspend")
    assert poll(gate, startup=True) == (["ann"], [])
    end(store, case, at=60)
    assert pruned(store, 61, **days) == 2
    assert pruned(store, 200, **days) == 2, "however late the bouncer is"
    assert poll(gate) == ([], ["ann"])
    assert pruned(store, 200, **days) == 0


def test_pruning_before_the_next_poll_keeps_the_state_before(store: CaseStore) -> None:
    """The bouncer deletes the ban when it becomes a throttle."""
    gate = BouncerStream("gate", store)
    case = open_case(store, "ann")
    order(store, case, "suspend")
    poll(gate, startup=True)
    order(store, case, "throttle", at=60)
    assert pruned(store, 61, outbox_days=30) == 2
    assert poll(gate) == (["ann"], ["ann"])


def test_an_account_is_erased_after_the_bouncer_was_told(store: CaseStore) -> None:
    """Before, the erasure is refused, because the bouncer would keep its ban for ten years."""
    gate = BouncerStream("gate", store)
    case = open_case(store, "ann")
    order(store, case, "suspend")
    poll(gate, startup=True)
    end(store, case)
    with pytest.raises(CasesError, match="bouncer:gate"), store.writing() as connection:
        erase_account(connection, "ann", "request 1", by(ANA, 3))
    assert poll(gate) == ([], ["ann"])
    with store.writing() as connection:
        erase_account(connection, "ann", "request 1", by(ANA, 3))
    assert poll(gate) == ([], [])


def test_a_lift_is_a_deletion_even_if_the_state_before_is_gone(store: CaseStore) -> None:
    """A bouncer whose position the store does not know may have any state, so each is deleted."""
    case = open_case(store, "ann")
    order(store, case, "throttle")
    with store.reading() as connection:
        since = decision_stream(connection, None, moment(1)).position
    end(store, case, at=60)
    assert pruned(store, 61, outbox_days=30) == 1
    with store.reading() as connection:
        told = json.loads("".join(decision_stream(connection, since, moment(61)).pieces))
    assert told["new"] == []
    assert {(one["value"], one["type"]) for one in told["deleted"]} == {
        ("ann", "ban"), ("ann", "captcha"), ("ann", "throttle"),
    }  # fmt: skip


def test_a_position_never_goes_back(store: CaseStore) -> None:
    """After the newest message was erased, the stream does not begin from the start."""
    case = open_case(store, "ann")
    order(store, case, "suspend")
    end(store, case)
    with store.writing() as connection:
        erase_account(connection, "ann", "request 1", by(ANA, 3))
    with store.reading() as connection:
        assert decision_stream(connection, 2, moment(3)).position == 2

"""Test decisions: what they state, what ends them, and who may overwrite whom."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
    POLICY,
    Act,
    Author,
    CaseStore,
    Ruling,
    answer_appeal,
    decide,
    decision_in_force,
    decisions_of,
    dismiss,
    end_case,
    expire_decisions,
    faults,
    open_appeals,
    open_store,
    receive_appeal,
    record,
    reopen,
)
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import state_of
from ringfence.errors import CasesError
from ringfence.model.finding import Action, Finding


def order(action: Action = "suspend", **changes: object) -> Ruling:
    """Return an order with effect."""
    fields: dict[str, object] = {"reason": "4,000 items in a day", "ground": "5.2", "shadow": False}
    return Ruling(action, **{**fields, **changes})  # type: ignore[arg-type] # the fields of Ruling


def opened(connection: Connection, found: Finding | None = None) -> int:
    """Open a case and return its number."""
    (status,) = record(connection, [found or finding()], moment(0), "out/report.html")
    return status.case


def state(connection: Connection, case: int) -> str:
    """Return the state of a case."""
    return str(read_case(connection, case).state)


def test_a_decision_states_everything(store: CaseStore) -> None:
    """It has a reason, a ground, frozen facts, a report, its author, a start and an end."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(until=moment(31)), by(ANA, 1))
        record(connection, [finding(items=9_999)], moment(2), "later.html")
        (made,) = decisions_of(connection, case)
    facts = json.loads(made.facts)
    assert (made.reason, made.ground, made.author) == ("4,000 items in a day", "5.2", "ana")
    assert (made.start, made.until, made.report) == (moment(1), moment(31), "out/report.html")
    assert (facts["items"], facts["evidence"][0]["sentence"]) == (
        1_000,
        "Took 900 items on its busiest day.",
    )
    assert (bool(made.decided_by_machine), bool(made.found_by_machine)) == (False, True)


def test_a_decision_of_the_policy_is_marked_as_one(store: CaseStore) -> None:
    """Nobody can take an automatic decision for that of a person."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order("throttle"), Act(POLICY, moment(1)))
        (made,) = decisions_of(connection, case)
    assert (bool(made.decided_by_machine), made.author) == (True, "policy")


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_decision_without_a_reason(store: CaseStore, reason: str) -> None:
    """An empty reason is refused."""
    with store.writing() as connection:
        case = opened(connection)
        with pytest.raises(CasesError, match="needs a reason"):
            decide(connection, case, order(reason=reason), by(ANA, 1))
        assert state(connection, case) == "open"


def test_a_decision_cannot_end_before_it_begins(store: CaseStore) -> None:
    """An end in the past is refused."""
    with store.writing() as connection:
        case = opened(connection)
        with pytest.raises(CasesError, match="end before it begins"):
            decide(connection, case, order(until=moment(1)), by(ANA, 1))


def test_a_second_reviewer_must_have_seen_the_first_decision(store: CaseStore) -> None:
    """A decision in force is replaced only by somebody who names its version."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order("suspend"), by(ANA, 1))
        with pytest.raises(CasesError, match="ana has already decided to suspend"):
            decide(connection, case, order("throttle"), by(BO, 2))
        with pytest.raises(CasesError, match="has changed: it is at version 2"):
            decide(connection, case, order("throttle"), by(BO, 2, version=1))
        decide(connection, case, order("throttle"), by(BO, 2, version=2))
        first, second = decisions_of(connection, case)
        force = decision_in_force(connection, case)
    assert first.end_reason == f"replaced by decision {second.id}"
    assert force is not None
    assert force.id == second.id


def test_shadow_mode_ends_no_decision_with_effect(store: CaseStore) -> None:
    """A suspension is not lifted by a decision that only says what would have happened."""
    with store.writing() as connection:
        case = opened(connection)
        first = decide(connection, case, order(), by(ANA, 1))
        with pytest.raises(CasesError, match=f"decision {first} has effect, and one in shadow"):
            decide(connection, case, order(shadow=True), by(BO, 2, version=2))
        held, force = state_of(connection, "ann"), decision_in_force(connection, case)
    assert held is not None
    assert (held.effect, held.decision) == ("suspend", first)
    assert force is not None
    assert force.id == first


def test_a_decision_in_shadow_mode_is_replaced_by_either(store: CaseStore) -> None:
    """It had no effect, so nothing is lifted."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order("throttle", shadow=True), by(ANA, 1))
        decide(connection, case, order(shadow=True), by(BO, 2, version=2))
        last = decide(connection, case, order(), by(BO, 3, version=3))
        held = state_of(connection, "ann")
    assert held is not None
    assert held.decision == last


def test_two_reviewers_at_once(url: str) -> None:
    """Of two reviewers who looked at the same version, one decides and the other is told."""
    with open_store(url) as store:
        with store.writing() as connection:
            case = opened(connection)
        outcomes: list[str] = []
        together = threading.Barrier(2)

        def review(author: str) -> None:
            with open_store(url) as own:
                together.wait()
                try:
                    with own.writing() as connection:
                        decide(connection, case, order(), by({"ana": ANA, "bo": BO}[author], 1, 1))
                    outcomes.append("decided")
                except CasesError as error:
                    outcomes.append(error.what)

        reviewers = [threading.Thread(target=review, args=(name,)) for name in ("ana", "bo")]
        for reviewer in reviewers:
            reviewer.start()
        for reviewer in reviewers:
            reviewer.join()
        assert sorted(outcomes) == ["decided", "has changed: it is at version 2 now, not 1"]
        with store.reading() as connection:
            assert len(list(decisions_of(connection, case))) == 1


def test_reinstatement_ends_the_decision_and_closes_the_case(store: CaseStore) -> None:
    """After it, nothing is in force."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(), by(ANA, 1))
        end_case(connection, case, "reinstate", "a mistake", by(BO, 2))
        (made,) = decisions_of(connection, case)
        assert (state(connection, case), decision_in_force(connection, case)) == ("closed", None)
    assert (made.ended, made.ended_by, made.end_reason) == (moment(2), "bo", "a mistake")


def test_decisions_expire(store: CaseStore) -> None:
    """A decision ends at its time, not earlier, and its case closes."""
    with store.writing() as connection:
        case = opened(connection)
        decision = decide(connection, case, order(until=moment(8)), by(ANA, 1))
        assert expire_decisions(connection, moment(7.99)) == ()
        assert expire_decisions(connection, moment(8)) == (decision,)
        assert state(connection, case) == "closed"
        assert expire_decisions(connection, moment(9)) == ()


def test_an_appeal_is_answered_by_another_person(store: CaseStore) -> None:
    """The author of the decision is refused, however the name is written."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(), by(ANA, 1))
        receive_appeal(connection, case, "It was my class", moment(16), by(BO, 2))
        assert state(connection, case) == "appealed"
        for name in (ANA, type(ANA)(" Ana ")):
            with pytest.raises(CasesError, match="cannot answer the appeal"):
                answer_appeal(connection, case, "upheld", "No", Act(name, moment(3)))
        answer_appeal(connection, case, "overturned", "You are right", by(BO, 3))
        assert (state(connection, case), decision_in_force(connection, case)) == ("closed", None)
        assert open_appeals(connection, case) == []


@pytest.mark.parametrize(
    "name", ["Jose\u0301", "JOS\u00c9", "J o s\u00e9", "\uff2a\uff4f\uff53\u00e9"]
)
def test_a_name_in_another_spelling_is_the_same_person(store: CaseStore, name: str) -> None:
    """The author is refused in every form of Unicode."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(), by(Author("Jos\u00e9"), 1))
        receive_appeal(connection, case, "Why?", moment(16), by(BO, 2))
        with pytest.raises(CasesError, match="cannot answer the appeal"):
            answer_appeal(connection, case, "upheld", "No", by(Author(name), 3))


def test_the_authors_of_replaced_decisions_do_not_answer(store: CaseStore) -> None:
    """Ana and Bo decided one after the other. An author before a reinstatement can."""
    cyd, dan = Author("cyd"), Author("dan")
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(), by(cyd, 1))
        end_case(connection, case, "reinstate", "a mistake", by(cyd, 2))
        reopen(connection, case, "look again", by(cyd, 3))
        decide(connection, case, order(), by(ANA, 4))
        decide(connection, case, order("throttle"), by(BO, 5, version=5))
        decide(connection, case, order("challenge"), by(dan, 6, version=6))
        receive_appeal(connection, case, "Why?", moment(16), by(BO, 7))
        for author in (ANA, BO, dan):
            with pytest.raises(CasesError, match="cannot answer the appeal"):
                answer_appeal(connection, case, "upheld", "No", by(author, 8))
        answer_appeal(connection, case, "upheld", "So", by(cyd, 8))


def test_an_upheld_decision_stays_in_force(store: CaseStore) -> None:
    """The case is decided again, and may be appealed again."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(), by(ANA, 1))
        receive_appeal(connection, case, "Why?", moment(16), by(BO, 2))
        answer_appeal(connection, case, "upheld", "Because of 4,000 items", by(BO, 3))
        assert state(connection, case) == "decided"
        assert decision_in_force(connection, case) is not None


def test_an_appeal_is_answered_also_if_the_decision_has_expired(store: CaseStore) -> None:
    """The time of the decision ends during the appeal: the appeal waits, and closes the case."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(until=moment(3)), by(ANA, 1))
        receive_appeal(connection, case, "Why?", moment(16), by(BO, 2))
        expire_decisions(connection, moment(4))
        assert (state(connection, case), decision_in_force(connection, case)) == ("appealed", None)
        answer_appeal(connection, case, "upheld", "It was right", by(BO, 5))
        assert state(connection, case) == "closed"


def test_nobody_appeals_what_had_no_effect(store: CaseStore) -> None:
    """A decision in shadow mode is not known to the account holder."""
    with store.writing() as connection:
        case = opened(connection)
        decide(connection, case, order(shadow=True), by(ANA, 1))
        with pytest.raises(CasesError, match="shadow mode"):
            receive_appeal(connection, case, "Why?", moment(16), by(BO, 2))


def test_a_dismissed_case_can_be_reopened(store: CaseStore) -> None:
    """A person may change his or her mind."""
    with store.writing() as connection:
        case = opened(connection)
        dismiss(connection, case, "a librarian", by(ANA, 1))
        reopen(connection, case, "not a librarian", by(ANA, 2))
        decide(connection, case, order(), by(ANA, 3))
        assert state(connection, case) == "decided"


@pytest.mark.parametrize(
    "act",
    [
        lambda c, case: dismiss(c, case, " ", by(ANA, 1)),
        lambda c, case: end_case(c, case, "reinstate", "why", by(ANA, 1)),
        lambda c, case: answer_appeal(c, case, "upheld", "no", by(BO, 1)),
        lambda c, case: receive_appeal(c, case, "why", moment(9), by(BO, 1)),
        lambda c, case: reopen(c, case, "why", by(BO, 1)),
        lambda c, case: decide(c, case + 1, order(), by(ANA, 1)),
    ],
    ids=["no reason", "not decided", "no appeal", "nothing to appeal", "is open", "no case"],
)
def test_what_is_refused_leaves_no_trace(
    store: CaseStore, act: Callable[[Connection, int], object]
) -> None:
    """A refused command changes neither the case nor the audit."""
    with store.writing() as connection:
        case = opened(connection, ring("a", "b"))
        before = (read_case(connection, case), audit_rows(connection))
    with pytest.raises(CasesError), store.writing() as connection:
        act(connection, case)
    with store.reading() as connection:
        assert (read_case(connection, case), audit_rows(connection)) == before
        assert list(faults(connection)) == []


def audit_rows(connection: Connection) -> int:
    """Return the number of rows of the audit."""
    from ringfence.cases.audit_check import count_rows

    return count_rows(connection)

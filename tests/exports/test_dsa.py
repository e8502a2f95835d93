"""Decisions as statements of reasons for the DSA transparency database."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from tests.cases.findings import ANA, BO, Act, by, finding, moment, ring
from tests.enforcement.acts import end, open_case, order
from tests.exports.dsa_rules import check
from tests.exports.hostile import MARK, findings
from tests.exports.records import read, recorded

from ringfence.cases import POLICY, CaseStore, Ruling, decide, release_account
from ringfence.cases.stolen_login import STOLEN
from ringfence.exports.dsa import statements_of_reasons
from ringfence.model.finding import Finding


def suspend(store: CaseStore, case: int, ground: str, author: Act | None = None) -> None:
    """Suspend the accounts of a case on a ground."""
    with store.writing() as connection:
        order_of = Ruling("suspend", "ann again", ground, shadow=False)
        decide(connection, case, order_of, author or Act(ANA, moment(1)))


def test_a_suspension_is_a_statement(store: CaseStore) -> None:
    """The statement has the restriction, the ground, the facts in numbers, and the days."""
    case = open_case(store, "ann")
    order(store, case, "suspend", until=moment(31))
    (statement,) = statements_of_reasons(read(store, case))
    check(statement)
    assert statement["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert statement["incompatible_content_ground"] == "terms 5.2"
    assert (statement["application_date"], statement["end_date_account_restriction"]) == (
        "2026-03-03", "2026-04-02",
    )  # fmt: skip
    assert statement["decision_facts"].startswith(
        "The account took 1,000 different items of the catalogue between 2026-02-20 and 2026-03-02."
    )
    assert statement["automated_detection"] == "Yes"
    assert statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"


def test_a_throttle_is_a_partial_suspension_of_the_service(store: CaseStore) -> None:
    """The account stays, so the restriction is one of the service."""
    case = open_case(store, "ann")
    order(store, case, "throttle", until=moment(31))
    (statement,) = statements_of_reasons(read(store, case))
    check(statement)
    assert "decision_account" not in statement
    assert statement["decision_provision"] == "DECISION_PROVISION_PARTIAL_SUSPENSION"
    assert statement["end_date_service_restriction"] == "2026-04-02"


@pytest.mark.parametrize("action", ["observe", "challenge"])
def test_an_action_that_restricts_nothing_is_no_statement(store: CaseStore, action: str) -> None:
    """An account that is watched, or asked to prove something, can be used."""
    case = open_case(store, "ann")
    order(store, case, action)
    assert statements_of_reasons(read(store, case)) == []


def test_only_decisions_in_force_are_statements(store: CaseStore) -> None:
    """A case without a decision, one in shadow mode, and one that was taken back have none."""
    case = open_case(store, "ann")
    assert statements_of_reasons(read(store, case)) == []
    order(store, case, "suspend", shadow=True)
    assert statements_of_reasons(read(store, case)) == []
    order(store, case, "suspend", at=2)
    assert len(statements_of_reasons(read(store, case))) == 1
    end(store, case, at=3)
    assert statements_of_reasons(read(store, case)) == []


def test_every_account_of_a_ring_has_a_statement(store: CaseStore) -> None:
    """Each has an id of its own that stays, and that a new decision changes."""
    case = open_case(store, "a", "b", "c")
    order(store, case, "suspend")
    first = statements_of_reasons(read(store, case))
    assert first == statements_of_reasons(read(store, case))
    order(store, case, "suspend", at=2)
    second = statements_of_reasons(read(store, case))
    for statement in first + second:
        check(statement)
    assert len({statement["puid"] for statement in first + second}) == 6
    assert first[0]["decision_facts"].startswith(
        "The account is one of 3 accounts that act as one. Together they took 1,000 different"
    )


def test_a_released_account_has_no_statement(store: CaseStore) -> None:
    """The statements of the others keep their ids."""
    case = open_case(store, "a", "b", "c")
    order(store, case, "suspend")
    before = [one["puid"] for one in statements_of_reasons(read(store, case))]
    with store.writing() as connection:
        release_account(connection, case, "b", "a mistake", by(BO, 2))
    after = [one["puid"] for one in statements_of_reasons(read(store, case))]
    assert after == [before[0], before[2]]


def test_the_owner_of_a_stolen_login_has_no_statement(store: CaseStore) -> None:
    """The owner has copied nothing."""
    case = open_case(store, "ann")
    with store.writing() as connection:
        order_of = Ruling("suspend", STOLEN, "terms 5.2", shadow=False)
        decide(connection, case, order_of, Act(ANA, moment(1)))
    assert statements_of_reasons(read(store, case)) == []


def test_the_policy_decides_fully_automatically(store: CaseStore) -> None:
    """A decision without a person is said to be one."""
    case = open_case(store, "ann")
    suspend(store, case, "terms 5.2", Act(POLICY, moment(1)))
    (statement,) = statements_of_reasons(read(store, case))
    check(statement)
    assert statement["automated_decision"] == "AUTOMATED_DECISION_FULLY"


@pytest.mark.parametrize(
    "ground",
    ["", "  ", "as ann was told", "Terms 5.2, see ANN", "bob said so", "write to x@example.org"],
)
def test_a_ground_with_personal_data_is_no_statement(store: CaseStore, ground: str) -> None:
    """A ground that is missing, or names an account of any case or an address, is not published."""
    recorded(store, finding("bob"))
    case = open_case(store, "ann")
    suspend(store, case, ground)
    assert statements_of_reasons(read(store, case)) == []


def test_a_long_ground_is_cut(store: CaseStore) -> None:
    """The database takes 500 characters, of which each can be seen."""
    case = open_case(store, "ann")
    suspend(store, case, "Terms 5.2\x1b\N{RIGHT-TO-LEFT OVERRIDE} " * 99)
    (statement,) = statements_of_reasons(read(store, case))
    check(statement)
    assert statement["incompatible_content_ground"].isprintable()


def test_a_use_of_the_last_century_has_the_first_day_that_is_taken(store: CaseStore) -> None:
    """An old time in a log does not make the statement one that is refused."""
    (one,) = recorded(store, finding("ann", first=datetime(1999, 12, 31, tzinfo=UTC)))
    suspend(store, one.case["id"], "terms 5.2")
    (statement,) = statements_of_reasons(read(store, one.case["id"]))
    check(statement)
    assert statement["content_date"] == "2000-01-01"


def test_the_facts_are_those_of_the_decision(store: CaseStore) -> None:
    """A later scan does not change a statement that may have been submitted."""
    recorded(store, ring("a", "b", "c"))
    order(store, 1, "suspend")
    before = statements_of_reasons(read(store, 1))
    recorded(store, ring("a", "b", "c", "d", items=9_000), day=2)
    assert statements_of_reasons(read(store, 1)) == before


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=findings(1, 4))
def test_no_personal_data_whatever_the_finding_has(store: CaseStore, found: Finding) -> None:
    """No name, address, item or sentence is in a statement."""
    (one,) = recorded(store, found)
    if one.case["state"] != "open":
        return
    suspend(store, one.case["id"], "Terms of use, 5.2")
    statements = statements_of_reasons(read(store, one.case["id"]))
    assert len(statements) == len(found.accounts)
    for statement in statements:
        check(statement)
    assert MARK.casefold() not in json.dumps(statements).casefold()

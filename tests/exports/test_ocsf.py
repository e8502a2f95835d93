"""Cases as Detection Findings, validated with the schema that OCSF publishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from tests.cases.findings import ANA, BO, by, finding, moment, ring
from tests.enforcement.acts import end, open_case, order
from tests.exports.hostile import MARK, findings
from tests.exports.records import read, recorded

from ringfence.cases import (
    POLICY,
    Act,
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    decide,
    dismiss,
    open_store,
    receive_appeal,
    release_account,
)
from ringfence.exports.ocsf import OCSF_VERSION, detection_finding
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """Return the schema of the class, with the profile that adds verdicts."""
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=OCSF_VERSION))
    return Draft202012Validator(
        published.get_class_schema(class_name="detection_finding", profiles=["incident"])
    )


def grant(store: CaseStore, _case: int) -> None:
    """Permit what the account does."""
    with store.writing() as connection:
        add_grant(connection, Permission("ann", "mining", "x@y.z", 0, moment(99)), by(BO, 1))


def refuse(store: CaseStore, case: int) -> None:
    """Dismiss the case."""
    with store.writing() as connection:
        dismiss(connection, case, "a librarian", by(BO, 1))


def contest(store: CaseStore, case: int) -> None:
    """Decide, and contest the decision."""
    order(store, case, "suspend")
    with store.writing() as connection:
        receive_appeal(connection, case, "not me", moment(20), by(BO, 2))


def leave_to_policy(store: CaseStore, case: int) -> None:
    """Let the policy decide without a person."""
    with store.writing() as connection:
        decide(
            connection, case, Ruling("suspend", "fast", "5.2", shadow=False), Act(POLICY, moment(1))
        )


def close(store: CaseStore, case: int) -> None:
    """Decide, and take it back."""
    order(store, case, "suspend")
    end(store, case)


NEW, CHANGED, CLOSED = 200401, 200402, 200403

STEPS: dict[str, tuple[Callable[[CaseStore, int], object], int, str, str]] = {
    "open": (lambda *_: None, NEW, "New", "Suspicious"),
    "shadow": (
        lambda s, c: order(s, c, "suspend", shadow=True), CHANGED, "In Progress", "True Positive",
    ),
    "decided": (lambda s, c: order(s, c, "suspend"), CHANGED, "Resolved", "True Positive"),
    "observed": (lambda s, c: order(s, c, "observe"), CHANGED, "Resolved", "Suspicious"),
    "policy": (leave_to_policy, CHANGED, "Resolved", "Suspicious"),
    "appealed": (contest, CHANGED, "In Progress", "Suspicious"),
    "dismissed": (refuse, CLOSED, "Suppressed", "False Positive"),
    "allowed": (grant, CLOSED, "Suppressed", "Benign"),
    "closed": (close, CLOSED, "Resolved", "Unknown"),
}  # fmt: skip
"""A step that a case takes, and the type, status and verdict of its event after it."""


@pytest.mark.parametrize("name", STEPS)
def test_a_case_in_every_state_is_a_valid_event(
    store: CaseStore, schema: Draft202012Validator, name: str
) -> None:
    """The event of each state fits the schema, and has the state in OCSF's own words."""
    step, kind, status, verdict = STEPS[name]
    case = open_case(store, "ann")
    step(store, case)
    event = detection_finding(read(store, case))
    schema.validate(event)
    assert (event["type_uid"], event["status"], event["verdict"]) == (kind, status, verdict)
    assert event["is_alert"] == (name == "open")


def test_the_numbers_and_the_words_of_an_event_agree(store: CaseStore) -> None:
    """Every number of a list of the schema stands beside its caption."""
    attributes = get_ocsf_schema(version=OCSF_VERSION)["classes"]["detection_finding"]["attributes"]
    for step, *_ in STEPS.values():
        case = open_case(store, "ann")
        if read(store, case).case["state"] == "open":
            step(store, case)
        event = detection_finding(read(store, case))
        for name in ("severity", "confidence", "status", "verdict"):
            number = str(event[f"{name}_id"])
            assert attributes[f"{name}_id"]["enum"][number]["caption"] == event[name]


def test_an_event_has_the_finding(store: CaseStore) -> None:
    """Accounts, evidence, times in milliseconds and the advice are where OCSF has them."""
    (one,) = recorded(store, finding("ann"))
    event = detection_finding(one)
    assert event["time"] == event["finding_info"]["created_time"] == moment(0) // 1_000
    assert (event["start_time"], event["end_time"]) == (moment(-10) // 1_000, moment(0) // 1_000)
    assert [resource["uid"] for resource in event["resources"]] == ["ann"]
    assert [observable["value"] for observable in event["observables"]] == ["ann"]
    (evidence,) = event["evidences"]
    assert evidence["name"] == "volume"
    assert evidence["data"]["sentence"] == "Took 900 items on its busiest day."
    assert event["finding_info"]["desc"] == "Took 900 items on its busiest day."
    assert (event["severity"], event["remediation"]["desc"]) == ("High", "Advice: suspend")


def test_a_ring_names_all_its_accounts(store: CaseStore) -> None:
    """Each member is a resource that can be searched for."""
    (one,) = recorded(store, ring("a", "b", "c", verdict="suspect"))
    event = detection_finding(one)
    assert [resource["uid"] for resource in event["resources"]] == ["a", "b", "c"]
    assert event["message"] == "Ring ring-1 of 3 accounts: suspect"
    assert event["severity"] == "Medium"


def test_a_released_account_is_not_named(store: CaseStore) -> None:
    """The event says *True Positive*, and this account was released."""
    case = open_case(store, "a", "b", "c")
    order(store, case, "suspend")
    with store.writing() as connection:
        release_account(connection, case, "b", "a mistake", by(BO, 2))
    event = detection_finding(read(store, case))
    assert event["verdict"] == "True Positive"
    assert [resource["uid"] for resource in event["resources"]] == ["a", "c"]
    assert [one["value"] for one in event["observables"]] == ["a", "c"]


def test_decisions_are_in_the_detail_of_the_status(store: CaseStore) -> None:
    """A reader sees what was decided, until when, and that it is contested."""
    case = open_case(store, "ann")
    order(store, case, "suspend", until=moment(9))
    with store.writing() as connection:
        receive_appeal(connection, case, "not me", moment(20), by(ANA, 2))
    said = detection_finding(read(store, case))["status_detail"]
    assert said == (
        "appealed; decision 1: suspend since 2026-03-03T00:00:00Z until 2026-03-11T00:00:00Z, "
        "appeal open"
    )


def test_the_id_of_a_finding_stays(store: CaseStore, new_url: Callable[[], str]) -> None:
    """A later scan and a decision update the same finding; another store has other ids."""
    before = detection_finding(recorded(store, finding("ann"))[0])
    after = detection_finding(recorded(store, finding("ann", items=1_001), day=1)[0])
    order(store, 1, "suspend", at=2)
    decided = detection_finding(read(store, 1))
    assert before["finding_info"]["uid"] == after["finding_info"]["uid"]
    assert before["finding_info"]["uid"] == decided["finding_info"]["uid"]
    assert (before["activity_name"], after["activity_name"]) == ("Create", "Update")
    assert before["time"] < after["time"] < decided["time"]
    with open_store(new_url()) as other:
        foreign = detection_finding(recorded(other, finding("ann"))[0])
    assert foreign["finding_info"]["uid"] != before["finding_info"]["uid"]


def test_an_unknown_number_is_left_out(store: CaseStore, schema: Draft202012Validator) -> None:
    """OCSF has no null, so a p-value that is not known is not there."""
    evidence = (Evidence("volume", 9.0, float("nan"), float("nan"), "Nobody to compare with."),)
    (one,) = recorded(store, finding("ann", p_value=float("nan"), evidence=evidence))
    event: Any = detection_finding(one)
    schema.validate(event)
    assert "null" not in json.dumps(event)
    assert "p_value" not in event["unmapped"]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=findings(1, 4))
def test_any_text_is_data(store: CaseStore, schema: Draft202012Validator, found: Finding) -> None:
    """Hostile names and sentences are values of a valid event, in one line of plain ASCII."""
    (one,) = recorded(store, found)
    event = detection_finding(one)
    schema.validate(event)
    line = json.dumps(event)
    assert line.isascii()
    assert line.isprintable()
    assert sorted(resource["uid"] for resource in event["resources"]) == sorted(found.accounts)
    assert MARK in line

"""Rings as a STIX bundle, validated with the validator of OASIS."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_instance
from tests.cases.findings import BO, at, by, finding, moment, ring
from tests.enforcement.acts import end, open_case, order
from tests.exports.hostile import MARK, findings
from tests.exports.records import read, recorded

from ringfence.cases import CaseStore, dismiss, open_store
from ringfence.cases.erasure import erase_account
from ringfence.exports.stix import can_be_shared, ring_bundle
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding

AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
"""TLP:AMBER has the same id everywhere: section 7.2.1.4 of the standard."""

OWN_IDS = "uuid-check"
"""The one recommendation that is not followed. Ids are not drawn, so that a ring keeps its own."""


def check(bundle: dict[str, Any]) -> None:
    """Fail if a bundle breaks a rule or a recommendation of the standard."""
    options = ValidationOptions(version="2.1", strict=True, disabled=OWN_IDS)
    result = validate_instance(bundle, options)
    assert result.is_valid, [str(error) for error in result.errors]


def one_of(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the only object of a type."""
    (found,) = [part for part in bundle["objects"] if part["type"] == kind]
    return dict(found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=findings(2, 5), day=st.floats(0, 3_000), decided=st.booleans())
def test_no_personal_data_whatever_the_finding_has(
    store: CaseStore, found: Finding, day: float, decided: bool
) -> None:
    """No name, address, item or sentence is in a bundle, and no time finer than a day."""
    (one,) = recorded(store, found, day=day)
    if decided and one.case["state"] == "open":
        order(store, one.case["id"], "suspend", at=day + 0.3)
        one = read(store, one.case["id"])
    bundle = ring_bundle([one])
    text = json.dumps(bundle, ensure_ascii=False)
    assert "campaign" in text
    assert MARK.casefold() not in text.casefold()
    times = re.findall(r"\d{4}-\d\d-\d\dT[^\"]*", text)
    assert len(times) >= 9
    assert all(re.fullmatch(r"[-\d]{10}T00:00:00(\.000)?Z", one) for one in times)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(findings(2, 4), max_size=3))
def test_any_bundle_is_valid(store: CaseStore, found: list[Finding]) -> None:
    """Bundles of any number of rings, also of none, keep the rules of the standard."""
    # The same ring found twice is one case.
    records = {one.case["id"]: one for each in found for one in recorded(store, each)}
    check(ring_bundle(records.values()))


def test_a_ring_is_a_campaign(store: CaseStore) -> None:
    """The counts, the days, the evidence and how sure it is are in the bundle, marked as amber."""
    evidence = (
        Evidence("collision", 0.0, 216.4, 1e-12, "Pairs of a and b share nothing."),
        Evidence("members", 5.0, 0.017, 2e-11, "5 of them are findings."),
        Evidence("own_test", 3.0, 1.0, 0.01, "A test of another package."),
    )
    found = ring("a", "b", "c", items=6_000, evidence=evidence, first=at(-9.4), last=at(-0.2))
    bundle = ring_bundle(recorded(store, found))
    check(bundle)
    campaign, note = one_of(bundle, "campaign"), one_of(bundle, "note")
    assert campaign["name"] == "Ring of 3 accounts"
    assert campaign["description"] == (
        "3 accounts that act as one took 6,000 different items, 10.0% of a catalogue."
    )
    assert (campaign["first_seen"], campaign["last_seen"]) == (
        "2026-02-20T00:00:00Z", "2026-03-01T00:00:00Z",
    )  # fmt: skip
    assert campaign["confidence"] == 85
    numbers = [line.rpartition(": ") for line in note["content"].splitlines()]
    assert [(test.partition(" (")[0], said) for test, _, said in numbers] == [
        ("collision", "observed 0, expected 216.4, p-value 1e-12"),
        ("members", "observed 5, expected 0.017, p-value 2e-11"),
        ("another test", "observed 3, expected 1, p-value 0.01"),
    ]
    link, pattern = one_of(bundle, "relationship"), one_of(bundle, "attack-pattern")
    assert (link["source_ref"], link["target_ref"]) == (campaign["id"], pattern["id"])
    assert note["object_refs"] == [campaign["id"]]
    assert all(part["object_marking_refs"] == [AMBER] for part in (campaign, note, link))
    assert one_of(bundle, "marking-definition")["id"] == AMBER


def test_ids_stay_and_versions_follow(store: CaseStore, new_url: Callable[[], str]) -> None:
    """A receiver sees a later version of the same ring; another store gives other ids."""
    one = ring_bundle(recorded(store, ring("a", "b", "c")))
    assert one == ring_bundle([read(store, 1)])
    order(store, 1, "suspend", at=3.5)
    later = ring_bundle([read(store, 1)])
    before, after = one_of(one, "campaign"), one_of(later, "campaign")
    assert before["id"] == after["id"]
    assert before["created"] == after["created"]
    assert (before["modified"], after["modified"]) == (
        "2026-03-02T00:00:00.000Z", "2026-03-05T00:00:00.000Z",
    )  # fmt: skip
    assert one["id"] != later["id"]
    with open_store(new_url()) as other:
        foreign = ring_bundle(recorded(other, ring("a", "b", "c")))
    assert one_of(foreign, "campaign")["id"] != before["id"]
    assert one_of(foreign, "attack-pattern") == one_of(one, "attack-pattern")


def test_the_id_says_nothing_about_the_accounts(store: CaseStore) -> None:
    """When the members of a ring change, its id does not."""
    before = ring_bundle(recorded(store, ring("a", "b", "c")))
    after = ring_bundle(recorded(store, ring("b", "c", "d", name="ring-2"), day=1))
    assert one_of(before, "campaign")["id"] == one_of(after, "campaign")["id"]


def test_the_id_survives_the_erasure_of_a_member(store: CaseStore) -> None:
    """The audit's first row loses its content, and the store keeps its id."""
    before = ring_bundle(recorded(store, ring("a", "b", "c")))
    with store.writing() as connection:
        erase_account(connection, "a", "request 7", by(BO, 1))
    after = ring_bundle([read(store, 1)])
    assert one_of(after, "campaign")["id"] == one_of(before, "campaign")["id"]
    assert one_of(after, "campaign")["name"] == "Ring of 2 accounts"


@pytest.mark.parametrize("verdict", ["suspect", "extracting"])
def test_a_suspect_ring_is_less_sure(store: CaseStore, verdict: str) -> None:
    """The confidence is medium or high, by the verdict."""
    campaign = one_of(ring_bundle(recorded(store, ring("a", "b", verdict=verdict))), "campaign")
    assert campaign["confidence"] == {"suspect": 50, "extracting": 85}[verdict]


def test_accounts_alone_are_not_shared(store: CaseStore) -> None:
    """A bundle has no account, and no ring of which one member is left."""
    found = recorded(store, finding("ann"), ring("a", "b", "c"), ring("d", name="ring-2"))
    assert [can_be_shared(one) for one in found] == [False, True, False]
    bundle = ring_bundle(found)
    assert one_of(bundle, "campaign")["name"] == "Ring of 3 accounts"
    nothing = ring_bundle(found[:1])
    check(nothing)
    assert "objects" not in nothing


def test_an_exonerated_ring_is_not_shared(store: CaseStore) -> None:
    """A dismissed ring, and one that was reinstated, stay in the service."""
    first, second = open_case(store, "a", "b"), open_case(store, "c", "d")
    with store.writing() as connection:
        dismiss(connection, first, "a class", by(BO, 1))
    order(store, second, "suspend", until=moment(20))
    assert [can_be_shared(read(store, case)) for case in (first, second)] == [False, True]
    end(store, second)
    assert not can_be_shared(read(store, second))

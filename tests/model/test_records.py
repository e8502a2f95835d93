"""A finding, its line of ``findings.jsonl`` and the published schema agree."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.report import sample

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding
from ringfence.model.records import (
    ForeignRecordError,
    finding_from_json,
    finding_to_json,
    findings_schema,
)
from ringfence.model.ring_profile import Incidence

NAMES = tuple(text for text in sample.HOSTILE if chr(0xD800) not in text)
"""Hostile names that a database can hold: all but the one with half a character."""

FINDINGS = (sample.finding(shown=sample.profile()), sample.ring(3), sample.ring(names=NAMES))


def line(finding: Finding) -> str:
    """Return the line of a finding."""
    return json.dumps(finding_to_json(finding), allow_nan=False)


def without_drawings(finding: Finding) -> Finding:
    """Return a finding without the data that only the report draws."""
    ring = finding.ring
    if ring is not None:
        others = replace(ring.others, incidence=Incidence())
        ring = replace(ring, incidence=Incidence(), others=others)
    return replace(finding, profile=None, ring=ring)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_a_finding_survives_writing_and_reading(finding: Finding) -> None:
    """A finding read back is equal in all its parts, those of a ring included."""
    back = finding_from_json(line(finding))
    expected = without_drawings(finding)
    assert back == expected
    assert back.ring == expected.ring
    assert line(back) == line(finding)


@given(st.floats(), st.integers(0, 2**53), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_number_and_text_survives(number: float, items: int, text: str) -> None:
    """Numbers come back exactly; a number that is not finite comes back as NaN."""
    evidence = (Evidence("volume", number, 0.0, 0.5, text),)
    finding = replace(sample.finding(text), items=items, evidence=evidence)
    back = finding_from_json(line(finding))
    assert (back.id, back.items) == (text, items)
    if math.isfinite(number):
        assert back.evidence[0].observed == number
    else:
        assert math.isnan(back.evidence[0].observed)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_a_written_finding_is_valid_by_the_schema(finding: Finding) -> None:
    """A program that checks lines against the published schema accepts every line."""
    validator = Draft202012Validator(
        findings_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert not list(validator.iter_errors(finding_to_json(finding)))


def changed(place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """Return the record of a ring with one value changed."""
    record = finding_to_json(sample.ring(3))
    inner_record(record, place[:-1])[place[-1]] = value
    return record


WRONG: dict[str, tuple[object, ...]] = {
    "text": (None, 7, ["a"]),
    "choice": ("xyz", "", "Extracting", None),
    "own": ("xyz", None, 7),
    "count": (-1, 1.5, None, "3"),
    "number": ("small", True, [0.5]),
    "amount": (-0.5, "small"),
    "proportion": (-0.01, 1.01, 2, "0.5"),
    "time": ("2025-06-02 00:04", "2025-06-02T00:04:00+01:00", None, 7),
    "day": ("2 June", "2025-06-02T00:00:00Z", None),
    "names": ([], ["a", None], "a", None),
    "records": ({}, [None], None),
    "record": (None, [], {}),
    "triple": ([1, 2], [1, 2, 3, 4], [-1, 0, 0], None),
}
"""Values that no scan writes, by the kind of the field."""

KINDS: dict[tuple[str | int, ...], dict[str, str]] = {
    (): {
        "text": "id", "choice": "kind verdict action", "count": "items uses", "time": "first last",
        "proportion": "p_value", "amount": "expected_false", "names": "accounts",
        "record": "coverage", "records": "evidence",
    },
    ("coverage",): {"proportion": "catalogue use"},
    ("evidence", 0): {
        "text": "test sentence", "number": "observed expected", "proportion": "p_value",
        "choice": "supports",
    },
    ("ring",): {
        "choice": "test", "record": "others", "records": "members slices growth links",
    },
    ("ring", "members", 0): {
        "text": "account", "count": "items", "time": "first last", "amount": "observed expected",
        "own": "verdict", "proportion": "p_value", "records": "shares",
    },
    ("ring", "members", 0, "shares", 0): {"text": "attribute value"},
    ("ring", "others"): {"count": "accounts holdings items collisions"},
    ("ring", "slices", 0): {"count": "holders items", "triple": "ring others"},
    ("ring", "growth", 0): {
        "day": "day", "count": "accounts items collisions", "amount": "expected",
    },
    ("ring", "links", 0): {
        "text": "attribute", "amount": "observed expected", "proportion": "p_value",
        "records": "values",
    },
    ("ring", "links", 0, "values", 0): {"text": "value", "count": "members accounts"},
}  # fmt: skip
"""Every field of a line: place of its record, kind of value, names."""

FIELDS = [
    ((*place, name), kind)
    for place, kinds in KINDS.items()
    for kind, names in kinds.items()
    for name in names.split()
]


def inner_record(record: Any, place: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - any JSON
    """Return the part of a record at a place."""
    for key in place:
        record = record[key]
    return record


def test_every_field_is_changed_below() -> None:
    """A field that is added to a finding needs wrong values in this file."""
    record = finding_to_json(sample.ring(3))
    for place, kinds in KINDS.items():
        names = [name for names in kinds.values() for name in names.split()]
        assert {*names, *(("ring",) if not place else ())} == set(inner_record(record, place))


def refused(record: dict[str, Any], place: tuple[str | int, ...]) -> None:
    """Assert that the schema and the reader refuse a record, and that the reader names the place.

    The reader derives ``supports``, and does not read it.
    """
    assert list(Draft202012Validator(findings_schema()).iter_errors(record))
    if place[-1] != "supports":
        with pytest.raises(ForeignRecordError, match=str(place[0])):
            finding_from_json(json.dumps(record))


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, kind in FIELDS for value in WRONG[kind]]
)
def test_a_wrong_value_is_refused(place: tuple[str | int, ...], value: object) -> None:
    """A value of a wrong type, or outside its range, is not a finding."""
    refused(changed(place, value), place)


@pytest.mark.parametrize("place", [place for place, _ in FIELDS])
def test_a_missing_field_is_refused(place: tuple[str | int, ...]) -> None:
    """No field of a line may be missing, apart from the page of a ring."""
    record = finding_to_json(sample.ring(3))
    del inner_record(record, place[:-1])[place[-1]]
    refused(record, place)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("p_value",), 0), (("p_value",), 1), (("p_value",), None), (("coverage", "use"), 1),
        (("expected_false",), 7.5), (("items",), 0), (("accounts",), ["a"]), (("id",), ""),
        (("evidence", 0, "observed"), -0.9), (("action",), "observe"), (("evidence",), []),
    ],
)  # fmt: skip
def test_a_value_at_its_bound_is_accepted(place: tuple[str | int, ...], value: object) -> None:
    """Bounds belong to the range, an expected number exceeds 1, and unknown numbers are null."""
    record = changed(place, value)
    assert not list(Draft202012Validator(findings_schema()).iter_errors(record))
    finding_from_json(json.dumps(record))


def test_the_schema_names_itself() -> None:
    """A program that stores the schema knows which one it has."""
    schema = findings_schema()
    assert schema["$id"].endswith("/docs/reference/findings.schema.json")
    assert (schema["title"], schema["version"]) == ("Finding", 1)


def test_every_field_of_the_schema_is_described_and_required() -> None:
    """Each field has a meaning. Only what belongs to few findings, or to a page, may be missing."""
    schema = findings_schema()
    Draft202012Validator.check_schema(schema)
    for part in (schema, *schema["$defs"].values()):
        assert all(field.get("description") for field in part["properties"].values())
        assert set(part["properties"]) - set(part["required"]) <= {
            "ring",
            "details",
            "sample",
            "clients",
            "case",
            "member_items",
            "may_be_stolen",
        }


def test_unknown_fields_are_ignored() -> None:
    """A later version may add fields, also names that this version keeps in memory only."""
    record = finding_to_json(sample.finding()) | {"later": 1, "profile": 7}
    assert finding_from_json(json.dumps(record)) == sample.finding()


@pytest.mark.parametrize("text", ["", "null", "{", "[]", '{"kind": "account"}', "[" * 100_000,
                                  line(sample.finding("a\ud800b"))])  # fmt: skip
def test_other_text_is_refused(text: str) -> None:
    """Text that is not a finding raises one kind of error, half a character in a name included."""
    with pytest.raises(ForeignRecordError):
        finding_from_json(text)

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
    finding = replace(sample.finding(text), p_value=number, items=items)
    back = finding_from_json(line(finding))
    assert (back.id, back.items) == (text, items)
    if math.isfinite(number):
        assert back.p_value == number
    else:
        assert math.isnan(back.p_value)


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
    inner: Any = record
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return record


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("kind",), "crowd"),
        (("items",), -1),
        (("items",), 1.5),
        (("first",), "2025-06-02 00:04"),
        (("p_value",), "small"),
        (("evidence", 0, "supports"), "both"),
        (("ring", "members", 0, "verdict"), None),
        (("ring", "slices", 0, "ring"), [1, 2]),
        (("ring", "growth", 0, "day"), "2 June"),
    ],
)
def test_the_schema_refuses_what_no_scan_writes(
    place: tuple[str | int, ...], value: object
) -> None:
    """A wrong value is an error by the schema; the reader refuses it too, if it reads it."""
    record = changed(place, value)
    assert list(Draft202012Validator(findings_schema()).iter_errors(record))
    if place[-1] != "supports":
        with pytest.raises(ForeignRecordError, match=str(place[0])):
            finding_from_json(json.dumps(record))


def test_every_field_of_the_schema_is_described_and_required() -> None:
    """Each field has a meaning, and only the page of a ring may be missing."""
    schema = findings_schema()
    Draft202012Validator.check_schema(schema)
    for part in (schema, *schema["$defs"].values()):
        assert all(field.get("description") for field in part["properties"].values())
        assert set(part["properties"]) - set(part["required"]) <= {"ring"}


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

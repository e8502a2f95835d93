"""The file of findings keeps its contract."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from tests.report import sample

from ringfence.report import write_findings


def test_a_finding_is_written_as_the_contract_says(tmp_path: Path) -> None:
    """Names, order, nesting and times are exactly those that programs rely on."""
    finding = dataclasses.replace(sample.finding(), evidence=sample.evidence(1))
    path = tmp_path / "findings.jsonl"
    write_findings([finding], path)
    assert json.loads(path.read_text()) == {
        "kind": "account",
        "id": "u-10442",
        "accounts": ["u-10442"],
        "verdict": "extracting",
        "p_value": 3.2e-9,
        "expected_false": 3.2e-9 * 2_000,
        "items": 50_000,
        "coverage": {"catalogue": 0.025, "use": 0.61},
        "first": "2025-06-02T00:04:00Z",
        "last": "2025-08-20T23:58:31Z",
        "action": "suspend",
        "evidence": [
            {
                "test": "volume",
                "observed": 1.0,
                "expected": 0.4,
                "p_value": 1e-7,
                "sentence": finding.evidence[0].sentence,
            }
        ],
    }


def test_times_elsewhere_are_moved_to_utc_and_naive_ones_are_utc(tmp_path: Path) -> None:
    """Every time ends in Z and means what it meant."""
    moment = datetime(2025, 1, 1, 0, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
    naive = datetime(2025, 1, 2, tzinfo=UTC).replace(tzinfo=None)
    path = tmp_path / "findings.jsonl"
    write_findings([dataclasses.replace(sample.finding(), first=moment, last=naive)], path)
    record = json.loads(path.read_text())
    assert (record["first"], record["last"]) == (
        "2024-12-31T23:30:00.250000Z",
        "2025-01-02T00:00:00Z",
    )


def test_hostile_ids_come_back_whole_and_the_file_is_plain_ascii(tmp_path: Path) -> None:
    """Nothing is lost or changed, and nothing in the file can drive a terminal."""
    path = tmp_path / "findings.jsonl"
    write_findings([sample.finding(text) for text in sample.HOSTILE], path)
    raw = path.read_bytes()
    assert raw.isascii()
    assert not any(byte < 32 and byte != 10 for byte in raw)
    assert [json.loads(line)["id"] for line in raw.splitlines()] == list(sample.HOSTILE)


def test_numbers_that_are_none_become_null(tmp_path: Path) -> None:
    """A number that is not finite would make the line no JSON."""
    path = tmp_path / "findings.jsonl"
    write_findings([dataclasses.replace(sample.finding(), p_value=float("nan"))], path)
    assert "NaN" not in path.read_text()
    assert json.loads(path.read_text())["p_value"] is None


def test_no_findings_make_an_empty_file(tmp_path: Path) -> None:
    """That nothing was found is said by a file with no line, not by no file."""
    path = tmp_path / "findings.jsonl"
    write_findings([], path)
    assert path.read_bytes() == b""

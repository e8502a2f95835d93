"""The file of findings keeps its contract."""

import dataclasses
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.report import sample

from ringfence.errors import SourceError
from ringfence.report import read_findings, write_findings


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
        "uses": 52_000,
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
                "supports": "extraction",
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


def test_a_ring_says_what_its_page_shows(tmp_path: Path) -> None:
    """Members, others, slices, growth and links, and no drawings; accounts have none of it."""
    path = tmp_path / "findings.jsonl"
    write_findings([sample.ring(2), sample.finding()], path)
    ring, account = map(json.loads, path.read_text().splitlines())
    assert "ring" not in account
    said = ring["ring"]
    assert said["members"][0] == {
        "account": "member-0",
        "items": 300,
        "first": "2025-06-02T00:00:00Z",
        "last": "2025-06-22T00:00:00Z",
        "observed": 0.0,
        "expected": 150.0,
        "verdict": "",
        "p_value": 0.04,
        "shares": [{"attribute": "device", "value": "device-1"}],
    }
    assert said["others"] == {
        "accounts": 2, "holdings": 580, "items": 4_000, "collisions": 9_120,
    }  # fmt: skip
    assert said["slices"][1] == {
        "holders": 3, "items": 5_000, "ring": [2_500, 0, 0], "others": [700, 20, 1],
    }  # fmt: skip
    assert said["growth"][1] == {
        "day": "2025-06-03", "accounts": 2, "items": 600, "collisions": 0, "expected": 6.0,
    }  # fmt: skip
    assert said["links"] == [{
        "attribute": "device", "observed": 40.0, "expected": 0.5, "p_value": 0.004,
        "values": [{"value": "device-1", "members": 9, "accounts": 11}],
    }]  # fmt: skip
    assert said.keys() == {"test", "members", "others", "slices", "growth", "links"}


def test_what_is_not_known_of_a_ring_is_null(tmp_path: Path) -> None:
    """A lockstep ring expects nothing of all times, and the line is JSON all the same."""
    ring = sample.ring(2)
    assert ring.ring is not None
    growth = (dataclasses.replace(ring.ring.growth[0], expected=float("nan")),)
    shown = dataclasses.replace(ring.ring, test="lockstep", growth=growth)
    path = tmp_path / "findings.jsonl"
    write_findings([dataclasses.replace(ring, ring=shown)], path)
    assert json.loads(path.read_text())["ring"]["growth"][0]["expected"] is None


def test_findings_are_read_one_by_one(tmp_path: Path) -> None:
    """The first is there before the second is read, and a line without end is refused."""
    path = tmp_path / "findings.jsonl"
    write_findings([sample.finding("first")], path)
    with path.open("ab") as file:
        file.write(b"no finding\n")
    reading = read_findings(path)
    assert next(reading).id == "first"
    with pytest.raises(SourceError, match="was not written by this version"):
        next(reading)


@pytest.mark.parametrize("content", [b"x" * 200, b'"' + b"\xff" * 50, b"\0" * 90, b"[" * 90, b"\n"])
def test_other_content_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """A line that is too long, binary, deep or empty is named as foreign."""
    monkeypatch.setattr("ringfence.report.jsonl.LONGEST_FINDING", 100)
    path = tmp_path / "findings.jsonl"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="was not written by this version"):
        list(read_findings(path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a device without end, a silent pipe and a link to itself end with a sentence."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path, Path("/dev/zero"), tmp_path / "pipe", tmp_path / "loop", Path("x\0")):
        with pytest.raises(SourceError, match=r"is not a file|cannot be read"):
            list(read_findings(path))

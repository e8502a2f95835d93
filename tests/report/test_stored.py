"""What a scan wrote is read back: findings, and accounts that are none."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pytest
from tests.report import sample

from ringfence.errors import SourceError
from ringfence.report import read_stored, write_findings

ACCOUNTS = (
    ("u-10442", 50_000, 52_000, 1_748_822_400, 1_755_000_000, "extracting", 3.2e-9, 1e-7, 0.3),
    ("quiet", 12, 15, 1_748_822_400, 1_748_822_460, "", 0.4, 0.25, math.nan),
    ("member-1", 300, 300, 1_748_822_400, 1_750_000_000, "", 0.04, 0.2, 0.6),
    ('it\'s "odd"', 1, 1, 1_748_822_400, 1_748_822_400, "", 0.9, 0.9, 0.9),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a scan leaves it, with a ring and two accounts that are findings."""
    hostile = sample.finding(sample.HOSTILE[4])
    write_findings([sample.ring(3), sample.finding(), hostile], tmp_path / "findings.jsonl")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (account VARCHAR, items BIGINT, uses BIGINT, first UINTEGER, "
            "last UINTEGER, verdict VARCHAR, p_value DOUBLE, p_volume DOUBLE, p_novelty DOUBLE)"
        )
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ACCOUNTS)
        connection.execute(f"COPY t TO '{tmp_path / 'accounts.parquet'}' (FORMAT parquet)")
    return tmp_path


def test_a_finding_is_what_the_file_says(folder: Path) -> None:
    """An account with a finding has its evidence and no list of tests."""
    stored = read_stored(folder, "u-10442")
    assert (stored.record["verdict"], stored.record["items"]) == ("extracting", 50_000)
    assert stored.record["evidence"][0]["test"] == "volume"
    assert "tests" not in stored.record
    assert stored.rings == ()


def test_a_ring_is_found_by_its_id(folder: Path) -> None:
    """With its members; it is not a member of itself."""
    stored = read_stored(folder, "ring-2db9fac3")
    assert [one["account"] for one in stored.record["ring"]["members"]] == [
        "member-0", "member-1", "member-2",
    ]  # fmt: skip
    assert stored.rings == ()


def test_an_account_that_is_no_finding_has_its_tests(folder: Path) -> None:
    """With times as findings have them, and without tests that could not measure it."""
    stored = read_stored(folder, "quiet")
    assert stored.record["verdict"] == ""
    assert stored.record["tests"] == {"volume": 0.25}
    assert stored.record["first"] == "2025-06-02T00:00:00Z"
    assert stored.record["p_value"] == 0.4


def test_a_member_knows_its_ring(folder: Path) -> None:
    """An account that is no finding may be part of one."""
    stored = read_stored(folder, "member-1")
    assert [ring["id"] for ring in stored.rings] == ["ring-2db9fac3"]
    assert stored.record["tests"] == {"volume": 0.2, "novelty": 0.6}


def test_names_are_not_statements(folder: Path) -> None:
    """Quotes in a name are part of it."""
    assert read_stored(folder, 'it\'s "odd"').record["items"] == 1


@pytest.mark.parametrize("shown", ["invoice\N{REPLACEMENT CHARACTER}fdp.exe",
                                   "invoice\\u{202e}fdp.exe", "u-104…", "ring-2…"])  # fmt: skip
def test_what_a_screen_shows_of_a_finding_is_enough(folder: Path, shown: str) -> None:
    """An id can be copied from where its hidden signs or its end are not shown."""
    assert read_stored(folder, shown).record["id"] in {
        "invoice\u202efdp.exe", "u-10442", "ring-2db9fac3",
    }  # fmt: skip


def test_a_slip_of_the_pen_is_pointed_out(folder: Path) -> None:
    """Names near to an unknown one are in the hint, rings included, hidden signs visible."""
    with pytest.raises(SourceError, match=r"near it: quiet") as raised:
        read_stored(folder, "quite")
    assert "no account and no ring called 'quite'" in str(raised.value)
    with pytest.raises(SourceError, match=r"near it: ring-2db9fac3"):
        read_stored(folder, "ring-2db9fac4")
    with pytest.raises(SourceError, match=r"near it: invoice\\u\{202e\}fdp.exe"):
        read_stored(folder, "invoice fdp.exe")


def test_a_name_like_none_is_said_without_guessing(folder: Path) -> None:
    """Where nothing is near, the hint says which files list everybody."""
    with pytest.raises(SourceError, match=r"accounts\.parquet list who it judged"):
        read_stored(folder, "0")


def test_a_folder_without_a_scan_is_named(tmp_path: Path) -> None:
    """Missing, damaged and foreign files are refused in one line each."""
    with pytest.raises(SourceError, match=r"findings.jsonl: cannot be read: No such file"):
        read_stored(tmp_path, "x")
    for text in ("no json\n", '{"kind": "ring"}\n', "[1]\n", "7\n"):
        (tmp_path / "findings.jsonl").write_text(text)
        with pytest.raises(SourceError, match="is not what a scan writes"):
            read_stored(tmp_path, "x")
    (tmp_path / "findings.jsonl").write_text("")
    with pytest.raises(SourceError, match=r"accounts.parquet: cannot be read") as raised:
        read_stored(tmp_path, "x")
    assert "\n" not in str(raised.value)

"""What a scan wrote is read back: findings, and accounts that are none."""

from __future__ import annotations

import functools
import json
import math
import operator
import re
import shlex
from pathlib import Path

import duckdb
import pytest
from tests.report import sample

from ringfence.errors import SourceError
from ringfence.report import finding_to_json, read_stored, write_findings

BROWSER = "192.0.2.44 Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"

ACCOUNTS = (
    ("u-10442", 50_000, 52_000, 1_748_822_400, 1_755_000_000, "extracting", 3.2e-9, 1e-7, 0.3),
    ("quiet", 12, 15, 1_748_822_400, 1_748_822_460, "", 0.4, 0.25, math.nan),
    ("member-1", 300, 300, 1_748_822_400, 1_750_000_000, "", 0.04, 0.2, 0.6),
    ('it\'s "odd"', 1, 1, 1_748_822_400, 1_748_822_400, "", 0.9, 0.9, 0.9),
    ("u\N{REPLACEMENT CHARACTER}1", 2, 2, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
    ("back\x1b]ed", 3, 3, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
    (f"{BROWSER} one", 4, 4, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
    (f"{BROWSER} two", 5, 5, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
    ("-dash", 6, 6, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a scan leaves it, with a ring and two accounts that are findings."""
    hostile = sample.finding(sample.HOSTILE[4])
    found = [sample.ring(3), sample.finding(), hostile, sample.finding("u\x001")]
    write_findings(found, tmp_path / "findings.jsonl")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (account VARCHAR, items BIGINT, uses BIGINT, first UINTEGER, "
            "last UINTEGER, verdict VARCHAR, p_value DOUBLE, p_volume DOUBLE, p_novelty DOUBLE)"
        )
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ACCOUNTS)
        connection.execute(f"COPY t TO '{tmp_path / 'accounts.parquet'}' (FORMAT parquet)")
    return tmp_path


def refusal(folder: Path, name: str) -> str:
    """Ask for somebody who is not there and return the one line that says so."""
    with pytest.raises(SourceError) as raised:
        read_stored(folder, name)
    assert "\n" not in str(raised.value)
    return str(raised.value)


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
    assert stored.record["rings"] == ["ring-2db9fac3"]
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


def test_the_exact_name_comes_first(folder: Path) -> None:
    """An account that is called what a screen shows of another is that account."""
    assert read_stored(folder, "u\N{REPLACEMENT CHARACTER}1").record["items"] == 2
    assert read_stored(folder, "u\\u{0}1").record["items"] == 50_000


@pytest.mark.parametrize("shown", ["back\N{REPLACEMENT CHARACTER}]ed", "back\\u{1b}]ed", "bac…",
                                   "back\\u{1b…"])  # fmt: skip
def test_what_a_screen_shows_of_any_account_is_enough(folder: Path, shown: str) -> None:
    """Also of one that is no finding."""
    assert read_stored(folder, shown).record["id"] == "back\x1b]ed"


def test_what_is_short_for_several_is_none_of_them(folder: Path) -> None:
    """Who may be meant is said, so long that each can be told from the others."""
    said = refusal(folder, "192.0.2.44 Mozilla…")
    assert "'192.0.2.44 Mozilla…' is short for 2 accounts and rings" in said
    assert f"near it: '{BROWSER} one', '{BROWSER} two'; declared robots" in said


def test_a_slip_of_the_pen_is_pointed_out(folder: Path) -> None:
    """Names near to an unknown one are in the hint, rings included, ready to be typed."""
    said = refusal(folder, "quite")
    assert "no account and no ring called 'quite' (near it: quiet; " in said
    assert "declared robots are listed apart in the report and not judged" in said
    assert "near it: ring-2db9fac3;" in refusal(folder, "ring-2db9fac4")
    assert "near it: -- -dash;" in refusal(folder, "-dahs")


@pytest.mark.parametrize("name", ["invoice fdp.exe", "back]ed", "its odd", f"{BROWSER} once",
                                  "u-01442", "\udcffquiet"])  # fmt: skip
def test_a_hint_can_be_typed_as_it_is(folder: Path, name: str) -> None:
    """What a shell makes of each name in the hint is accepted, and harmless to look at."""
    near = re.search(r"near it: (.*); declared", refusal(folder, name))
    assert near is not None
    assert near[1].isprintable()
    for word in shlex.split(near[1].replace(", ", " ")):
        assert read_stored(folder, word).record["items"]


def test_a_name_like_none_is_said_without_guessing(folder: Path) -> None:
    """Where nothing is near, the hint says which files list everybody."""
    assert "accounts.parquet list who it judged; declared robots" in refusal(folder, "0")


def test_a_folder_without_a_scan_is_named(tmp_path: Path) -> None:
    """Missing, damaged and foreign files are refused in one line each."""
    with pytest.raises(SourceError, match=r"findings.jsonl: cannot be read: No such file"):
        read_stored(tmp_path, "x")
    for text in ("no json\n", '{"kind": "ring"}\n', "[1]\n", "7\n"):
        (tmp_path / "findings.jsonl").write_text(text)
        with pytest.raises(SourceError, match="is not what a scan writes"):
            read_stored(tmp_path, "x")
    (tmp_path / "findings.jsonl").write_text("")
    assert "accounts.parquet: cannot be read" in refusal(tmp_path, "x")


def parts(record: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the place of every key in a record, the first element of a list for all."""
    if isinstance(record, list):
        return parts(record[0], (*place, 0)) if record else []
    if not isinstance(record, dict):
        return []
    own = [(*place, key) for key in record]
    return own + [one for key, value in record.items() for one in parts(value, (*place, key))]


CONTRACT = parts(finding_to_json(sample.ring(3)))


@pytest.mark.parametrize("place", CONTRACT, ids=lambda place: ".".join(map(str, place)))
def test_a_finding_that_lacks_a_part_is_refused(tmp_path: Path, place: tuple[str | int]) -> None:
    """Every key of the contract is there and of its kind, or nothing is said at all."""
    for change in ("gone", "other"):
        record = json.loads(json.dumps(finding_to_json(sample.ring(3))))
        inner = functools.reduce(operator.getitem, place[:-1], record)
        if change == "other":
            inner[place[-1]] = {"other": True}
        elif place != ("ring",):
            del inner[place[-1]]
        else:
            continue
        (tmp_path / "findings.jsonl").write_text(json.dumps(record) + "\n")
        assert "findings.jsonl: is not what a scan writes (scan again)" in refusal(
            tmp_path, "ring-2db9fac3"
        )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("p_value", "NaN"),
        ("expected_false", "-Infinity"),
        ("p_value", "[" * 100_000),
        ("first", '"today"'),
        ("verdict", '"guilty"'),
        ("items", "-1"),
    ],
)
def test_values_that_nothing_can_be_said_of_are_refused(
    tmp_path: Path, key: str, value: str
) -> None:
    """Numbers that are none, times that are none, and a file made to exhaust its user."""
    line = json.dumps(finding_to_json(sample.finding()) | {key: "here"})
    (tmp_path / "findings.jsonl").write_text(line.replace('"here"', value))
    assert "is not what a scan writes" in refusal(tmp_path, "u-10442")


@pytest.mark.parametrize(
    "columns",
    [
        "'quiet' AS account",
        "* EXCLUDE (uses) FROM t",
        "* REPLACE ('long ago' AS first) FROM t",
        "* REPLACE (7 AS account) FROM t",
        "* REPLACE (NULL::BIGINT AS items) FROM t",
        "* REPLACE ('nan'::DOUBLE AS p_value) FROM t",
        "*, 'x' AS p_other FROM t",
    ],
)
def test_a_table_that_no_scan_wrote_is_refused(folder: Path, columns: str) -> None:
    """Columns that are missing, of another type or empty are one line, whatever is asked."""
    path = folder / "accounts.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM '{path}'")
        connection.execute(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
    assert "accounts.parquet: is not what a scan writes (scan again)" in refusal(folder, "quiet")

"""Look up findings, and other accounts, in the files of a scan."""

from __future__ import annotations

import functools
import json
import math
import operator
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from tests.report import sample

from ringfence.errors import SourceError
from ringfence.model.finding import Finding
from ringfence.model.output_tables import AccountRow
from ringfence.model.records import finding_to_json
from ringfence.report import look_up, write_findings

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
    ("- L999001", 7, 7, 1_748_822_400, 1_748_822_400, "", 0.8, 0.8, 0.8),
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
            "CREATE TABLE t (account VARCHAR, items BIGINT, uses BIGINT, first BIGINT, last BIGINT,"
            " verdict VARCHAR, p_value DOUBLE, p_volume DOUBLE, p_novelty DOUBLE)"
        )
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ACCOUNTS)
        connection.execute(
            "COPY (SELECT * REPLACE (to_timestamp(first) AS first, to_timestamp(last) AS last), "
            f"'' AS ring FROM t) TO '{tmp_path / 'accounts.parquet'}' (FORMAT parquet)"
        )
    return tmp_path


def refusal(folder: Path, name: str) -> str:
    """Ask for somebody who is not there and return the one line that says so."""
    with pytest.raises(SourceError) as raised:
        look_up(folder, name)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def finding_of(folder: Path, name: str) -> Finding:
    """Look up a name that is a finding."""
    record = look_up(folder, name).record
    assert isinstance(record, Finding)
    return record


def row_of(folder: Path, name: str) -> AccountRow:
    """Look up an account that is not a finding."""
    record = look_up(folder, name).record
    assert isinstance(record, AccountRow)
    return record


def test_a_finding_is_read_back_as_it_was(folder: Path) -> None:
    """An account that is a finding comes back equal, with its evidence and without a row."""
    subject = look_up(folder, "u-10442")
    assert subject.record == sample.finding()
    assert subject.rings == ()
    assert subject.to_json() == finding_to_json(sample.finding())


def test_a_ring_is_found_by_its_id(folder: Path) -> None:
    """A ring comes back with its members, and is not a member of itself."""
    ring = finding_of(folder, "ring-2db9fac3")
    assert ring.ring is not None
    assert [one.account for one in ring.ring.members] == ["member-0", "member-1", "member-2"]
    assert look_up(folder, "ring-2db9fac3").rings == ()


def test_an_account_that_is_no_finding_has_its_tests(folder: Path) -> None:
    """Its row has times with a zone, and leaves out tests that could not measure it."""
    row = row_of(folder, "quiet")
    assert row.verdict == ""
    assert row.tests == {"volume": 0.25}
    assert row.first == datetime(2025, 6, 2, tzinfo=UTC)
    assert row.p_value == 0.4


def test_an_account_that_is_no_finding_has_the_keys_of_one_in_json(folder: Path) -> None:
    """A program reads the same keys, and the p-values by test."""
    assert look_up(folder, "quiet").to_json() == {
        "kind": "account", "id": "quiet", "accounts": ["quiet"], "verdict": "", "p_value": 0.4,
        "items": 12, "uses": 15, "first": "2025-06-02T00:00:00Z", "last": "2025-06-02T00:01:00Z",
        "tests": {"volume": 0.25}, "rings": [],
    }  # fmt: skip


def test_a_member_knows_its_ring(folder: Path) -> None:
    """An account that is not a finding may be a member of a ring."""
    subject = look_up(folder, "member-1")
    assert [ring.id for ring in subject.rings] == ["ring-2db9fac3"]
    assert subject.to_json()["rings"] == ["ring-2db9fac3"]
    assert row_of(folder, "member-1").tests == {"volume": 0.2, "novelty": 0.6}


def test_a_quote_in_a_name_does_not_end_a_statement(folder: Path) -> None:
    """Names reach SQL as parameters."""
    assert row_of(folder, 'it\'s "odd"').items == 1


@pytest.mark.parametrize("shown", ["invoice\N{REPLACEMENT CHARACTER}fdp.exe",
                                   "invoice\\u{202e}fdp.exe", "u-104…", "ring-2…"])  # fmt: skip
def test_the_form_on_screen_finds_a_finding(folder: Path, shown: str) -> None:
    """An id can be copied from a screen that does not show its hidden characters or its end."""
    assert finding_of(folder, shown).id in {
        "invoice\u202efdp.exe", "u-10442", "ring-2db9fac3",
    }  # fmt: skip


def test_the_exact_name_comes_first(folder: Path) -> None:
    """A name that is also the form on screen of another account means its own account."""
    assert row_of(folder, "u\N{REPLACEMENT CHARACTER}1").items == 2
    assert finding_of(folder, "u\\u{0}1").items == 50_000


@pytest.mark.parametrize("shown", ["back\N{REPLACEMENT CHARACTER}]ed", "back\\u{1b}]ed", "bac…",
                                   "back\\u{1b…"])  # fmt: skip
def test_the_form_on_screen_finds_any_account(folder: Path, shown: str) -> None:
    """The same holds for an account that is not a finding."""
    assert row_of(folder, shown).account == "back\x1b]ed"


def test_an_ambiguous_name_is_refused(folder: Path) -> None:
    """The candidates are listed in a form that tells them apart."""
    said = refusal(folder, "192.0.2.44 Mozilla…")
    assert "'192.0.2.44 Mozilla…' is short for 2 accounts and rings" in said
    assert f"did you mean '{BROWSER} one' or '{BROWSER} two'? Declared robots" in said


def test_a_misspelled_name_is_corrected(folder: Path) -> None:
    """Similar names are suggested, rings included, ready to be typed."""
    said = refusal(folder, "quite")
    assert "no account and no ring with the name 'quite' (did you mean quiet? " in said
    assert (
        "Declared robots and accounts within a grant are listed in the report and not scored"
        in said
    )
    assert "did you mean ring-2db9fac3?" in refusal(folder, "ring-2db9fac4")
    assert "did you mean -- -dash?" in refusal(folder, "-dahs")
    assert "did you mean -- '- L999001'?" in refusal(folder, "L999001")


@pytest.mark.parametrize("name", ["invoice fdp.exe", "back]ed", "its odd", f"{BROWSER} once",
                                  "u-01442", "\udcffquiet"])  # fmt: skip
def test_a_suggestion_can_be_typed_as_it_is(folder: Path, name: str) -> None:
    """A shell turns each suggestion into a name that is found, and none can harm a terminal."""
    similar = re.search(r"did you mean (.*)\? Declared", refusal(folder, name))
    assert similar is not None
    assert similar[1].isprintable()
    for word in similar[1].split(" or "):
        (typed,) = shlex.split(word)
        assert look_up(folder, typed).record.items


def test_a_name_like_no_other_gets_no_suggestion(folder: Path) -> None:
    """The hint then names the files that list every account."""
    assert "accounts.parquet list all scored accounts. Declared robots" in refusal(folder, "0")


def test_a_folder_without_a_scan_is_named(tmp_path: Path) -> None:
    """Missing, damaged and foreign files are refused in one line each."""
    with pytest.raises(SourceError, match=r"findings.jsonl: cannot be read: No such file"):
        look_up(tmp_path, "x")
    for text in ("no json\n", '{"kind": "ring"}\n', "[1]\n", "7\n"):
        (tmp_path / "findings.jsonl").write_text(text)
        with pytest.raises(SourceError, match="was not written by this version of Ringfence"):
            look_up(tmp_path, "x")
    (tmp_path / "findings.jsonl").write_bytes(b"\xff\xfe")
    assert "was not written by this version" in refusal(tmp_path, "x")
    (tmp_path / "findings.jsonl").write_text("")
    assert "accounts.parquet: cannot be read" in refusal(tmp_path, "x")


def places(record: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the place of every key in a record, the first element of a list for all."""
    if isinstance(record, list):
        return places(record[0], (*place, 0)) if record else []
    if not isinstance(record, dict):
        return []
    own = [(*place, key) for key in record]
    return own + [one for key, value in record.items() for one in places(value, (*place, key))]


CONTRACT = [place for place in places(finding_to_json(sample.ring(3))) if place[-1] != "supports"]
"""Every key of a finding but ``supports``, which follows from the p-value and is not read."""


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
        assert (
            "findings.jsonl: was not written by this version of Ringfence (run the scan again)"
            in refusal(tmp_path, "ring-2db9fac3")
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
    assert "was not written by this version" in refusal(tmp_path, "u-10442")


@pytest.mark.parametrize(
    "columns",
    [
        "'quiet' AS account",
        "* EXCLUDE (uses) FROM t",
        "* REPLACE ('long ago' AS first) FROM t",
        "* REPLACE (epoch(first) AS first) FROM t",
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
    assert "accounts.parquet: was not written by this version" in refusal(folder, "quiet")

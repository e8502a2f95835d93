"""Separated values: delimiters, quotes, line ends, columns by name, and times in every dress."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlglot
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError, SettingsError
from ringfence.events.formats import RAW_COLUMNS, FastPath
from ringfence.events.formats.csv import CSV
from ringfence.settings import ColumnSettings, EventSettings

at = datetime.fromisoformat
HEADER = "time,user,track\n"
DEFAULTS = EventSettings.model_validate({})


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def with_columns(**columns: str) -> EventSettings:
    """Return settings that name these columns."""
    return EventSettings.model_validate({"columns": ColumnSettings.model_validate(columns)})


def opened(
    engine: Engine, path: Path, content: str | bytes, how: EventSettings = DEFAULTS
) -> tuple[CSV, FastPath]:
    """Write a file and open it, with the reader that did."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    form = CSV()
    return form, form.open(engine, path, how)


def raw(engine: Engine, source: FastPath, columns: str = "time, login, item") -> list[object]:
    """Return columns of the raw relation, in text order."""
    select = source.reader(source.path, "list")
    return sorted(engine.rows(f"SELECT {columns} FROM ({select})"), key=str)


def typed(engine: Engine, tmp_path: Path, text: str, zone: str = "UTC") -> object:
    """Return a time written as this text, as the engine types it."""
    # A copy, because settings refuse an unknown zone before the engine sees it.
    how = DEFAULTS.model_copy(update={"time_zone": zone})
    table = io.StringIO()
    csv.writer(table).writerows([["time", "user", "track"], [text, "u", "t"]])
    _, source = opened(engine, tmp_path / "times.csv", table.getvalue(), how)
    return engine.rows(f"SELECT {source.time} FROM ({source.select})")[0][0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(engine: Engine, tmp_path: Path, delimiter: str) -> None:
    """Each of the four delimiters is recognised, also with another one inside the values."""
    other = ";" if delimiter == "," else ","
    lines = [["time", "user", "track"], ["2024-01-01", f"a{other}b", "t1"]]
    text = "\n".join(delimiter.join(line) for line in lines) + "\n"
    assert CSV().recognises(text.splitlines())
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert raw(engine, source) == [("2024-01-01", f"a{other}b", "t1")]


def test_gives_exactly_the_raw_columns_as_text(engine: Engine, tmp_path: Path) -> None:
    """The SELECT has the raw columns in their order, absent ones NULL, none marks NULL."""
    text = "ts,account,item,seconds,status\n2024-01-01,-,t1,,200\n"
    _, source = opened(engine, tmp_path / "log.csv", text)
    names = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {source.select})")
    assert names == [(name, "VARCHAR") for name in RAW_COLUMNS]
    assert raw(engine, source, "login, item, seconds, status, url") == [
        (None, "t1", None, "200", None)
    ]
    assert source.present == {"time", "login", "item", "seconds", "status"}


def test_reads_quotes_marks_and_line_ends(engine: Engine, tmp_path: Path) -> None:
    """A byte order mark, CRLF, doubled quotes and line ends inside quotes are read as meant."""
    text = b'\xef\xbb\xbf"time",user,track\r\n2024-01-01,"a ""b"", c","t\r\n1"\r\n'
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert raw(engine, source) == [("2024-01-01", 'a "b", c', "t\r\n1")]


@pytest.mark.parametrize(
    "text",
    [
        "time,user,track\r\n2024-01-01,a,t1\n2024-01-02,b,t2\r\n",
        "time,user,track\n2024-01-01,a,t1\r\n2024-01-02,b,t2\r",
    ],
)
def test_mixed_line_ends_stop_nothing(engine: Engine, tmp_path: Path, text: str) -> None:
    """Line ends of several kinds in one file neither stop the engine nor lose a row."""
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert raw(engine, source) == [("2024-01-01", "a", "t1"), ("2024-01-02", "b", "t2")]


def test_a_stray_carriage_return_costs_one_row_only(engine: Engine, tmp_path: Path) -> None:
    """A carriage return inside a value breaks that row and leaves its neighbours alone."""
    text = HEADER + "2024-01-01,a,t1\n2024-01-02,b\rc,t2\n2024-01-03,c,t3\n"
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert [row[2] for row in raw(engine, source)] == ["t1", "t3"]


def test_rejected_rows_can_be_found_and_parsed(engine: Engine, tmp_path: Path) -> None:
    """Rows that are too short, too long or no UTF-8 are rejected by the engine, not lost."""
    text = b"time,user,track,group\n2024-01-01,a,t1,g\n2024-01-02,b,t2\n"
    text += b"2024-01-03,c,t3,g,surplus\n2024-01-04,\xff,t4,g\n2024-01-05,e,t5,g\n"
    form, source = opened(engine, tmp_path / "log.csv", text)
    assert [row[2] for row in raw(engine, source)] == ["t1", "t5"]
    rejected = engine.rows("SELECT DISTINCT line_byte_position FROM reject_errors ORDER BY 1")
    assert len(rejected) == 3
    short = form.parse("2024-01-02,b,t2")
    assert short is not None
    assert (short["item"], short["group"]) == ("t2", None)


def test_parse_follows_the_header(engine: Engine, tmp_path: Path) -> None:
    """The tolerant path takes its columns from the header and completes the raw columns."""
    form, _ = opened(engine, tmp_path / "log.csv", "item;when;user id\n", with_columns(ts="when"))
    record = form.parse('"t;1";2024-01-01;"Q ""J"" Public"')
    assert record is not None
    assert tuple(record) == RAW_COLUMNS
    assert (record["item"], record["time"], record["login"]) == (
        "t;1",
        "2024-01-01",
        'Q "J" Public',
    )
    assert record["ip"] is None


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('2024-01-01,"a,t1', "t1"),
        ("2024-01-01,a,t1,,", "t1"),
        ("2024-01-01,a,t1,x", None),
        ("2024-01-01,a", None),
        ('"2024-01-01,a",t1', None),
        ("", None),
        ("\x16\x03\x01\x00", None),
        ("time,user,track", None),
        ("\ufefftime,user,track", None),
    ],
)
def test_parse_is_tolerant_but_never_guesses(
    engine: Engine, tmp_path: Path, line: str, item: str | None
) -> None:
    """Stray quotes and empty surplus are accepted; shifted, short or header rows are refused."""
    form, _ = opened(engine, tmp_path / "log.csv", HEADER)
    record = form.parse(line)
    assert (record["item"] if record else None) == item


@pytest.mark.parametrize(
    ("header", "what", "setting"),
    [
        ("when,user,track", "the time", "events.columns.ts"),
        ("time,who,track", "the account or address", "events.columns.account or events.columns.ip"),
        ("time,user,what", "the item or URL", "events.columns.item or events.columns.url"),
    ],
)
def test_missing_columns_are_named(
    engine: Engine, tmp_path: Path, header: str, what: str, setting: str
) -> None:
    """The error says in one line what is missing, which columns there are and what maps them."""
    with pytest.raises(FormatError) as caught:
        opened(engine, tmp_path / "log.csv", header + "\n1,2,3\n")
    assert str(caught.value) == (
        f"{tmp_path / 'log.csv'}: no column is known to hold {what}; "
        f"the columns are {header.replace(',', ', ')} (name it with {setting})"
    )


def test_a_misspelt_column_setting_is_an_error(engine: Engine, tmp_path: Path) -> None:
    """A column that is set but not there is an error, though a usual name is there."""
    with pytest.raises(FormatError, match=r"no column 'usr'.*change events\.columns\.account"):
        opened(engine, tmp_path / "log.csv", HEADER, with_columns(account="usr"))


def test_set_columns_go_before_usual_names(engine: Engine, tmp_path: Path) -> None:
    """A column named in the settings is taken even where another has the usual name."""
    text = "time,user,track,owner\n2024-01-01,a,t1,b\n"
    _, source = opened(engine, tmp_path / "log.csv", text, with_columns(account="owner"))
    assert raw(engine, source) == [("2024-01-01", "b", "t1")]
    assert ("columns", "ts = time, account = owner, item = track", "events.columns") in (
        source.assumed
    )


def test_columns_taken_for_nothing_are_told(engine: Engine, tmp_path: Path) -> None:
    """A column under a name nobody expects is named; none is, where all serve."""
    text = "time,user,track,joined,mood\n2024-01-01,a,t1,2023-01-01,calm\n"
    _, source = opened(engine, tmp_path / "log.csv", text, with_columns())
    assert source.unused == ("joined", "mood")
    _, source = opened(engine, tmp_path / "log.csv", text, with_columns(signed_up="joined"))
    assert source.unused == ("mood",)
    _, source = opened(engine, tmp_path / "all.csv", "time,user,track\n2024-01-01,a,t1\n")
    assert source.unused == ()


def test_names_are_compared_without_case_and_signs(engine: Engine, tmp_path: Path) -> None:
    """Usual names are found however they are written, in their order of preference."""
    text = "Date,Time-Stamp,User ID,TrackId,User-Agent,IP Address\nd,2024-01-01,u,t,c,i\n"
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert raw(engine, source, "time, login, item, client, ip") == [
        ("2024-01-01", "u", "t", "c", "i")
    ]


@pytest.mark.parametrize("text", ["one column\n1\n", "a,b\n1,2\n", "\n"])
def test_no_table_is_an_error(engine: Engine, tmp_path: Path, text: str) -> None:
    """A file without three columns under a header is refused in one line."""
    with pytest.raises(FormatError, match="no header line"):
        opened(engine, tmp_path / "log.csv", text)


def test_reads_gzip_and_odd_file_names(engine: Engine, tmp_path: Path) -> None:
    """A compressed file is read, and glob characters in its name mean themselves."""
    (tmp_path / "ab.csv.gz").write_bytes(gzip.compress(b"time,user,track\n2024-01-09,z,t9\n"))
    content = gzip.compress(HEADER.encode() + b"2024-01-01,a,t1\n")
    _, source = opened(engine, tmp_path / "a*.csv.gz", content)
    assert raw(engine, source) == [("2024-01-01", "a", "t1")]


def test_hostile_header_names_stay_names(engine: Engine, tmp_path: Path) -> None:
    """Quotes and SQL in the header neither break nor change the statement."""
    text = 'time,user,track,"x\', \'; DROP TABLE y; --"""\n2024-01-01,a,t1,z\n'
    _, source = opened(engine, tmp_path / "log.csv", text)
    assert raw(engine, source) == [("2024-01-01", "a", "t1")]


@pytest.mark.parametrize(
    "head",
    [
        [],
        ["", ""],
        ['1.2.3.4 - - [12/Mar/2013:00:13:18 +0100] "GET /a,b,c HTTP/1.1" 200 12'],
        ["12,13,14", "15,16,17"],
        ["a,b,c", "one", "two", "three"],
        ["a,b,c\x00", "1,2,3"],
    ],
)
def test_does_not_take_other_text_for_a_table(head: list[str]) -> None:
    """Logs, numbers without a header, ragged text and binary are not recognised."""
    assert not CSV().recognises(head)


def test_a_bad_line_in_the_head_changes_nothing() -> None:
    """A table is recognised though a line of it is binary and another one cut."""
    assert CSV().recognises(["time,user,track", "\x16\x03\x00", "1,a,t1", "2,b", "3,c,t3"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-01T12:00:00Z", at("2024-07-01 12:00:00")),
        ("2024-07-01T12:00:00.123456Z", at("2024-07-01 12:00:00.123456")),
        ("2024-07-01T12:00:00+02:00", at("2024-07-01 10:00:00")),
        ("2024-07-01 12:00:00 -0230", at("2024-07-01 14:30:00")),
        ("2024-07-01 12:00:00+02", at("2024-07-01 10:00:00")),
        ("2024-07-01 12:00:00 UTC", at("2024-07-01 12:00:00")),
        ("1700000000", at("2023-11-14 22:13:20")),
        ("1700000000.25", at("2023-11-14 22:13:20.250000")),
        ("1700000000250", at("2023-11-14 22:13:20.250000")),
        ("1700000000250000", at("2023-11-14 22:13:20.250000")),
        ("1700000000250000000", at("2023-11-14 22:13:20.250000")),
        ("1.7e9", at("2023-11-14 22:13:20")),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_times_with_a_zone(
    engine: Engine, tmp_path: Path, text: str, expected: datetime, zone: str
) -> None:
    """Offsets and numbers since 1970 mean one instant, whatever zone is set."""
    assert typed(engine, tmp_path, text, zone) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-01 12:00:00", at("2024-07-01 10:00:00")),
        ("2024-07-01T12:00", at("2024-07-01 10:00:00")),
        ("2024/07/01 12:00:00,5", at("2024-07-01 10:00:00.500000")),
        ("2024-07-01", at("2024-06-30 22:00:00")),
        ("2024-01-01 12:00:00", at("2024-01-01 11:00:00")),
    ],
)
def test_times_without_a_zone(
    engine: Engine, tmp_path: Path, text: str, expected: datetime
) -> None:
    """A time without zone is taken in the zone set, with summer time by its date."""
    assert typed(engine, tmp_path, text, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "infinity",
        "epoch",
        "nan",
        "inf",
        "-1",
        "0",
        "20240701",
        "1e400",
        "12:00:00",
        "2024-13-45 25:00:00",
        "2024-07-01 12:00:00 (BC)",
        "2024-07-01T12:00:00+99:00",
        "2024-07-01 12:00:00 nowhere",
        "9" * 400,
    ],
)
def test_what_is_no_time_is_null(engine: Engine, tmp_path: Path, text: str) -> None:
    """Anything else becomes NULL and neither an error nor a guess."""
    assert typed(engine, tmp_path, text) is None


@pytest.mark.parametrize("zone", ["Nowhere/City", "", "x'; --"])
def test_an_unknown_zone_is_an_error(engine: Engine, tmp_path: Path, zone: str) -> None:
    """A zone the engine does not know is refused before anything is read."""
    with pytest.raises(SettingsError, match=r"events\.time_zone: no time zone is called"):
        typed(engine, tmp_path, "2024-01-01", zone)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_typing_renders_for_spark(engine: Engine, tmp_path: Path, zone: str) -> None:
    """The SQL that types times is carried to Spark, where the zone keeps its direction."""
    how = EventSettings.model_validate({"time_zone": zone})
    _, source = opened(engine, tmp_path / "log.csv", HEADER, how)
    (spark,) = sqlglot.transpile(
        f"SELECT {source.time} AS ts FROM raw",
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )
    assert ("TO_UTC_TIMESTAMP(" in spark) == (zone != "UTC")
    assert "TRY_STRPTIME" not in spark


@pytest.mark.slow
@given(st.text(), st.booleans())
@example('"', True)
@example("a\nb,c,d", True)
@example("x" * 200_000 + ",b,c", True)
def test_parse_never_raises(
    tmp_path_factory: pytest.TempPathFactory, line: str, ready: bool
) -> None:
    """Any text at all is a record with the raw columns, or none."""
    form = CSV()
    if ready:
        path = tmp_path_factory.getbasetemp() / "header.csv"
        path.write_text(HEADER)
        with open_engine() as engine:
            form.open(engine, path, DEFAULTS)
    record = form.parse(line)
    assert record is None or tuple(record) == RAW_COLUMNS


@pytest.mark.slow
@given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8"), min_size=2)] * 3), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_both_paths_read_the_same(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Both paths read the output of a CSV writer as it was written."""
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerows([("time", "user", "track"), *rows])
    with open_engine() as engine:
        form, source = opened(engine, tmp_path / "log.csv", table.getvalue())
        assert raw(engine, source) == sorted(rows, key=str)
    lines = io.StringIO()
    for row in rows:
        lines.seek(0)
        lines.truncate()
        csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="").writerow(row)
        record = form.parse(lines.getvalue())
        assert record is not None
        assert (record["time"], record["login"], record["item"]) == row

"""JSON lines: keys by name and depth, lines that are not JSON, and values as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError
from ringfence.events.formats import RAW_COLUMNS, FastPath
from ringfence.events.formats.ndjson import NDJSON
from ringfence.settings import ColumnSettings, EventSettings

FLAT = '{"ts": "2024-01-01T00:00:00Z", "user": "a", "track": "t1"}\n'
DEFAULTS = EventSettings.model_validate({})


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def opened(
    engine: Engine, path: Path, content: str | bytes, **columns: str
) -> tuple[NDJSON, FastPath]:
    """Write a file and open it, with the reader that did."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    form = NDJSON()
    how = EventSettings.model_validate({"columns": ColumnSettings.model_validate(columns)})
    return form, form.open(engine, path, how)


def raw(
    engine: Engine, source: FastPath, columns: str = "time, login, item"
) -> list[tuple[object, ...]]:
    """Return columns of the raw relation, in text order."""
    select = source.reader(source.path, "list")
    return sorted(engine.rows(f"SELECT {columns} FROM ({select})"), key=str)


def test_keys_taken_for_nothing_are_told(engine: Engine, tmp_path: Path) -> None:
    """Nested ones by their path."""
    line = '{"time": "2024-01-01", "user": "a", "track": "t1", "mood": {"now": "calm"}}\n'
    assert opened(engine, tmp_path / "log.ndjson", line)[1].unused == ("mood.now",)


def test_gives_exactly_the_raw_columns_as_text(engine: Engine, tmp_path: Path) -> None:
    """The SELECT has the raw columns in their order, all text, NULL where the line has none."""
    line = '{"ts": 1700000000, "user": "-", "track": 7, "artist": "", "seconds": 1.5, "ok": null}'
    _, source = opened(engine, tmp_path / "log.ndjson", line)
    names = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {source.select})")
    assert names == [(name, "VARCHAR") for name in RAW_COLUMNS]
    assert raw(engine, source, 'time, login, item, "group", seconds, url') == [
        ("1700000000", None, "7", None, "1.5", None)
    ]
    assert source.present == {"time", "login", "item", "group", "seconds"}


def test_finds_nested_keys(engine: Engine, tmp_path: Path) -> None:
    """Keys inside objects are found by their dotted name, and set by it."""
    line = json.dumps(
        {
            "@timestamp": "2024-01-01",
            "user": {"id": "u1", "name": "n"},
            "http": {"response": {"status_code": 200}},
            "what": {"it/em~": {"x.y": "i1"}},
        }
    )
    form, source = opened(engine, tmp_path / "log.ndjson", line, item="what.it/em~.x.y")
    assert raw(engine, source, "time, login, status, item") == [("2024-01-01", "u1", "200", "i1")]
    record = form.parse(line)
    assert record is not None
    assert (record["login"], record["status"], record["item"]) == ("u1", "200", "i1")


def test_a_flat_key_goes_before_a_nested_one(engine: Engine, tmp_path: Path) -> None:
    """Where a dotted name means two keys, it is the flat one, in either order."""
    line = '{"ts": "x", "user": {"id": "nested"}, "user.id": "flat", "track": "t"}'
    _, source = opened(engine, tmp_path / "log.ndjson", line)
    assert raw(engine, source) == [("x", "flat", "t")]


def test_keys_may_come_and_go(engine: Engine, tmp_path: Path) -> None:
    """A key that only some lines have is a column; the other lines have NULL in it."""
    text = FLAT + '{"ts": "2024-01-02", "ip": "::1", "track": "t2"}\n'
    _, source = opened(engine, tmp_path / "log.ndjson", text)
    assert raw(engine, source, "login, ip, item") == [("a", None, "t1"), (None, "::1", "t2")]


def test_lines_that_are_no_json_have_no_time(engine: Engine, tmp_path: Path) -> None:
    """Each broken line gives a row with a NULL time, and parse() finds no record in it."""
    bad = ["not json", '{"ts": "2024-01-02", "user": "cut', '["ts"]', "7", '{"ts": 1} {"ts": 2}']
    text = FLAT + "\n".join(bad) + "\n\n" + FLAT.replace("t1", "t2")
    form, source = opened(engine, tmp_path / "log.ndjson", text)
    rows = raw(engine, source, "time, item")
    assert [item for _, item in rows if item] == ["t1", "t2"]
    assert sum(time is None for time, _ in rows) == len(bad)
    assert [form.parse(line) for line in bad] == [None] * len(bad)


def test_undecodable_lines_are_rejected_and_parsed(engine: Engine, tmp_path: Path) -> None:
    """A wrong byte in a value costs no event: the engine rejects the line, parse() reads it."""
    bad = b'{"ts": "2024-01-02", "user": "\xff", "track": "t2"}'
    form, source = opened(engine, tmp_path / "log.ndjson", FLAT.encode() + bad + b"\n")
    assert raw(engine, source, "item") == [("t1",)]
    assert engine.rows("SELECT DISTINCT line_byte_position FROM reject_errors") == [
        (len(FLAT) + 1,)
    ]
    record = form.parse(bad.decode(errors="replace"))
    assert record is not None
    assert (record["login"], record["item"]) == ("\ufffd", "t2")


@pytest.mark.parametrize("end", ["\r\n", "\n\r\n", "\n"])
def test_line_ends_and_mark_do_not_matter(engine: Engine, tmp_path: Path, end: str) -> None:
    """CRLF, mixed line ends, empty lines and a byte order mark are not part of any line."""
    lines = [FLAT.strip(), FLAT.strip().replace("t1", "t2")]
    _, source = opened(engine, tmp_path / "log.ndjson", "\ufeff" + end.join(lines) + "\n")
    assert raw(engine, source, "time, item") == [
        ("2024-01-01T00:00:00Z", "t1"),
        ("2024-01-01T00:00:00Z", "t2"),
    ]


@pytest.mark.parametrize("number", ["12345678901234567890123", "18446744073709551615", "-7"])
def test_whole_numbers_keep_their_digits(engine: Engine, tmp_path: Path, number: str) -> None:
    """Ids written as numbers are the same text by both paths, however long."""
    line = f'{{"ts": 1700000000, "user": 1, "track": {number}}}'
    form, source = opened(engine, tmp_path / "log.ndjson", line)
    record = form.parse(line)
    assert record is not None
    assert raw(engine, source, "item") == [(record["item"],)] == [(number,)]


def test_long_lines_are_not_lost(engine: Engine, tmp_path: Path) -> None:
    """A line of ten megabytes is read or rejected by number, and its neighbours are read."""
    huge = json.dumps({"ts": "2024-01-02", "user": "b", "track": "t2", "x": "y" * 10_000_000})
    _, source = opened(engine, tmp_path / "log.ndjson", FLAT + huge + "\n" + FLAT)
    items = [item for (item,) in raw(engine, source, "item")]
    rejected = engine.rows("SELECT DISTINCT line_byte_position FROM reject_errors")
    assert items.count("t1") == 2
    assert items.count("t2") + rejected.count((len(FLAT) + 1,)) == 1


def test_missing_columns_are_named(engine: Engine, tmp_path: Path) -> None:
    """The error lists the keys that are there, with a limit, and the setting that maps them."""
    record = {"ts": 1, "user": "a"} | {f"key{number}": number for number in range(50)}
    with pytest.raises(FormatError) as caught:
        opened(engine, tmp_path / "log.ndjson", json.dumps(record))
    assert "the columns are ts, user, key0, " in str(caught.value)
    assert "and 22 more" in str(caught.value)
    assert "events.columns.item or events.columns.url" in str(caught.value)


@pytest.mark.parametrize("text", ["", "no\njson\n", "[1]\n"])
def test_no_object_is_an_error(engine: Engine, tmp_path: Path, text: str) -> None:
    """A file without JSON objects is refused in one line."""
    with pytest.raises(FormatError, match="has no JSON object"):
        opened(engine, tmp_path / "log.ndjson", text)


def test_recognises_objects_among_noise() -> None:
    """Lines are recognised if at least half are objects; other JSON and text are not."""
    assert NDJSON().recognises([FLAT, "", "noise"])
    assert not NDJSON().recognises([FLAT, "noise", "noise"])
    assert not NDJSON().recognises(["[1]", "2", '"x"'])
    assert not NDJSON().recognises([])


def test_typing_renders_for_spark(engine: Engine, tmp_path: Path) -> None:
    """The SQL that types times is carried to Spark without unsupported constructs."""
    _, source = opened(engine, tmp_path / "log.ndjson", FLAT)
    assert sqlglot.transpile(
        f"SELECT {source.time} AS ts FROM raw",
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )


def test_parse_before_open_goes_by_usual_names() -> None:
    """A single line is read by the names in it; a line without any of them is not a record."""
    record = NDJSON().parse(FLAT)
    assert record is not None
    assert tuple(record) == RAW_COLUMNS
    assert record["login"] == "a"
    assert NDJSON().parse('{"level": "info"}') is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text() | JSON.map(json.dumps))
@example('{"ts": "\\ud800"}')
@example('{"a":' * 100_000)
@example('{"ts": [' + "[" * 900 + "]" * 900 + "]}")
@example('{"ts": ' + "9" * 5_000 + "}")
@example("\ufeff{}")
def test_parse_never_raises(line: str) -> None:
    """Any text at all is a record of encodable text, or none."""
    record = NDJSON().parse(line)
    assert record is None or tuple(record) == RAW_COLUMNS
    for value in (record or {}).values():
        assert value is None or value.encode() is not None


NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.integers()


@pytest.mark.slow
@given(NAME, NAME, NAME, st.tuples(VALUE, VALUE, VALUE))
@example("*", "$.x", "a/b~", ("1", "2", "3"))
@example("0", "-1", '"', ("1", "2", "3"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_both_paths_read_the_same(
    tmp_path: Path, first: str, second: str, third: str, values: tuple[str | int, ...]
) -> None:
    """Whatever the keys are called and the values hold, both paths give the same text."""
    line = json.dumps({f"a{first}": values[0], f"b{second}": values[1], f"c{third}": values[2]})
    with open_engine() as engine:
        form, source = opened(
            engine,
            tmp_path / "log.ndjson",
            line + "\n",
            ts=f"a{first}",
            account=f"b{second}",
            item=f"c{third}",
        )
        fast = raw(engine, source)
    record = form.parse(line)
    assert record is not None
    assert fast == [(record["time"], record["login"], record["item"])]


def test_a_name_that_is_not_utf_8_stops_nothing(read: Callable[..., Any]) -> None:
    """A byte inside the name of a column costs its value, not the source."""
    good = b'{"ts": "2026-03-09T08:00:00Z", "user": "bob", "item": "i1"}\n'
    out = read(good.replace(b"user", b"us\xe9er") + good, name="log.ndjson")
    assert [take["account"] for take in out.takes] == ["bob"]

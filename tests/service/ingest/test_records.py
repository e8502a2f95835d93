"""Stored records mean what they meant with the names of their client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.events.conftest import read_all
from tests.events.formats.test_products import SAMPLES, record

from ringfence.engine import open_engine
from ringfence.events.formats import RAW_COLUMNS
from ringfence.events.formats.ndjson import NDJSON
from ringfence.service.ingest.records import EVENT_STREAM, REQUEST_STREAM, RecordCheck
from ringfence.settings import ColumnSettings, EngineSettings, EventSettings, Settings

OWN = {"ts": "2026-03-09T08:00:00Z", "account": "ann", "item": "t1"}


def check(*lines: bytes | dict[str, Any], **columns: str) -> dict[str, list[bytes]]:
    """Return the stored lines by stream; all records must be readable."""
    given = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    checked = RecordCheck(EventSettings(columns=ColumnSettings.model_validate(columns))).check(
        given
    )
    assert checked.refused == 0
    return checked.lines


def events_of(path: Path, content: list[bytes], settings: Settings) -> list[dict[str, Any]]:
    """Return the events that a scan reads from lines, in order."""
    path.write_bytes(b"".join(line + b"\n" for line in content))
    with open_engine(EngineSettings(threads=1)) as engine:
        outcome = read_all(engine, path, settings)
    assert outcome.counts == {}
    return sorted(outcome.events, key=str)


FOREIGN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "own names": ({**OWN, "seconds": 31.5, "bytes": 7, "group": "g", "surface": "stream"}, {}),
    "renamed": ({"timestamp": "2026-03-09T08:00:00Z", "userId": 12, "trackId": "t1"}, {}),
    "milliseconds": ({**OWN, "ms_played": 31500}, {}),
    "a text of milliseconds": ({**OWN, "ms_played": "31500"}, {}),
    "milliseconds that are no number": ({**OWN, "ms_played": "long"}, {}),
    "seconds as set": ({**OWN, "played": 31}, {"seconds": "played", "seconds_unit": "seconds"}),
    "a response time": ({**OWN, "duration": 3, "status": 200}, {}),
    "names as set": ({**OWN, "account": "shop", "customer": "ann"}, {"account": "customer"}),
    "names as set and missing": (OWN, {"account": "customer"}),
    "a request line": ({"time": OWN["ts"], "ip": "192.0.2.1", "request": "GET /a/1 X"}, {}),
    "a forwarded address": (
        {**OWN, "account": None, "ip": "10.0.0.1", "x_forwarded_for": "192.0.2.9, 10.0.0.2"},
        {},
    ),
    "more columns": ({**OWN, "mood": "calm", "user": "else"}, {}),
    "a nested value": ({"ts": OWN["ts"], "user": {"id": "ann"}, "item": {"id": "t1"}}, {}),
    "a whole number with a point": ({**OWN, "item": 999001.0}, {}),
    "a large number": ({**OWN, "item": 123456789012345678901234567890}, {}),
    "no item": ({"ts": OWN["ts"], "account": "ann", "status": 404, "url": "/x"}, {}),
    "a null account": ({**OWN, "account": None, "ip": "192.0.2.1", "client": "Player"}, {}),
    "hyphens": ({**OWN, "group": "-", "device": ""}, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGN)
def test_a_stored_record_is_read_as_the_original(tmp_path: Path, name: str) -> None:
    """A scan of the stored line gives the event that a scan of the client's line gives."""
    original, columns = FOREIGN[name]
    line = json.dumps(original).encode()
    [(_, stored)] = check(line, **columns).items()
    there = {raw for raw in columns if raw == "seconds_unit" or columns[raw] in original}
    set_names = {raw: columns[raw] for raw in there}
    before = Settings(events={"format": "ndjson", "columns": set_names})
    after = Settings(events={"format": "ndjson"})
    assert events_of(tmp_path / "stored.log", stored, after) == events_of(
        tmp_path / "sent.log", [line], before
    )


@pytest.mark.slow
@pytest.mark.parametrize("product", SAMPLES)
def test_records_of_products_are_read_as_the_originals(tmp_path: Path, product: str) -> None:
    """The access records of gateways and clouds keep their meaning."""
    line = json.dumps(record(SAMPLES[product])).encode()
    [(_, stored)] = check(line).items()
    settings = Settings(events={"format": "ndjson"})
    assert events_of(tmp_path / "stored.log", stored, settings) == events_of(
        tmp_path / "sent.log", [line], settings
    )


def test_own_names_are_stored_byte_by_byte() -> None:
    """Records that need no change stay as they are, whatever their spacing."""
    line = b'{"ts" :"2026-03-09T08:00:00Z",  "account":"ann","item":1e3}'
    assert check(line) == {EVENT_STREAM: [line]}


def test_records_with_urls_get_a_stream_of_their_own() -> None:
    """Items are read from URLs only where no record of the source names its item."""
    page = {"ts": OWN["ts"], "ip": "192.0.2.1", "url": "/tracks/1"}
    both = {**page, "item": "t1"}
    lines = check(OWN, page, both)
    assert [json.loads(one) for one in lines[EVENT_STREAM]] == [OWN, both]
    assert [json.loads(one) for one in lines[REQUEST_STREAM]] == [page]


@pytest.mark.parametrize("missing", ["ts", "account", "item"])
def test_a_missing_column_is_stored_as_null(missing: str) -> None:
    """The reader of a segment then knows the column, even if no other record has it."""
    [[line]] = check({name: one for name, one in OWN.items() if name != missing}).values()
    assert json.loads(line) == {**OWN, missing: None}


def test_clients_with_different_names_share_a_stream(tmp_path: Path) -> None:
    """The records of all clients are read together, each with its own account and item."""
    other = {"timestamp": OWN["ts"], "user_id": "bob", "track": "t2"}
    stored = check(OWN, other)[EVENT_STREAM]
    events = events_of(tmp_path / "log", stored, Settings(events={"format": "ndjson"}))
    assert sorted((one["account"], one["item"]) for one in events) == [("ann", "t1"), ("bob", "t2")]


BEGUN = b'{"ts": "2026-03-09T08:00:00Z", "account": "ann", "item": "t1", '
REPAIRED = {
    "a wrong byte": BEGUN + b'"client": "\xe9"}',
    "a raw tab": BEGUN + b'"client": "\t"}',
    "an escape of nginx": BEGUN + rb'"client": "\x22"}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(OWN).encode(),
    "a key twice": BEGUN + b'"item": "t9", "x": 1}',
    "a lone surrogate": BEGUN + rb'"client": "\ud83d"}',
    "a return inside": b'{"ts": "2026-03-09T08:00:00Z",\r"account": "ann", "item": "t1"}',
}


@pytest.mark.parametrize("name", REPAIRED)
def test_records_that_the_tolerant_reader_takes_are_stored(tmp_path: Path, name: str) -> None:
    """Small damage costs no event, as in a scan."""
    stored = check(REPAIRED[name], OWN)[EVENT_STREAM]
    events = events_of(tmp_path / "log", stored, Settings(events={"format": "ndjson"}))
    assert [(one["account"], one["item"]) for one in events] == [("ann", "t1")] * 2


@pytest.mark.parametrize(
    "line",
    [
        *(b"{", b"[]", b"1", b"null", b'"x"', b"{}", b'{"x": {}}', b'{"a":1},{"b":2}', b"\x00"),
        b'{"timestamp": "2026-03-09T08:00:00Z", "message": "192.0.2.1 - - GET /", "host": "web1"}',
        b'{"date": 1773043200.25, "log": "192.0.2.1 - - GET /"}',
    ],
)
def test_lines_that_are_no_records_are_refused(line: bytes) -> None:
    """They are counted with their line number, and the records around them are stored."""
    own = json.dumps(OWN).encode()
    checked = RecordCheck(EventSettings()).check([own, b"", line, own])
    assert checked.lines == {EVENT_STREAM: [own, own]}
    assert checked.refused == 1
    assert [one.line for one in checked.refused_lines] == [3]


def test_lines_that_are_whole_only_together_are_refused() -> None:
    """Two halves of an object never pass as two records."""
    lines = [b'{"ts": 1, "item": [{}', b'{}], "account": "a"}', b'{"item": 1}, {"item": 2}']
    for several in (lines, [*lines[:2], b'{"item": 1}, 0, {"item": 2}']):
        checked = RecordCheck(EventSettings()).check(several)
        assert checked.refused == 3
        assert checked.lines == {}


def test_refused_lines_are_counted_beyond_those_kept() -> None:
    """A batch of garbage costs little memory."""
    checked = RecordCheck(EventSettings()).check([b"x" * 10_000] * 5_000)
    assert checked.refused == 5_000
    assert len(checked.refused_lines) == 100
    assert all(len(one.text) <= 4_000 for one in checked.refused_lines)


def test_ever_new_keys_do_not_fill_the_memory() -> None:
    """The columns of at most 1,000 sets of keys are remembered."""
    checker = RecordCheck(EventSettings())
    for number in range(2_500):
        checker.check([json.dumps({**OWN, f"x{number}": 1, "y": {"z": number}}).encode()])
        checker.check([json.dumps({**OWN, f"x{number}": 1}).encode()])
    assert len(checker._flat) <= 1_000  # noqa: SLF001 - what the test is about
    assert len(checker._nested) <= 1_000  # noqa: SLF001


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["ts", "account", "item", "url", "ip", "userId", "ms_played", "x", "request"]
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=5), st.binary(max_size=40))
def test_any_records_are_stored_or_refused_in_full(
    records: list[dict[str, Any]], junk: bytes
) -> None:
    """No input raises an error. Each line is refused, or stored as JSON on one line."""
    lines = [*(json.dumps(one).encode() for one in records), *junk.split(b"\n")]
    checked = RecordCheck(EventSettings()).check(lines)
    filled = [line for line in lines if line.strip(b" \t\r\n")]
    assert checked.accepted + checked.refused == len(filled)
    for line in (one for stored in checked.lines.values() for one in stored):
        assert b"\n" not in line
        assert NDJSON().parse(line.decode()) is not None


def test_stored_names_are_found_again() -> None:
    """Every column of the event schema is stored under a name that the reader knows."""
    names = {"x_forwarded_for": "192.0.2.9", **dict.fromkeys(ColumnSettings.model_fields, "1")}
    names["ts"] = OWN["ts"]
    for taken in ("forwarded", "seconds_unit", "request"):
        names.pop(taken)
    stored = [line for lines in check(names).values() for line in lines]
    parsed = NDJSON().parse(stored[0].decode())
    assert parsed is not None
    assert [raw for raw in RAW_COLUMNS if not parsed[raw]] == []


@pytest.mark.parametrize(
    ("events", "good", "bad"),
    [
        ({"time_format": "%d.%m.%Y %H:%M:%S"}, "09.03.2026 08:00:00", OWN["ts"]),
        ({"time_format": "%d.%m.%Y %H:%M:%S"}, " 9.3.2026 08:00:00 ", "08:00"),
        ({}, "09/Mar/2026:08:00:00 +0100", "03/04/2026 08:00:00"),
        ({}, "1773043200", "noon"),
        ({}, OWN["ts"], "2026-02-30T08:00:00Z"),
    ],
)
def test_a_time_that_the_judge_cannot_read_is_refused(
    tmp_path: Path, events: dict[str, str], good: str, bad: str
) -> None:
    """The rest of the batch is taken, and the judge reads exactly what was taken."""
    settings = Settings.model_validate({"events": events})
    sent = [json.dumps({**OWN, "ts": ts}).encode() for ts in (good, bad, good, bad)]
    checker = RecordCheck(settings.events)
    checked = checker.check(sent)
    checker.close()
    assert (checked.refused, checked.bad_times, checked.bad_time) == (2, 2, bad)
    found = [(one.line, one.reason) for one in checked.refused_lines]
    assert found == [(2, "unreadable-time"), (4, "unreadable-time")]
    assert checked.lines == {EVENT_STREAM: [sent[0], sent[2]]}
    assert len(events_of(tmp_path / "kept.ndjson", checked.lines[EVENT_STREAM], settings)) == 2

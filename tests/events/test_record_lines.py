"""JSON documents and wrapped lines: each record is read, and what is damaged is quarantined."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ringfence
from ringfence.events.json_values import json_values
from ringfence.settings import Settings

RECORDS: list[dict[str, Any]] = [
    {"ts": f"2026-03-09T08:0{n}:00Z", "username": "ann", "ms_played": 60000 * n,
     "spotify_track_uri": f"app:track:é{n}", "why": {"now": [n, {"a, b": "]}"}]}}
    for n in range(6)
]  # fmt: skip
ITEMS = [f"app:track:é{n}" for n in range(6)]
LINES = [
    f'192.0.2.11 - ann [09/Mar/2026:08:0{n}:00 +0000] "GET /tracks/{n} HTTP/1.1" 200 5120 "-" "P/2"'
    for n in range(6)
]

DOCUMENTS: dict[str, str] = {
    "array, compact": json.dumps(RECORDS),
    "array, pretty": json.dumps(RECORDS, indent=2, ensure_ascii=False),
    "array, tabs and CRLF": json.dumps(RECORDS, indent="\t").replace("\n", "\r\n"),
    "array, one record a line": "[" + ",\n".join(map(json.dumps, RECORDS)) + "]\n",
    "array after a byte order mark": "\ufeff \n" + json.dumps(RECORDS, indent=1),
    "arrays, one a line": "\n".join(json.dumps([one]) for one in RECORDS),
    "objects, pretty": "\n".join(json.dumps(one, indent=4) for one in RECORDS),
    "objects without space": "".join(json.dumps(one, indent=4) for one in RECORDS),
    "wrapper, compact": json.dumps({"Records": RECORDS}),
    "wrapper, pretty": json.dumps({"next": None, "Records": RECORDS, "count": 6}, indent=2),
    "lines": "\n".join(map(json.dumps, RECORDS)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_document_gives_the_same_events(
    read: Callable[..., Any], name: str, packed: bool
) -> None:
    """However the records are written, plain or compressed, they are the same events."""
    content = DOCUMENTS[name].encode()
    out = read(gzip.compress(content) if packed else content)
    assert [take["item"] for take in out.takes] == ITEMS
    assert [take["seconds"] for take in out.takes] == [60.0 * n for n in range(6)]
    assert {take["account"] for take in out.takes} == {"ann"}
    assert out.quarantined == []


@pytest.mark.parametrize(
    "name", ["array, compact", "array, pretty", "objects, pretty", "wrapper, pretty"]
)
def test_a_document_that_is_cut_off_counts_as_far_as_it_goes(
    read: Callable[..., Any], name: str
) -> None:
    """Whole records before the cut count; the rest is in the quarantine."""
    content = DOCUMENTS[name]
    out = read(content[: content.index("track:", content.index("08:04:00"))].encode())
    assert [take["item"] for take in out.takes] == ITEMS[:4]
    assert [(q["line"], q["reason"]) for q in out.quarantined] == [(5, "not-a-record")]


@pytest.mark.parametrize("damage", ["null", '"text"', "7", '{"ts": oops}', "}", '{"ts": "2026"'])
def test_what_is_no_record_is_quarantined_with_its_number(
    read: Callable[..., Any], damage: str
) -> None:
    """An element that is not an object, or is not JSON, costs no other element."""
    parts = [json.dumps(one) for one in RECORDS]
    out = read(("[" + ",\n".join([*parts[:2], damage, *parts[2:]]) + "]").encode())
    assert [take["item"] for take in out.takes] == ITEMS
    assert [q["line"] for q in out.quarantined] == [3]


def test_a_wrong_byte_costs_no_record(read: Callable[..., Any]) -> None:
    """A record with a byte that is not UTF-8 is read, with the byte shown."""
    content = json.dumps(RECORDS, indent=2).encode().replace(b"ann", b"\xe9ve", 1)
    out = read(content)
    assert [take["item"] for take in out.takes] == ITEMS
    assert sorted({take["account"] for take in out.takes}) == ["\\xe9ve", "ann"]


def test_the_result_says_what_was_done(read: Callable[..., Any]) -> None:
    """The assumptions name the array, since the numbers of lines are those of its records."""
    said = {
        one.name: one.value for one in read(DOCUMENTS["array, pretty"].encode()).reading.assumptions
    }
    assert said["records"] == "those of a JSON array, numbered in its order"
    lines = read(DOCUMENTS["lines"].encode()).reading.assumptions
    assert "records" not in {one.name for one in lines}


def test_a_record_with_a_list_is_no_wrapper(read: Callable[..., Any]) -> None:
    """A pretty object whose own columns suffice is a record, although it holds a list."""
    records = [one | {"tags": [{"a": 1}]} for one in RECORDS]
    out = read("\n".join(json.dumps(one, indent=1) for one in records).encode())
    assert [take["item"] for take in out.takes] == ITEMS


WRAPPED: dict[str, Callable[[str], dict[str, Any]]] = {
    "docker": lambda line: {"log": line + "\n", "stream": "stdout", "time": "2026-03-09T09:00:00Z"},
    "filebeat": lambda line: {
        "@timestamp": "2026-03-09T09:00:00Z",
        "log": {"offset": 1},
        "message": line,
    },
    "journald": lambda line: {
        "__REALTIME_TIMESTAMP": "1773043200000000",
        "MESSAGE": line,
        "_PID": "7",
    },
    "google": lambda line: {
        "insertId": "1",
        "textPayload": line,
        "timestamp": "2026-03-09T09:00:00Z",
    },
}


@pytest.mark.parametrize("collector", WRAPPED)
@pytest.mark.parametrize("inner", ["combined", "json"])
def test_wrapped_lines_are_read_as_themselves(
    read: Callable[..., Any], collector: str, inner: str
) -> None:
    """The line that a collector wrapped has the event; the wrapper's own time does not count."""
    lines = LINES if inner == "combined" else [json.dumps(one) for one in RECORDS]
    content = "\n".join(json.dumps(WRAPPED[collector](line)) for line in [*lines, "a stack trace"])
    out = read((content + "\nno json\n").encode())
    assert [take["ts"].minute for take in out.takes] == list(range(6))
    assert {take["account"] for take in out.takes} == {"ann"}
    assert sorted(q["line"] for q in out.quarantined) == [7, 8]


def test_wrong_bytes_in_wrapped_lines(read: Callable[..., Any]) -> None:
    """Lines that the engine cannot read are unwrapped one by one, and no line is lost."""
    wrapped = [json.dumps(WRAPPED["docker"](line)).encode() for line in LINES]
    out = read(b"\n".join([*wrapped[:3], wrapped[3].replace(b"P/2", b"P\xff"), *wrapped[4:]]))
    assert len(out.takes) == 6
    assert "P\\xff" in {take["client"] for take in out.takes}


def test_a_message_beside_whole_columns_is_left_alone(read: Callable[..., Any]) -> None:
    """Records with a time, an account and an item are read, whatever their message is."""
    records = [one | {"message": LINES[0]} for one in RECORDS]
    out = read("\n".join(map(json.dumps, records)).encode())
    assert [take["item"] for take in out.takes] == ITEMS


def test_settings_may_name_the_columns_of_the_inner_line(read: Callable[..., Any]) -> None:
    """A column of the wrapped record is named as if there was no wrapper."""
    inner = [
        json.dumps({"when": one["ts"], "who": "ann", "what": one["spotify_track_uri"]})
        for one in RECORDS
    ]
    columns = {"ts": "when", "account": "who", "item": "what"}
    settings = Settings.model_validate({"events": {"columns": columns}})
    content = "\n".join(json.dumps(WRAPPED["docker"](line)) for line in inner)
    assert [take["item"] for take in read(content.encode(), settings).takes] == ITEMS


def pieces(text: str, size: int) -> list[bytes]:
    """Cut a text into pieces of some bytes, also inside characters."""
    data = text.encode("utf-8", "surrogateescape")
    return [data[at : at + size] for at in range(0, len(data), size)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.slow
@given(
    st.lists(st.dictionaries(st.text(), VALUES)),
    st.integers(1, 50),
    st.sampled_from([None, 1, "\t"]),
)
def test_objects_come_back_as_they_were(
    records: list[Any], size: int, indent: int | str | None
) -> None:
    """Whatever the records hold and wherever the pieces end, each record is one line."""
    array = json.dumps(records, indent=indent)
    found = list(json_values(pieces(array, size)))
    assert [json.loads(one) for one in found] == records
    assert not any("\n" in one or "\r" in one for one in found)


@given(st.text() | VALUES.map(json.dumps), st.integers(1, 50))
def test_no_text_is_lost(text: str, size: int) -> None:
    """All that is not space, comma or bracket is in some line, in order."""
    signs = " \t\r\n\f\v,[]\ufeff\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    data = text.encode("utf-8", "replace").decode()

    def plain(one: str) -> str:
        return "".join(sign for sign in one if sign not in signs and not sign.isspace())

    assert plain("".join(json_values(pieces(data, size)))) == plain(data)


@pytest.mark.parametrize(
    "evil",
    ['{"a":' * 100_000, "[" * 500_000, '{"a":1,\n' * 5_000, '{"a":"' + "x" * 2_000_000,
     ",{" * 5_000, '\n{"a":[1,' * 50_000, '"' * 20_000, "-" * 50_000],
)  # fmt: skip
def test_hostile_documents_end(evil: str) -> None:
    """Nesting, open quotes and broken objects without end are lines, not crashes."""
    assert sum(map(len, json_values(pieces(evil, 1 << 20)))) <= len(evil)


@pytest.mark.slow
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_array_that_is_cut_anywhere_gives_its_whole_records_in_a_scan(
    tmp_path: Path, wrapped: bool
) -> None:
    """Inside the transaction of a scan, a damaged document does not stop the statements after."""
    records = [
        {"time": f"2026-11-27T00:00:0{n}Z", "user": "ann", "item": f"i{n}"} for n in range(5)
    ]
    text = json.dumps({"Records": records} if wrapped else records)
    ends = [text.index(f'"i{n}"}}') + 5 for n in range(5)]
    for size in range(ends[1] + 1, len(text), 29):
        path = tmp_path / "cut.json"
        path.write_text(text[:size], encoding="utf-8")
        result = ringfence.scan(path, force=True)
        assert result.counts["takes"] == sum(end <= size for end in ends)

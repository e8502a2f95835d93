"""Caddy's JSON access log, in the shapes its versions write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError
from ringfence.events.formats import RAW_COLUMNS, FastPath
from ringfence.events.formats.caddy import Caddy
from ringfence.settings import EventSettings

at = datetime.fromisoformat
DEFAULTS = EventSettings.model_validate({})


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def access(**changes: object) -> str:
    """A line as Caddy 2.7 writes it; changes go into the request if they belong there."""
    request: dict[str, object] = {
        "remote_ip": "10.0.0.1",
        "remote_port": "50124",
        "client_ip": "192.0.2.7",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "music.example",
        "uri": "/rest/stream?id=7",
        "headers": {"User-Agent": ["Player/1.0 (X)"]},
        "tls": {"resumed": False, "version": 772},
    }
    line: dict[str, object] = {
        "level": "info",
        "ts": 1700000000.25,
        "logger": "http.log.access",
        "msg": "handled request",
        "request": request,
        "bytes_read": 0,
        "user_id": "ann",
        "duration": 0.012,
        "size": 4123,
        "status": 200,
        "resp_headers": {"Server": ["Caddy"]},
    }
    for key, value in changes.items():
        (line if key in line else request)[key] = value
    return json.dumps({key: value for key, value in line.items() if value is not ...})


def opened(engine: Engine, path: Path, *lines: str) -> FastPath:
    """Write lines to a file and open it."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Caddy().open(engine, path, DEFAULTS)


def raw(engine: Engine, source: FastPath, columns: str) -> list[tuple[object, ...]]:
    """Return columns of the raw relation, in text order."""
    return sorted(engine.rows(f"SELECT {columns} FROM ({source.select})"), key=str)


def test_reads_a_request(engine: Engine, tmp_path: Path) -> None:
    """Every column is where Caddy writes it, and the serving time is not used as playing time."""
    source = opened(engine, tmp_path / "access.log", access())
    names = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {source.select})")
    assert names == [(name, "VARCHAR") for name in RAW_COLUMNS]
    assert raw(engine, source, "login, ip, client, method, url, status, bytes, seconds, item") == [
        (
            "ann",
            "192.0.2.7",
            "Player/1.0 (X)",
            "GET",
            "/rest/stream?id=7",
            "200",
            "4123",
            None,
            None,
        )
    ]
    assert source.present == {
        "time",
        "login",
        "ip",
        "client",
        "method",
        "url",
        "status",
        "bytes",
        "referrer",
    }


@pytest.mark.parametrize(
    "ts",
    [
        1700000000.25,
        1700000000250,
        1700000000250000000,
        "2023-11-14T22:13:20.250Z",
        "2023-11-14T23:13:20.250+0100",
        "2023-11-14T23:13:20.25+01:00",
        "2023/11/14 22:13:20.250",
    ],
)
def test_reads_every_time_format(engine: Engine, tmp_path: Path, ts: object) -> None:
    """Numbers, ISO 8601, RFC 3339 and wall times name the same instant."""
    source = opened(engine, tmp_path / "access.log", access(ts=ts))
    assert engine.rows(f"SELECT {source.time} FROM ({source.select})") == [
        (at("2023-11-14 22:13:20.250000"),)
    ]


@pytest.mark.parametrize(
    ("request_keys", "expected"),
    [
        ({"client_ip": "2001:db8::1"}, "2001:db8::1"),
        ({"client_ip": "::ffff:192.0.2.1"}, "::ffff:192.0.2.1"),
        ({"client_ip": None}, "10.0.0.1"),
        ({"client_ip": "", "remote_ip": None, "remote_addr": "192.0.2.9:4321"}, "192.0.2.9"),
        ({"client_ip": None, "remote_ip": None, "remote_addr": "[2001:db8::1]:80"}, "2001:db8::1"),
        ({"client_ip": None, "remote_ip": None}, None),
    ],
)
def test_takes_the_address_each_version_writes(
    engine: Engine, tmp_path: Path, request_keys: dict[str, object], expected: str | None
) -> None:
    """The client's address goes before the peer's, a port is taken off; the same by both paths."""
    line = access(**request_keys)
    source = opened(engine, tmp_path / "access.log", line)
    record = Caddy().parse(line)
    assert record is not None
    assert raw(engine, source, "ip") == [(expected,)] == [(record["ip"],)]


@pytest.mark.parametrize(
    "line",
    [
        access(),
        access(user_id=""),
        access(headers={}),
        access(headers={"User-Agent": []}),
        access(headers={"User-Agent": "bare"}),
        access(headers={"User-Agent": ["-"]}),
        access(user_id='Q "J" \u202e<b>\x1b[31m'),
        access(status=0, size=...),
        access(uri=""),
    ],
)
def test_both_paths_read_the_same(engine: Engine, tmp_path: Path, line: str) -> None:
    """Unusual requests come out of both paths with the same columns."""
    source = opened(engine, tmp_path / "access.log", access(), line)
    record = Caddy().parse(line)
    assert record is not None
    assert tuple(record) == RAW_COLUMNS
    columns = ", ".join(f'"{name}"' for name in RAW_COLUMNS)
    rows = engine.rows(f"SELECT {columns} FROM ({source.select})")
    assert tuple(record.values()) in rows


def test_other_lines_are_no_requests(engine: Engine, tmp_path: Path) -> None:
    """Messages of other loggers have no URL, broken lines no time, and neither is a record."""
    other = '{"level":"info","ts":1700000000.5,"logger":"tls","msg":"served certificate"}'
    broken = access()[:-20]
    source = opened(engine, tmp_path / "access.log", access(), other, broken)
    assert raw(engine, source, "url, time IS NULL") == [
        ("/rest/stream?id=7", False),
        (None, False),
        (None, True),
    ]
    assert Caddy().parse(other) is None
    assert Caddy().parse(broken) is None


def test_recognises_requests_among_messages() -> None:
    """One request among JSON lines is enough; JSON of another kind and text are not."""
    other = '{"level":"info","ts":1700000000.5,"msg":"using config"}'
    assert Caddy().recognises([other, other, access()])
    assert not Caddy().recognises([other])
    assert not Caddy().recognises([access(), "text", "text"])
    assert not Caddy().recognises(['{"ts": 1, "request": "GET / HTTP/1.1"}'])


def test_json_of_another_kind_is_an_error(engine: Engine, tmp_path: Path) -> None:
    """A file without requests is refused with the way to read it."""
    with pytest.raises(FormatError, match=r"no request with a uri .*--format ndjson"):
        opened(engine, tmp_path / "access.log", '{"ts": 1, "user": "a", "track": "t"}')


@given(st.text() | st.text().map(lambda text: access(uri=text, remote_addr=text, client_ip=text)))
@example('{"request": {"uri": [1], "client_ip": {}, "headers": 7}}')
@example('{"request": {"uri": "\\ud800"}}')
@example(access(client_ip=None, remote_ip=None, remote_addr="1" * 50_000))
def test_parse_never_raises(line: str) -> None:
    """Any text at all is a record with the raw columns, or none."""
    record = Caddy().parse(line)
    assert record is None or tuple(record) == RAW_COLUMNS

"""The choice of a column for each purpose, in every table, and the form of its values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError
from ringfence.events.formats.played_seconds import seconds_unit
from ringfence.events.formats.request_lines import (
    request_method_sql,
    request_url_sql,
    split_request,
)
from ringfence.events.formats.source_columns import find_columns
from ringfence.events.formats.usual_names import USUAL_NAMES, plain_name
from ringfence.settings import ColumnSettings, Settings

DEFAULTS = ColumnSettings()
PLAY = {"ts": "2026-03-09T08:00:00Z", "user": "ann", "track": "t1"}


def written(kind: str, records: list[dict[str, Any]], path: Path) -> Path:
    """Write flat records as a csv, ndjson or parquet file."""
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    elif kind == "ndjson":
        path.write_text("\n".join(map(json.dumps, records)))
    else:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
        path.write_text(text.getvalue())
    return path


KINDS = pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])


def settings(**events: Any) -> Settings:  # noqa: ANN401 - any settings
    """Return settings of events alone."""
    return Settings.model_validate({"events": events})


@pytest.mark.parametrize(
    ("available", "raw", "chosen"),
    [
        (["uri", "request_uri"], "url", "request_uri"),
        (["path", "request_uri", "uri"], "url", "request_uri"),
        (["path", "RequestPath"], "url", "RequestPath"),
        (["url.path", "url.original"], "url", "url.original"),
        (["resourcePath", "path"], "url", "path"),
        (["client", "http_user_agent"], "client", "http_user_agent"),
        (["ip", "client_ip"], "ip", "client_ip"),
        (["address", "remote_addr"], "ip", "remote_addr"),
        (["@timestamp", "timestamp"], "time", "timestamp"),
        (["track_name", "spotify_track_uri"], "item", "spotify_track_uri"),
        (["artist", "artist_id"], "group", "artist_id"),
        (["response", "status"], "status", "status"),
        (["request.headers.User-Agent.0", "agent"], "client", "request.headers.User-Agent.0"),
    ],
)
def test_the_more_specific_name_wins(available: list[str], raw: str, chosen: str) -> None:
    """Of two usual names that are both there, in either order, the more specific one is used."""
    needed = [name for name in ("time", "login", "url") if name != raw]
    others = {"time": "ts", "login": "account", "url": "request_url"}
    for order in (available, available[::-1]):
        columns = [*order, *(others[name] for name in needed)]
        assert find_columns(columns, DEFAULTS, where="x")[raw] == chosen


def test_usual_names_are_plain_and_each_means_one_thing() -> None:
    """A name with a sign or a capital would never be found, and a name twice would be ambiguous."""
    every = [name for names in USUAL_NAMES.values() for name in names]
    assert all(name == plain_name(name) for name in every)
    assert len(every) == len(set(every))


@KINDS
@pytest.mark.parametrize(
    "setting", ["ts", "account", "ip", "method", "url", "request", "seconds", "device"]
)
def test_a_named_column_that_is_not_there_is_an_error(
    read: Callable[..., Any], tmp_path: Path, kind: str, setting: str
) -> None:
    """In every table, and for every setting, with the nearest name and the setting to change."""
    path = written(kind, [PLAY | {"client_address": "192.0.2.1"}], tmp_path / f"x.{kind}")
    with pytest.raises(FormatError) as caught:
        read(path, settings(columns={setting: "client_adress"}))
    assert "no column 'client_adress'; the columns are ts, user, track" in str(caught.value)
    assert f"change events.columns.{setting}; did you mean client_address?" in str(caught.value)


@pytest.mark.slow
@KINDS
@pytest.mark.parametrize(
    "case",
    [
        ("ms_played", 30500, 30.5), ("msPlayed", 30500, 30.5), ("duration_ms", 30500, 30.5),
        ("played_ms", "30500", 30.5), ("Play Duration Milliseconds", 30500, 30.5),
        ("seconds", 30.5, 30.5), ("duration", 30, 30.0), ("seconds_played", "30", 30.0),
        ("seconds", -1, None), ("seconds", "nan", None), ("seconds", "inf", None),
        ("seconds", "1e300", None), ("seconds", "0:30", None),
    ],
)  # fmt: skip
def test_seconds_played_have_their_unit(
    read: Callable[..., Any], tmp_path: Path, kind: str, case: tuple[str, object, object]
) -> None:
    """A name that means milliseconds is divided; what no clock counted is not a number."""
    name, value, seconds = case
    path = written(kind, [PLAY | {name: value}], tmp_path / f"x.{kind}")
    assert [take["seconds"] for take in read(path).takes] == [seconds]


@pytest.mark.slow
@KINDS
@pytest.mark.parametrize(
    "name", ["duration", "Duration", "duration_ms", "request_time", "latency", "time_taken"]
)
@pytest.mark.parametrize("beside", ["status", "method", "url", "request"])
def test_a_response_time_is_not_seconds_played(
    read: Callable[..., Any], tmp_path: Path, kind: str, name: str, beside: str
) -> None:
    """Beside a column of HTTP, a duration is that of the response."""
    http = {
        "status": "200",
        "method": "GET",
        "url": "/tracks/1",
        "request": "GET /tracks/1 HTTP/1.1",
    }
    record = PLAY | {name: 10002425284, beside: http[beside]}
    path = written(kind, [record], tmp_path / f"x.{kind}")
    assert [take["seconds"] for take in read(path).takes] == [None]


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [
        ("auto", 3e9),
        ("seconds", 3e9),
        ("milliseconds", 3e6),
        ("microseconds", 3e3),
        ("nanoseconds", 3.0),
    ],
)
def test_the_unit_can_be_set(
    read: Callable[..., Any], tmp_path: Path, unit: str, seconds: float
) -> None:
    """With a column of any name, also one that would be a response time."""
    path = written("ndjson", [PLAY | {"status": 200, "took": 3_000_000_000}], tmp_path / "x")
    out = read(path, settings(columns={"seconds": "took", "seconds_unit": unit}))
    assert out.takes[0]["seconds"] == pytest.approx(seconds)
    said = next(one.value for one in out.reading.assumptions if one.name == "columns")
    assert ("took (" + unit + ")" in said) == (unit not in {"auto", "seconds"})


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("ms", "milliseconds"), ("listenMs", "milliseconds"), ("MS_PLAYED", "milliseconds"),
        ("time_us", "microseconds"), ("elapsedNanos", "nanoseconds"), ("seconds", "seconds"),
        ("items", "seconds"), ("plays", "seconds"), ("music", "seconds"), ("", "seconds"),
    ],
)  # fmt: skip
def test_the_unit_is_a_word_of_the_name(name: str, unit: str) -> None:
    """Letters inside another word are not a unit."""
    assert seconds_unit(name, DEFAULTS) == unit


@pytest.mark.slow
@KINDS
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (999001, "999001"), (999001.0, "999001"), ("999001.0", "999001"), ("999001.00", "999001"),
        (-7.0, "-7"), (9007199254740991, "9007199254740991"), ("0012", "0012"),
        ("1.5", "1.5"), ("v1.0", "v1.0"), ("1.0.0", "1.0.0"), ("10.5555/a.0", "10.5555/a.0"),
    ],
)  # fmt: skip
def test_whole_numbers_are_names_without_a_point(
    read: Callable[..., Any],
    tmp_path: Path,
    kind: str,
    value: object,
    name: str,
) -> None:
    """An integer is the same account and item in every table, as text or as a float."""
    record = {"ts": PLAY["ts"], "user": value, "track": value, "artist": value}
    (take,) = read(written(kind, [record], tmp_path / f"x.{kind}")).takes
    assert (take["account"], take["item"], take["group"]) == (name, name, name)


def test_large_integers_keep_every_digit(read: Callable[..., Any], tmp_path: Path) -> None:
    """An integer of JSON or Parquet above 2^53 is not rounded."""
    number = 9007199254740993
    for kind in ("ndjson", "parquet", "csv"):
        path = written(kind, [PLAY | {"user": number}], tmp_path / f"x.{kind}")
        assert read(path).takes[0]["account"] == str(number)


@KINDS
def test_a_request_line_gives_method_and_url(
    read: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    """The item rules see its URL, and a method that takes nothing is not counted."""
    lines = [
        "GET /tracks/1 HTTP/1.1",
        "POST /tracks/2 HTTP/2.0",
        "GET /tracks/a b HTTP/1.1",
        "",
        "junk",
    ]
    records = [{"ts": PLAY["ts"], "user": "ann", "request": line} for line in lines]
    out = read(written(kind, records, tmp_path / f"x.{kind}"))
    assert [take["item"] for take in out.takes] == ["1", "a b"]
    assert out.outcomes == ["no-request", "no-request", "other-method"]


@KINDS
def test_a_request_line_is_better_than_a_rewritten_uri(
    read: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    """A server rewrites uri; the request line is what the client asked for."""
    record = PLAY | {"uri": "/index.php", "request": "GET /tracks/1 HTTP/1.1"}
    del record["track"]
    (take,) = read(written(kind, [record], tmp_path / f"x.{kind}")).takes
    assert take["item"] == "1"
    named = settings(columns={"url": "uri"})
    (other,) = read(written(kind, [record], tmp_path / f"x.{kind}"), named).takes
    assert other["item"] == "/index.php"


@pytest.fixture(scope="module")
def shared() -> Iterator[Engine]:
    """An engine for many examples; none of them writes to it."""
    with open_engine() as engine:
        yield engine


LINE = st.text(alphabet="GETPOSThtp:/ 1.\n\té%?&=#{'\"") | st.just("GET  /x  HTTP/1.1")


@given(line=LINE)
def test_both_paths_split_a_request_alike(shared: Engine, line: str) -> None:
    """The SQL of the fast path and the tolerant parser give the same method and URL."""
    sql = f"SELECT {request_method_sql('v')}, {request_url_sql('v')} FROM (SELECT $v AS v)"
    assert shared.rows(sql, {"v": line})[0] == split_request(line)


@KINDS
def test_a_method_column_counts_only_what_takes_something(
    read: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    """A column of any name that is set as the method decides which requests are takes."""
    records = [
        {"ts": PLAY["ts"], "user": "ann", "url": f"/v1/users/{n}", "how": how}
        for n, how in enumerate(["GET", "DELETE", "POST", "PATCH"])
    ]
    path = written(kind, records, tmp_path / f"x.{kind}")
    out = read(path, settings(columns={"method": "how"}))
    assert len(out.takes) == 1
    assert out.outcomes == ["other-method"] * 3


@KINDS
def test_times_that_cannot_be_read_are_an_error_with_the_forms(
    read: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    """Day and month are never guessed; the error lists the forms and names the setting."""
    records = [PLAY | {"ts": f"0{n}/04/2026 08:00:00"} for n in range(1, 5)]
    path = written(kind, records, tmp_path / f"x.{kind}")
    with pytest.raises(FormatError) as caught:
        read(path)
    text = str(caught.value)
    assert "events.time_format" in text
    assert all(form in text for form in ("ISO 8601", "since 1970", "Common Log Format", "RFC 1123"))
    assert "\n" not in text
    out = read(path, settings(time_format="%d/%m/%Y %H:%M:%S", time_zone="Europe/Paris"))
    assert [str(take["ts"]) for take in out.takes] == [
        f"2026-04-0{n} 06:00:00" for n in range(1, 5)
    ]


def test_keys_with_dots_lists_and_depth(read: Callable[..., Any]) -> None:
    """A dotted name goes through objects and lists, also where a key has dots itself."""
    record = {
        "ts": PLAY["ts"], "a.b": {"c.d": "ann"}, "track": "t1",
        "request": {"headers": {"User-Agent": ["Player/2", "x"], "X": {"y": {"z": "192.0.2.1"}}}},
    }  # fmt: skip
    columns = {
        "account": "a.b.c.d",
        "client": "request.headers.User-Agent.0",
        "ip": "request.headers.X.y.z",
    }
    (take,) = read(json.dumps(record).encode(), settings(columns=columns)).takes
    assert (take["account"], take["client"], take["ip"]) == ("ann", "Player/2", "192.0.2.1")


def test_escapes_that_json_does_not_have(read: Callable[..., Any]) -> None:
    r"""A line of nginx without escape=json, with \x22 in it, is read; other backslashes stay."""
    line = r'{"ts":"2026-03-09T08:00:00Z","user":"a\x22\x22b","track":"C:\\xa","agent":"\\\x5C"}'
    (take,) = read(line.encode()).takes
    assert (take["account"], take["item"], take["client"]) == (r"a\x22\x22b", r"C:\xa", r"\\x5C")

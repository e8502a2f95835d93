"""W3C extended logs, most in the form of CloudFront: order of fields, headers, user agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError
from ringfence.events.formats import RAW_COLUMNS, FastPath
from ringfence.events.formats.w3c import W3C
from ringfence.settings import EventSettings

at = datetime.fromisoformat
FIELDS = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
]
VALUES = [
    "2019-12-04",
    "21:02:31",
    "LAX1",
    "392",
    "192.0.2.100",
    "GET",
    "d111.cloudfront.net",
    "/index.html",
    "200",
    "-",
    "Mozilla/5.0%20(X)",
    "-",
    "-",
    "Hit",
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def header(fields: list[str] | None = None) -> str:
    """Return the two header lines for these fields."""
    return f"#Version: 1.0\n#Fields: {' '.join(fields or FIELDS)}\n"


def line(**changes: str) -> str:
    """A line in the order of FIELDS; changes are named by position, as ``f7``."""
    values = list(VALUES)
    for name, value in changes.items():
        values[int(name[1:])] = value
    return "\t".join(values) + "\n"


def opened(
    engine: Engine, path: Path, content: str | bytes, zone: str = "UTC"
) -> tuple[W3C, FastPath]:
    """Write a file and open it, with the reader that did."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    form = W3C()
    return form, form.open(engine, path, EventSettings.model_validate({"time_zone": zone}))


def raw(engine: Engine, source: FastPath, columns: str = "url") -> list[tuple[object, ...]]:
    """Return columns of the raw relation, in text order."""
    select = source.reader(source.path, "list")
    return sorted(engine.rows(f"SELECT {columns} FROM ({select})"), key=str)


def test_reads_a_request(engine: Engine, tmp_path: Path) -> None:
    """Every column is where the header says, and a dash is none."""
    _, source = opened(engine, tmp_path / "log", header() + line() + line(f4="-", f10="-"))
    names = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {source.select})")
    assert names == [(name, "VARCHAR") for name in RAW_COLUMNS]
    assert raw(engine, source, "ip, client, method, url, status, bytes, login, seconds") == [
        ("192.0.2.100", "Mozilla/5.0 (X)", "GET", "/index.html", "200", "392", None, None),
        (None, None, "GET", "/index.html", "200", "392", None, None),
    ]
    assert source.present == {
        "time",
        "ip",
        "client",
        "method",
        "url",
        "status",
        "bytes",
        "referrer",
    }


def test_takes_the_order_from_the_header(engine: Engine, tmp_path: Path) -> None:
    """Fields in another order, with unknown ones between, are read by name."""
    fields = ["x-new", "cs-uri-stem", "c-ip", "time", "date"]
    _, source = opened(
        engine, tmp_path / "log", header(fields) + "?\t/a\t192.0.2.1\t21:02:31\t2019-12-04\n"
    )
    assert raw(engine, source, "time, ip, url") == [("2019-12-04 21:02:31", "192.0.2.1", "/a")]
    assert source.present == {"time", "ip", "url"}


def test_times_are_utc_whatever_is_set(engine: Engine, tmp_path: Path) -> None:
    """CloudFront writes UTC; the zone of the settings is not applied."""
    _, source = opened(engine, tmp_path / "log", header() + line(), "Asia/Tokyo")
    assert engine.rows(f"SELECT {source.time} FROM ({source.select})") == [
        (at("2019-12-04 21:02:31"),)
    ]


def test_headers_in_the_middle_are_no_rows(engine: Engine, tmp_path: Path) -> None:
    """Concatenated files are read as one, and no header is rejected or counted."""
    text = header() + line() + header() + line(f7="/b") + "\n"
    form, source = opened(engine, tmp_path / "log", text)
    assert raw(engine, source) == [("/b",), ("/index.html",)]
    assert engine.rows("SELECT COUNT(*) FROM reject_errors") == [(0,)]
    assert form.parse(header().splitlines()[1]) is None


def test_a_later_file_may_have_more_fields(engine: Engine, tmp_path: Path) -> None:
    """Lines of the shorter order are rejected by the engine and read by the tolerant path."""
    text = header() + line() + header([*FIELDS, "c-port"]) + line(f7="/b")[:-1] + "\t80\n"
    form, source = opened(engine, tmp_path / "log", text)
    assert raw(engine, source) == [("/b",)]
    assert engine.rows("SELECT DISTINCT csv_line FROM reject_errors") == [(line()[:-1],)]
    record = form.parse(line()[:-1])
    assert record is not None
    assert record["url"] == "/index.html"


IIS = "date time c-ip cs-username cs-method cs-uri-stem sc-status cs(User-Agent)"
LATER = "cs-method cs-uri-stem time date cs-username c-ip sc-win32-status cs(User-Agent) sc-status"


@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("gap", [1, 3_000])
def test_each_line_is_read_by_the_header_above_it(
    read: Callable[..., Any], separator: str, end: str, gap: int
) -> None:
    """After a restart, fields may be added, left out or in another order, however far down."""
    agent = "Reader/1.0+(Demo)" if separator == " " else "Reader/1.0%20(Demo)"
    first = f"2026-03-09 08:00:00 192.0.2.1 ann GET /stream/1 200 {agent}"
    second = f"GET /stream/2 08:01:00 2026-03-09 bob 192.0.2.2 0 {agent} 200"
    cut = "GET /stream/3 08:02:00 2026-03-09 eve"
    lines = [*[first] * gap, second, cut]
    text = [f"#Fields: {IIS}", *lines[:gap], "#Software: IIS", f"#Fields: {LATER}", *lines[gap:]]
    out = read((end.join(one.replace(" ", separator) if one in lines else one for one in text)
                + end).encode())  # fmt: skip
    seen = {(take["account"], take["item"], take["ip"], take["client"]) for take in out.takes}
    assert seen == {
        ("ann", "1", "192.0.2.1", "Reader/1.0 (Demo)"),
        ("bob", "2", "192.0.2.2", "Reader/1.0 (Demo)"),
    }
    assert len(out.takes) == gap + 1
    assert [one["line"] for one in out.quarantined if "eve" in one["text"]] == [gap + 5]


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0%20(X)", "Mozilla/5.0 (X)"),
        ("Mozilla/5.0%2520(X)", "Mozilla/5.0 (X)"),
        ("a+b%2B", "a+b+"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%ff", "%ff"),
        ("%C3%A9", "\u00e9"),
        ("%1B[31m<b>", "\x1b[31m<b>"),
        ('say "hi', 'say "hi'),
    ],
)
def test_decodes_the_user_agent(engine: Engine, tmp_path: Path, agent: str, expected: str) -> None:
    """Both paths decode once or, as in older logs, twice; what cannot be decoded stays."""
    form, source = opened(engine, tmp_path / "log", header() + line(f10=agent))
    record = form.parse(line(f10=agent)[:-1])
    assert record is not None
    assert raw(engine, source, "client") == [(expected,)] == [(record["client"],)]


@pytest.mark.parametrize(
    ("query", "expected"), [("-", "/a%20b"), ("id=7&u=%252F", "/a%20b?id=7&u=%252F")]
)
def test_url_is_stem_and_query(engine: Engine, tmp_path: Path, query: str, expected: str) -> None:
    """The URL is put together as it was asked for, still encoded, the same by both paths."""
    text = line(f7="/a%20b", f11=query)
    form, source = opened(engine, tmp_path / "log", header() + text)
    record = form.parse(text[:-1])
    assert record is not None
    assert raw(engine, source) == [(expected,)] == [(record["url"],)]


def test_bad_lines_are_rejected_not_lost(engine: Engine, tmp_path: Path) -> None:
    """Cut, undecodable and commented-looking lines are rejected; their neighbours are read."""
    bad = [
        b"2019-12-04\t21:02:31\tLAX1",
        line(f10="\xff")[:-1].encode("latin-1"),
        line(f7="/a#b")[:-1].encode(),
    ]
    good = [line().encode(), line(f7="/b").encode()]
    text = header().encode() + good[0] + b"\n".join(bad) + b"\n" + good[1]
    form, source = opened(engine, tmp_path / "log", text)
    # The engine decodes only what is asked for: the agent must be.
    assert [url for url, _ in raw(engine, source, "url, client")] == ["/b", "/index.html"]
    assert len(engine.rows("SELECT DISTINCT line_byte_position FROM reject_errors")) == len(bad)
    cut, undecodable, sign = [form.parse(one.decode(errors="replace")) for one in bad]
    assert cut is None
    assert undecodable is not None
    assert undecodable["client"] == "\ufffd"
    assert sign is not None
    assert sign["url"] == "/a#b"


def test_mixed_line_ends_stop_nothing(engine: Engine, tmp_path: Path) -> None:
    """CRLF here and LF there is read as if all were alike."""
    text = header() + line() + line(f7="/b").replace("\n", "\r\n") + line(f7="/c")
    _, source = opened(engine, tmp_path / "log", text)
    assert raw(engine, source) == [("/b",), ("/c",), ("/index.html",)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no #Fields line"),
        (line(f2="nowhere"), "no #Fields line"),
        (header(["date", "time", "c-ip"]), "no field cs-uri-stem; the fields are date, time, c-ip"),
    ],
)
def test_headers_that_do_not_do_are_errors(
    engine: Engine, tmp_path: Path, text: str, what: str
) -> None:
    """A file without a usable header is refused in one line that says what is missing."""
    with pytest.raises(FormatError, match=what):
        opened(engine, tmp_path / "log", text)


def test_recognises_its_header_only() -> None:
    """A W3C header over tabs or spaces is known; lines alone only if they are CloudFront's."""
    assert W3C().recognises((header() + line()).splitlines())
    assert W3C().recognises(header().splitlines())
    assert W3C().recognises((header() + line().replace("\t", " ")).splitlines())
    assert W3C().recognises(line().splitlines())
    assert not W3C().recognises(line(f2="nowhere").splitlines())
    assert not W3C().recognises(header(["date", "time", "c-ip"]).splitlines())
    assert not W3C().recognises([])


def test_typing_renders_for_spark(engine: Engine, tmp_path: Path) -> None:
    """The SQL that types times is carried to Spark without unsupported constructs."""
    _, source = opened(engine, tmp_path / "log", header())
    assert sqlglot.transpile(
        f"SELECT {source.time} AS ts FROM raw",
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )


@given(st.text(), st.booleans())
@example("#Fields:", False)
@example("\t" * 100, True)
@example(line(f10="%ff%25ff"), True)
def test_parse_never_raises(text: str, ready: bool) -> None:
    """Any text at all is a record with the raw columns, or none."""
    form = W3C()
    if ready:
        form.parse(header().splitlines()[1])
    record = form.parse(text)
    assert record is None or tuple(record) == RAW_COLUMNS

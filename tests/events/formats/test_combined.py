"""The access log of Apache and nginx, in good and bad shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.events.formats import TextLayout
from ringfence.settings import EventSettings, Settings

AGENT = '"-" "Player/1.0 (X)"'


def line(  # noqa: PLR0913 - each is one field
    number: int,
    *,
    login: str | None = None,
    request: str | None = None,
    status: str = "200",
    zone: str = "+0000",
    after: str = " " + AGENT,
) -> str:
    """One good line; its number is in the account and the item."""
    login = f"u{number}" if login is None else login
    request = f"GET /rest/stream?id=tr-{number} HTTP/1.1" if request is None else request
    return (
        f"10.0.0.{number % 250} - {login} [01/Jun/2025:10:00:{number % 60:02d} {zone}] "
        f'"{request}" {status} 1234{after}'
    )


def among_good(*bad: str | bytes) -> bytes:
    """Put each bad line between good ones: 1000, bad, 1001, bad, 1002."""
    lines = [line(1000).encode()]
    for number, one in enumerate(bad, 1001):
        lines += [one.encode() if isinstance(one, str) else one, line(number).encode()]
    return b"\n".join(lines) + b"\n"


def parser() -> TextLayout:
    """A reader that has seen a good line."""
    form = TextLayout()
    assert form.recognises([line(1)])
    return form


def items(outcome: Any) -> list[str]:  # noqa: ANN401 - the fixture's own record
    """Items taken, sorted."""
    return sorted(take["item"] for take in outcome.takes)


def test_a_line_becomes_an_event_with_all_it_carries(read: Callable[..., Any]) -> None:
    """Every column of a combined line arrives typed, its time in UTC."""
    outcome = read((line(7, zone="+0130") + "\n").encode())
    assert outcome.events == [
        {
            "ts": datetime(2025, 6, 1, 8, 30, 7, tzinfo=UTC).replace(tzinfo=None),
            "account": "u7",
            "item": "tr-7",
            "surface": "stream",
            "group": None,
            "ip": "10.0.0.7",
            "client": "Player/1.0 (X)",
            "bytes": 1234,
            "seconds": None,
            "records": None,
            "device": None,
            "payment": None,
            "signed_up": None,
            "listing": None,
            "walked": None,
            "referred": False,
            "assets": 0,
            "visitor": False,
            "outcome": None,
        }
    ]
    assert outcome.reading.format == "combined"
    assert outcome.reading.columns == {"surface", "ip", "client", "bytes"}
    assert not outcome.counts


@pytest.mark.parametrize("zone", ["-0330", "+0530", "-1200", "+1400", "+0000"])
def test_offsets_have_a_sign(read: Callable[..., Any], zone: str) -> None:
    """Both paths subtract the offset, minutes with the sign of the hours."""
    fast = read((line(1, zone=zone) + "\n").encode()).events[0]["ts"]
    slow = read((line(1, zone=zone, login="a b") + "\n").encode()).events[0]["ts"]
    expected = datetime.strptime(f"2025-06-01 10:00:01 {zone}", "%Y-%m-%d %H:%M:%S %z")
    assert fast == slow == expected.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize("after", ["", ' "-"', " " + AGENT, f" {AGENT} 9", f' {AGENT} "a b" 0.1 x'])
def test_fields_after_the_bytes_may_be_any_number(read: Callable[..., Any], after: str) -> None:
    """With none, one, two, three or five fields after the bytes, all lines are read."""
    content = "".join(line(n, after=after) + "\n" for n in range(20)).encode()
    outcome = read(content)
    assert len(outcome.takes) == 20
    assert outcome.takes[0]["client"] == ("Player/1.0 (X)" if AGENT in after else None)
    assert not outcome.counts


def test_lines_of_the_other_kind_are_read_too(read: Callable[..., Any]) -> None:
    """A common line among combined ones is read; only its missing fields are empty."""
    outcome = read(among_good(line(1, after=""), line(2, after="")))
    assert items(outcome) == ["tr-1", "tr-1000", "tr-1001", "tr-1002", "tr-2"]
    assert not outcome.counts


@pytest.mark.parametrize(
    ("login", "account"),
    [
        ("John Q Public", "John Q Public"),
        ("John Q", "John Q"),
        ('O"Hara', 'O"Hara'),
        ("a b c d e f", "a b c d e f"),
        ("'; DROP TABLE x; --", "'; DROP TABLE x; --"),
    ],
)
def test_logins_may_hold_spaces_and_quotes(
    read: Callable[..., Any], login: str, account: str
) -> None:
    """A login that breaks the fields apart is put together again."""
    outcome = read(among_good(line(1, login=login)))
    assert account in {take["account"] for take in outcome.takes}
    assert len(outcome.takes) == 3
    assert not outcome.counts


def test_a_shifted_common_line_does_not_pass_with_wrong_fields(read: Callable[..., Any]) -> None:
    """A common line whose login has two spaces has ten fields, and is still read as what it is."""
    outcome = read(among_good(line(1, login="John Q Public", after="")))
    assert "John Q Public" in {take["account"] for take in outcome.takes}


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"caf\xe9", b"\xc3\x28"])
def test_an_agent_that_is_no_utf8_keeps_its_event(read: Callable[..., Any], bad: bytes) -> None:
    """Bytes that cannot be decoded are shown escaped; nothing is lost."""
    raw = line(1, after=' "-" "AGENT"').encode().replace(b"AGENT", bad)
    outcome = read(among_good(raw))
    assert items(outcome) == ["tr-1", "tr-1000", "tr-1001"]
    client = next(take["client"] for take in outcome.takes if take["item"] == "tr-1")
    assert "\\x" in client


def test_requests_that_are_none_are_counted_not_quarantined(read: Callable[..., Any]) -> None:
    """TLS handshakes, empty requests and NUL bytes are lines that can be read."""
    outcome = read(
        among_good(
            line(1, request="\\x16\\x03\\x01", status="400"),
            line(2, request="", status="400"),
            line(3, request="-", status="408"),
            line(4, request=""),
            line(5, login="n\x00l"),
        )
    )
    assert outcome.outcomes == ["no-request", *["not-successful"] * 3]
    assert "n\x00l" in {take["account"] for take in outcome.takes}
    assert not outcome.counts


def test_escaped_quotes_are_part_of_their_field(read: Callable[..., Any]) -> None:
    """Both paths read an escaped quote as a quote."""
    after = r' "-" "x \"q\" y"'
    fast = read(among_good(line(1, after=after)))
    slow = read(among_good(line(1, after=after, login="a b")))
    for outcome in (fast, slow):
        assert 'x "q" y' in {take["client"] for take in outcome.takes}


def test_only_success_and_get_are_takes(read: Callable[..., Any]) -> None:
    """Statuses other than 2xx and 304, and methods other than GET, are counted apart."""
    requests = {
        "HEAD /stream/1 HTTP/1.1": "other-method",
        "POST /stream/1 HTTP/1.1": "other-method",
        "CONNECT a:443 HTTP/1.1": "other-method",
        "GET /x.css HTTP/1.1": "static-asset",
        "GET /about HTTP/1.1": "no-item",
    }
    good = [
        line(n, request=f"GET /stream/{n} HTTP/1.1", status=s)
        for n, s in enumerate(("200", "206", "304", "404", "302", "-"))
    ]
    lines = good + [line(50, request=request) for request in requests]
    outcome = read("\n".join(lines).encode())
    assert len(outcome.takes) == 3
    assert outcome.outcomes == sorted(["item-missing", *["not-successful"] * 2, *requests.values()])


def test_carriage_returns_belong_to_the_line_end(read: Callable[..., Any]) -> None:
    """A log written on Windows gives the same events."""
    lines = [line(n) for n in range(5)] + [line(5, login="a b")]
    unix, windows = (read(end.join([*lines, ""]).encode()) for end in ("\n", "\r\n"))
    assert windows.events == unix.events
    assert not windows.counts


def test_a_quote_left_open_takes_no_other_line_with_it(read: Callable[..., Any]) -> None:
    """The line after an open quote is read; the broken one is quarantined under its own number."""
    outcome = read(
        among_good(
            '1.1.1.1 - u [01/Jun/2025:10:00:00 +0000] "GET /unclosed',
            '"weird "quote" start',
            "x" * 200 + '"',
        )
    )
    assert items(outcome) == [f"tr-{n}" for n in range(1000, 1004)]
    assert [(bad["line"], bad["reason"]) for bad in outcome.quarantined] == [
        (2, "not-a-record"),
        (4, "not-a-record"),
        (6, "not-a-record"),
    ]


@pytest.mark.slow
def test_a_line_of_ten_megabytes_is_no_obstacle(read: Callable[..., Any]) -> None:
    """A giant line without a record is quarantined and cut; a giant record is an event."""
    giant = line(1, after=' "-" "' + "a" * 10_000_000 + '"')
    outcome = read(among_good("x" * 10_000_000, giant))
    assert items(outcome) == ["tr-1", "tr-1000", "tr-1001", "tr-1002"]
    assert outcome.counts == {"not-a-record": 1}
    assert outcome.quarantined[0]["line"] == 2
    assert outcome.quarantined[0]["text"] == "x" * 1000


def test_bad_times_are_found_in_the_file(read: Callable[..., Any]) -> None:
    """Times that cannot be, or lie in the future, are quarantined with their true line numbers."""
    future = line(1).replace("2025", "2999")
    impossible = line(2).replace("01/Jun", "31/Jun")
    nowhere = line(3, zone="nowhere")
    outcome = read(among_good(future, impossible, nowhere, ""))
    assert items(outcome) == [f"tr-{n}" for n in range(1000, 1005)]
    assert sorted((bad["line"], bad["reason"]) for bad in outcome.quarantined) == [
        (2, "time-in-the-future"),
        (4, "unreadable-time"),
        (6, "unreadable-time"),
    ]


def test_a_time_without_zone_is_in_the_zone_of_the_settings(read: Callable[..., Any]) -> None:
    """A log without offsets is read in events.time_zone."""
    settings = Settings(events=EventSettings(time_zone="Europe/Paris"))
    outcome = read((line(1).replace(" +0000]", "]") + "\n").encode(), settings)
    assert outcome.takes[0]["ts"] == datetime(2025, 6, 1, 8, 0, 1, tzinfo=UTC).replace(tzinfo=None)


@given(st.text())
def test_parse_takes_any_text(text: str) -> None:
    """The tolerant parser never raises, whatever the line."""
    parser().parse(text)
    parser().parse(f'1.1.1.1 - u [01/Jun/2025:00:00:00 +0000] "{text}" 200 1 {text}')


@pytest.mark.parametrize(
    "hostile",
    [
        " [" * 50_000,
        '" 200 1' * 20_000,
        '\\"' * 50_000,
        " " * 100_000,
        '- - - [t] "' + '" 2' * 50_000,
    ],
)
def test_parse_takes_linear_time(hostile: str) -> None:
    """Lines made to send a regular expression back and forth do not; a timeout would show it."""
    parser().parse("1.1.1.1 - " + hostile)
    parser().parse(hostile)

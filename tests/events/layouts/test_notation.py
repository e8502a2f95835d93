"""Layouts in the notation of Apache, EZproxy and nginx, read from the strings that owners paste."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import SettingsError
from ringfence.events.formats.text import TextLayout
from ringfence.events.layouts.known import KNOWN
from ringfence.events.layouts.matching import Matcher
from ringfence.events.layouts.notation import layout_of
from ringfence.events.layouts.shapes import expression
from ringfence.settings import EventSettings, Settings

COMMON = '%h %l %u %t "%r" %>s %b'
WANTED = {"login": "ann", "ip": "192.0.2.11", "url": "/record/1?page=2", "method": "GET"}


@pytest.mark.parametrize(
    ("notation", "line"),
    [
        (COMMON, '192.0.2.11 - ann [T] "GET /record/1?page=2 HTTP/1.1" 200 5'),
        (
            'LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O" vhost',
            'a.example:80 192.0.2.11 - ann [T] "GET /record/1?page=2 HTTP/1.1" 200 5',
        ),
        (
            (
                "log_format main '$remote_addr - $remote_user [$time_local] \"$request\" '\n"
                "                '$status $body_bytes_sent \"$http_user_agent\"';"
            ),
            '192.0.2.11 - ann [T] "GET /record/1?page=2 HTTP/1.1" 200 5 "x"',
        ),
        ("%a|%u|%t|%m|%U%q|%>s", "192.0.2.11|ann|[T]|GET|/record/1?page=2|200"),
        (
            "$remote_addr\t$remote_user\t$msec\t$request_method\t$uri$is_args$args",
            "192.0.2.11\tann\t1773043200.024\tGET\t/record/1?page=2",
        ),
        (
            '{"t":"$time_iso8601","a":"$remote_addr","u":"$remote_user","r":"$request"}',
            (
                '{"t":"2026-03-09T07:00:00Z","a":"192.0.2.11","u":"ann",'
                '"r":"GET /record/1?page=2 HTTP/1.1"}'
            ),
        ),
        (
            '%{sec}t.%{msec_frac}t %a %{REMOTE_USER}e "%m %U%q %H"',
            '1773043200.123 192.0.2.11 ann "GET /record/1?page=2 HTTP/1.1"',
        ),
        (
            '[%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] %a %u "%r"',
            '[09/Mar/2026 08:00:00.123 +0100] 192.0.2.11 ann "GET /record/1?page=2 HTTP/1.1"',
        ),
        ("%t %a %{X-Remote-User}i ${x} %m %U%q", "[T] 192.0.2.11 ann ${x} GET /record/1?page=2"),
    ],
)
def test_a_pasted_notation_reads_its_line(notation: str, line: str) -> None:
    """Quoted, escaped, wrapped and multi-line notations give the same fields."""
    matcher = Matcher(layout_of(notation))
    record = matcher.record(line.replace("[T]", "[09/Mar/2026:08:00:00 +0100]"))
    assert record is not None
    assert {name: record[name] for name in WANTED if record[name]}.items() <= WANTED.items()
    assert record["login"] == "ann"
    assert record["url"] == "/record/1?page=2"
    assert record["time"]


@pytest.mark.parametrize(
    ("notation", "what"),
    [
        ("", "has no directive"),
        ("address login", "has no directive"),
        ("%h %u %r", "no field for the time"),
        ("%t %r", "no field for the account or address"),
        ("%t %h", "no field for the URL"),
        ("%t %u%h %r", "has nothing between %u and %h"),
        ("%{%Y-%q}t %h %r", "with %q, which is not known"),
        ("%h " * 5000 + "%t %r", "longer than 10,000"),
    ],
)
def test_a_notation_that_cannot_be_is_refused(notation: str, what: str) -> None:
    """The error names the setting and the directive in one line."""
    with pytest.raises(SettingsError, match=what) as caught:
        layout_of(notation)
    assert caught.value.where == "events.layout"
    assert caught.value.hint


def test_columns_name_directives() -> None:
    """A cookie becomes the login if the settings name it; a missing directive is an error."""
    notation = '%h %l %u %t "%r" %>s %b %{uid}C'
    layout = layout_of(notation, columns={"login": "%{uid}C"})
    record = Matcher(layout).record(
        '192.0.2.11 - - [09/Mar/2026:08:00:00 +0100] "GET /a HTTP/1.1" 200 5 ann'
    )
    assert record is not None
    assert record["login"] == "ann"
    with pytest.raises(SettingsError, match=re.escape("%{sid}C")):
        layout_of(notation, columns={"login": "%{sid}C"})


@pytest.mark.parametrize(
    ("start", "login"),
    [
        ("192.0.2.11 - ann", "ann"),
        ("192.0.2.11 - Ann B Lee", "Ann B Lee"),
        ('192.0.2.11 - O"Hara', 'O"Hara'),
        ("192.0.2.11 - -", None),
        ("example.org:443 192.0.2.11 - ann", "none"),
        ("192.0.2.11 - - -", "none"),
        ("192.0.2.11 - ann -", "none"),
        ("192.0.2.11 - ann 198.51.100.7", "none"),
        ("192.0.2.11 - ann 0.003", "none"),
        ('192.0.2.11 - ann "GET', "none"),
        ("192.0.2.11 - a b c d e f g h i", "none"),
        ("192.0.2.11 198.51.100.7 ann", "none"),
        ("192.0.2.11,198.51.100.7 - ann", "none"),
        ("192.0.2.11 - ", "none"),
    ],
)
def test_a_login_is_never_two_fields(start: str, login: str | None) -> None:
    """A login may be several words, but never a dash, a number, an address or a sentence."""
    record = Matcher(layout_of(COMMON)).record(
        f'{start} [09/Mar/2026:08:00:00 +0100] "GET /a HTTP/1.1" 200 5'
    )
    found = "none" if record is None else record["login"]
    assert found == login or (login == "none" and found is None)
    assert login != "none" or record is None or start.endswith("- ")


def test_a_layout_of_the_settings_is_read_and_typed(read: Callable[..., Any]) -> None:
    """A time in a strftime form and bars between the fields become an event; others do not."""
    settings = Settings.model_validate(
        {
            "events": {
                "layout": "%{%d.%m.%Y %H:%M:%S}t|%a|%u|%m %U|%>s|%b",
                "time_zone": "Europe/Paris",
            }
        }
    )
    outcome = read(
        b"09.03.2026 08:00:00|192.0.2.11|ann|GET /stream/7|200|5\n"
        b"09.03.2026 08:00:01|192.0.2.11|ann|GET /stream/8|200|5|surplus\n"
        b"09.03.2026 08:00:02|192.0.2.11|ann|GET /stre\n",
        settings,
    )
    assert outcome.reading.format == "layout"
    assert [(take["account"], take["item"], take["bytes"]) for take in outcome.takes] == [
        ("ann", "7", 5)
    ]
    assert outcome.takes[0]["ts"] == datetime(2026, 3, 9, 7, tzinfo=UTC).replace(tzinfo=None)
    assert outcome.counts == {"not-a-record": 2}


@given(st.text(max_size=60))
def test_any_notation_is_read_or_refused(text: str) -> None:
    """Any text is a layout with a valid expression, or one error of ours."""
    for notation in (text, f"%h {text} %t %r", f"$remote_addr {text} $msec $request"):
        try:
            layout = layout_of(notation)
        except SettingsError:
            continue
        re.compile(expression(layout)[0])


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
@pytest.mark.parametrize(
    "hostile", ["a.", "1 ", "- ", '" ', "[", "0", "a", '\\"', "192.0.2.1, ", "{x} ", "a=b "]
)
def test_hostile_lines_take_linear_time(known: Any, hostile: str) -> None:  # noqa: ANN401
    """A line of 100,000 repetitions is refused at once, whatever stands before it."""
    matcher = Matcher(known.layout())
    start = time.process_time()
    for before in ("", "192.0.2.1 - ", "192.0.2.1 - - [09/Mar/2026:08:00:00 +0100] "):
        matcher.record(before + hostile * 50_000)
    assert time.process_time() - start < 5


def test_fields_that_touch_are_refused_with_a_way_out() -> None:
    """The error names both fields, and says what to change in the server's configuration."""
    with pytest.raises(SettingsError, match="put a space or quotes between them") as caught:
        layout_of("$remote_addr [$time_local] $request_time$request_uri")
    assert "$request_time and $request_uri" in str(caught.value)


@pytest.mark.parametrize(
    ("notation", "line"),
    [
        (
            '$remote_addr [$time_local] "$request_method $scheme://$host$request_uri" $status',
            '192.0.2.1 [09/Mar/2026:08:00:00 +0100] "GET https://a.example:8443/record/1?x=/2" 200',
        ),
        (
            '%h %t "%m %V%U%q" %>s',
            '192.0.2.1 [09/Mar/2026:08:00:00 +0100] "GET a.example/record/1?x=/2" 200',
        ),
    ],
)
def test_a_path_may_follow_its_host_at_once(notation: str, line: str) -> None:
    """A host ends where the path begins."""
    form = TextLayout(settings=EventSettings(layout=notation))
    assert form.recognises([line])
    assert (form.parse(line) or {})["url"] == "/record/1?x=/2"


@pytest.mark.parametrize("agent", ["R/1", "Mozilla/5.0 (X11; Linux) Gecko/1", "-", '"quoted" R/1'])
def test_a_last_client_without_quotes_reaches_to_the_end(
    read: Callable[..., Any], agent: str
) -> None:
    """All words of a client count, also when its server puts no quotes around it."""
    line = f'192.0.2.1 - ann [09/Mar/2026:08:00:00 +0100] "GET /record/1 HTTP/1.1" 200 5 {agent}'
    notation = (
        '$remote_addr - $remote_user [$time_local] "$request" $status $bytes $http_user_agent'
    )
    out = read(line.encode(), settings=Settings(events=EventSettings(layout=notation)))
    assert [take["client"] for take in out.takes] == [None if agent == "-" else agent]

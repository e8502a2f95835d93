"""Fields before the address and after the client are known by their values, not by their place."""

from __future__ import annotations

import pytest
from tests.events.layouts.samples import SAMPLES, Sample

from ringfence.events.formats.text import TextLayout
from ringfence.events.layouts.detection import detect
from ringfence.settings import EventSettings

CLOCK = "[09/Mar/2026:08:00:00 +0100]"
REQUEST = '"GET /dl/1.pdf HTTP/1.1" 200 512'
AGENT = "Mozilla/5.0 (X11)"


def read(lines: list[str]) -> tuple[str, list[dict[str, str]]]:
    """Return the name of the layout, and login, ip, forwarded and client of each line."""
    form = TextLayout()
    assert form.recognises(lines)
    wanted = ("login", "ip", "forwarded", "client")
    records = [form.parse(line) or {} for line in lines]
    fit = detect(lines)
    name = fit.layout.name if fit else ""
    return name, [{k: v for k in wanted if (v := record.get(k))} for record in records]


def logs(start: str, end: str = "") -> list[str]:
    """Return nine lines; N in the texts is the number of the line."""
    line = f'{start} {CLOCK} {REQUEST} "-" "{AGENT}"{end}'
    return [line.replace("N", str(number)) for number in range(1, 10)]


@pytest.mark.parametrize(
    "forwarded",
    [
        "81.1.0.N",
        "81.1.0.N:51N23",
        "66.6.6.6, 81.1.0.N:51N23, 10.1.1.1",
        "[2001:db8::N]:51N23",
        "2001:db8::N",
        "81.1.0.N:5123",
        "for=81.1.0.N",
        "for=81.1.0.N;proto=https, for=10.1.1.1",
        "unknown, 81.1.0.N",
    ],
)
def test_forwarded_addresses_may_have_ports(forwarded: str) -> None:
    """A list in quotes at the end is forwarded addresses, with or without ports."""
    _, records = read(logs("10.0.0.1 - -", f' "{forwarded}"'))
    assert [record["forwarded"] for record in records] == [
        forwarded.replace("N", str(number)) for number in range(1, 10)
    ]


@pytest.mark.parametrize(
    "end", [' "10.0.0.2:8080"', ' "10.0.0.N:8080"', ' 10.0.0.2:8080 0.003 "10.0.0.2:443"']
)
def test_servers_behind_are_not_forwarded_addresses(end: str) -> None:
    """Addresses that share one port are those of the servers behind a proxy."""
    _, records = read(logs("81.1.0.N - -", end))
    assert all("forwarded" not in record for record in records)
    assert records[0]["ip"] == "81.1.0.1"


def test_some_unknown_addresses_do_not_hide_the_others() -> None:
    """The word unknown may stand for a forwarded address."""
    lines = logs("10.0.0.1 - -", ' "81.1.0.N"')
    lines[3] = lines[3].replace("81.1.0.4", "unknown")
    _, records = read(lines)
    assert records[0]["forwarded"] == "81.1.0.1"


def test_an_address_with_a_port_is_not_a_virtual_host() -> None:
    """Before the address of a proxy it is the client's."""
    name, records = read(logs("81.1.0.N:51N23 10.0.0.1 - -"))
    assert name == "forwarded_first"
    assert records[0] == {"ip": "10.0.0.1", "forwarded": "81.1.0.1:51123", "client": AGENT}
    assert read(logs("library.example.org:443 81.1.0.N - -"))[0] == "vhost_combined"


@pytest.mark.parametrize("login", ["userN name", "Bob Lee", "O'Hara-N von Berg", 'N"x'])
def test_the_client_is_kept_beside_unusual_logins(login: str) -> None:
    """Spaces and quotes in every login do not hide the fields after the bytes."""
    _, records = read(logs(f"81.1.0.N - {login}"))
    assert [record["client"] for record in records] == [AGENT] * 9
    assert records[0]["login"] == login.replace("N", "1")


@pytest.mark.parametrize("login", ["the quick brown foxN", "user logged in from home N"])
def test_a_sentence_is_not_a_login(login: str) -> None:
    """A log with a sentence in the place of every login is in no known layout."""
    assert not TextLayout().recognises(logs(f"81.1.0.N - {login}"))


def test_a_dash_for_the_address_is_read_beside_forwarded_addresses() -> None:
    """Servers behind a socket write a dash; the client is the forwarded address."""
    _, records = read(logs("- - -", ' "81.1.0.N"'))
    assert records[0] == {"forwarded": "81.1.0.1", "client": AGENT}


COPIED = [one for one in SAMPLES if one.layout not in {"s3", "alb"}]
"""Samples without those to which their publisher adds fields: no notation says that."""


@pytest.mark.parametrize("sample", COPIED, ids=lambda one: f"{one.layout} {one.title}")
def test_the_printed_layout_reads_the_same_as_a_setting(sample: Sample) -> None:
    """A layout that is copied from a check into the settings gives the same records."""
    lines = [line for line, _ in sample.lines]
    found, form = detect(lines), TextLayout()
    assert found is not None
    assert form.recognises(lines)
    described = TextLayout(settings=EventSettings(layout=found.layout.notation))
    assert described.recognises(lines)
    for line in lines:
        assert record(described, line) == record(form, line)


def record(form: TextLayout, line: str) -> dict[str, str]:
    """Return what a layout reads from a line, without the time, which is written in two ways."""
    return {k: v for k, v in (form.parse(line) or {}).items() if v and k != "time"}

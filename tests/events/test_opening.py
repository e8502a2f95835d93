"""A source is opened: its format, its item rules, and what is assumed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine
from ringfence.errors import FormatError, SettingsError, SourceError
from ringfence.events import Quarantine, Source, errors_named, open_source
from ringfence.settings import AccountSettings, EventSettings, ItemRule, ItemSettings, Settings

COMMON = '10.0.0.1 - {0} [01/Jun/2025:10:00:00 +0000] "GET {1} HTTP/1.1" 200 12\n'
COMBINED = '10.0.0.1 - {0} [01/Jun/2025:10:00:00 +0000] "GET {1} HTTP/1.1" 200 12 "-" "agent"\n'

SOURCES = {
    "combined": COMBINED.format("u", "/stream/1"),
    "ezproxy": COMMON.format("u", "http://www.example.org:80/article/pii/S0012160612004174"),
    "caddy": '{"ts":1748772000.5,"request":{"remote_ip":"10.0.0.1","method":"GET",'
    '"uri":"/stream/1",'
    '"headers":{"User-Agent":["agent"]}},"user_id":"u","status":200,"size":12}\n',
    "cloudfront": "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs-method "
    "cs-uri-stem sc-status cs(User-Agent) cs-uri-query\n"
    "2025-06-01\t10:00:00\tFRA2\t10.0.0.1\tGET\t/stream/1\t200"
    "\tagent\t-\n",
    "ndjson": '{"ts":"2025-06-01T10:00:00Z","account":"u","item":"1"}\n',
    "csv": "ts,account,item\n2025-06-01T10:00:00Z,u,1\n",
}


@pytest.mark.parametrize("form", SOURCES)
def test_the_format_is_known_by_the_content(read: Callable[..., Any], form: str) -> None:
    """Each format is recognised and gives its one event."""
    outcome = read(SOURCES[form].encode())
    assert outcome.reading.format == form
    assert [take["ts"].isoformat()[:19] for take in outcome.takes] == ["2025-06-01T10:00:00"]
    assert outcome.reading.assumptions[0].value == form


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_an_empty_file_has_no_events_and_says_so(read: Callable[..., Any], content: bytes) -> None:
    """An empty file is not an error."""
    outcome = read(content)
    assert outcome.events == []
    assert "empty" in outcome.reading.note
    assert outcome.reading.assumptions == ()


@pytest.mark.parametrize(
    ("content", "what", "hint"),
    [
        (bytes(range(256)) * 40, "is binary", "name the log files"),
        (b"\x00" * 10_000, "is binary", "name the log files"),
        (b"x" + os.urandom(5_000), "is binary", "name the log files"),
        ("ts,account,item\n1,a,b\n".encode("utf-16"), "is UTF-16 text", "convert it to UTF-8"),
        (b"\xfe\xff" + "ts,account\n".encode("utf-16-be"), "is UTF-16 text", "UTF-8"),
        (b"hello world\nhow are you\n", "is in no known format", "how-to/my-log-format.md"),
    ],
)
def test_what_is_no_log_is_refused(
    read: Callable[..., Any], content: bytes, what: str, hint: str
) -> None:
    """The error names what was looked for and the way out, in one line."""
    with pytest.raises(FormatError, match=what) as caught:
        read(content)
    assert "looked for parquet, caddy" in str(caught.value)
    assert hint in caught.value.hint
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("key", "accounts"),
    [
        ("auto", ["10.0.0.1 b33aed8f", "u"]),
        ("login", ["u"]),
        ("address", ["10.0.0.1", "10.0.0.1"]),
        ("visitor", ["10.0.0.1 b33aed8f", "10.0.0.1 b33aed8f"]),
    ],
)
def test_the_account_key_is_a_setting(
    read: Callable[..., Any],
    key: Any,  # noqa: ANN401
    accounts: list[str],
) -> None:
    """The account is the login, the address, or address and a digest of the client."""
    content = (COMBINED.format("u", "/stream/1") + COMBINED.format("-", "/stream/2")).encode()
    outcome = read(content, Settings(account=AccountSettings(key=key)))
    assert sorted(take["account"] for take in outcome.takes) == accounts
    assert outcome.outcomes == (["no-account"] if key == "login" else [])


def test_own_rules_replace_the_preset(read: Callable[..., Any]) -> None:
    """Rules from the settings say item, group and surface; the first that matches speaks."""
    rules = (
        ItemRule(pattern=r"/(?P<group>[a-z]+)/(?P<item>\d+)/(?P<surface>full|abs)"),
        ItemRule(pattern=r"/x/(?P<item>\w+)", surface="search"),
    )
    content = (COMMON.format("u", "/bach/12/full") + COMMON.format("u", "/x/y?z")).encode()
    outcome = read(content, Settings(items=ItemSettings(rules=rules)))
    assert [(t["item"], t["group"], t["surface"]) for t in outcome.takes] == [
        ("12", "bach", "full"),
        ("y", None, "search"),
    ]
    assert outcome.reading.columns >= {"group", "surface"}


def test_a_rule_the_engine_cannot_take_is_a_wrong_setting(read: Callable[..., Any]) -> None:
    """Lookahead passes Python but not RE2: the error says so before anything is read."""
    wrong = Settings(items=ItemSettings(rules=(ItemRule(pattern="(?=a)(?P<item>a)"),)))
    with pytest.raises(SettingsError, match="is not an RE2 expression"):
        read(SOURCES["combined"].encode(), wrong)


def test_an_unknown_time_zone_is_a_wrong_setting(read: Callable[..., Any]) -> None:
    """A zone that the engine does not know is refused, and the message names it."""
    unchecked = EventSettings().model_copy(update={"time_zone": "Mars/Olympus"})
    with pytest.raises(SettingsError, match="Mars/Olympus"):
        read(SOURCES["csv"].encode(), Settings().model_copy(update={"events": unchecked}))


def test_hostile_items_and_accounts_pass_unchanged(read: Callable[..., Any]) -> None:
    """The content of a log is data: it is neither run nor changed, also not as SQL."""
    hostile = "/stream/<script>'\"; DROP TABLE x--\x1b[31m=1+1"
    line = COMBINED.format("=cmd|' /C calc'!A0", hostile.replace('"', '\\"'))
    outcome = read((line + COMBINED.format("u", "/stream/1")).encode())
    assert {take["item"] for take in outcome.takes} == {"1", hostile.removeprefix("/stream/")}


def test_a_quote_left_open_for_long_loses_no_row(read: Callable[..., Any]) -> None:
    """Rows between two stray quotes far apart come through the tolerant path, every one of them."""
    clock = (f"2025-01-01 {n // 60 % 24:02d}:{n % 60:02d}:00" for n in range(900))
    rows = [f"{time},u{n % 7},item-{n:06d}" for n, time in enumerate(clock)]
    stray = '2025-01-01 00:00:00,"u1,open'
    spoilt = ["ts,account,item", *rows[:100], stray, *rows[100:800], 'x,y"z,', *rows[800:]]
    outcome = read(("\n".join(spoilt) + "\n").encode(), name="stray.csv")
    assert {f"item-{n:06d}" for n in range(900)} <= {take["item"] for take in outcome.takes}


@pytest.mark.parametrize("name", ["plain.csv", "odd [name].csv", "packed.log.gz", "cut.csv.gz"])
def test_errors_name_the_file_and_no_temporary_one(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    """A file that is read through a link or a repaired copy keeps its name in errors."""
    content = b"time,who,colour\n2026-01-01,ann,red\n" * 40
    packed = gzip.compress(content) if name.endswith(".gz") else content
    path = tmp_path / name
    path.write_bytes(packed[:-9] if name.startswith("cut") else packed)
    with pytest.raises(FormatError, match="no column is known to hold") as caught:
        open_source(engine, Source(path, f"logs/{name}"), Settings(), Quarantine(tmp_path))
    assert caught.value.where == f"logs/{name}"
    assert str(engine.scratch) not in str(caught.value)


def test_damage_that_shows_late_is_named_after_the_source(engine: Engine, tmp_path: Path) -> None:
    """An error of the engine while it folds names the source as the operator knows it."""
    path = tmp_path / "it.parquet"
    path.write_bytes(b"")
    source = Source(path, "stdin")
    with pytest.raises(SourceError) as caught, errors_named(source, engine):
        engine.rows(f"FROM read_parquet('{engine.scratch}/source.log')")
    assert caught.value.where == "stdin"
    assert str(engine.scratch) not in str(caught.value)
    assert caught.value.what.startswith("cannot be read: ")


@pytest.mark.parametrize(
    ("chosen", "what"),
    [
        ({"format": "apache"}, "there is no format 'apache'"),
        ({"format": "vhost_combind"}, "did you mean vhost_combined"),
        ({"format": "layout"}, "no layout is given"),
        ({"format": "csv", "layout": "%h %u %t %r"}, "events.layout and the format csv are given"),
        ({"layout": "address login"}, "has no directive"),
        ({"layout": "%h %u %r"}, "has no field for the time"),
    ],
)
def test_a_format_that_is_none_is_refused(
    read: Callable[..., Any], chosen: dict[str, str], what: str
) -> None:
    """A format or a layout that cannot be is refused in one line, before anything is read."""
    with pytest.raises(SettingsError, match=what):
        read(b"x\n", Settings.model_validate({"events": chosen}))

"""Test what browsers load with pages: logs of any layout, their slices, and what does not count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from tests.ledger.sample import SETTINGS

from ringfence.engine import Engine
from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.reading_settings import ItemRule, ItemSettings

RULES: Final = SETTINGS.model_copy(
    update={"items": ItemSettings(rules=(ItemRule(pattern=r"/page/(?P<item>[0-9]+)"),))}
)

COUNTS: Final = "SELECT sum(pages), sum(assets), sum(referred) FROM page_loads"

BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

REQUESTS: Final = (
    ("/page/1", 200, "https://a.example/"),
    ("/site.css", 200, "https://a.example/page/1"),
    ("/site.js?v=3", 304, "https://a.example/page/1"),
    ("/p/1.webp", 200, "https://a.example/page/1"),
    ("/page/2", 200, "-"),
    ("/page/3", 404, "https://a.example/page/2"),
    ("/gone.css", 404, "https://a.example/page/2"),
    ("/about", 200, "https://a.example/page/2"),
    ("/robots.txt", 200, "-"),
    ("/favicon.ico", 200, "-"),
    ("/sitemap.xml", 200, "-"),
)
"""Two pages, one of them with a referrer, and three assets. The rest is neither."""


def combined(second: int, url: str, status: int, referrer: str) -> str:
    """Return a line of the combined layout."""
    return (
        f"10.0.0.1 - - [02/Mar/2026:10:00:{second:02} +0000] "
        f'"GET {url} HTTP/1.1" {status} 99 "{referrer}" "{BROWSER}"'
    )


def without_referrer(second: int, url: str, status: int, _: str) -> str:
    """Return a line of the common layout."""
    return f'10.0.0.1 - - [02/Mar/2026:10:00:{second:02} +0000] "GET {url} HTTP/1.1" {status} 99'


def w3c(second: int, url: str, status: int, referrer: str) -> str:
    """Return a line of an extended log."""
    client = BROWSER.replace(" ", "+")
    return f"2026-03-02 10:00:{second:02} 10.0.0.1 GET {url} {status} {referrer} {client}"


def caddy(second: int, url: str, status: int, referrer: str) -> str:
    """Return a line of Caddy's log."""
    named = "" if referrer == "-" else f', "Referer": ["{referrer}"]'
    return (
        f'{{"ts": {1_772_445_600 + second}, "request": {{"client_ip": "10.0.0.1", "method": "GET", '
        f'"uri": "{url}", "headers": {{"User-Agent": ["{BROWSER}"]{named}}}}}, "status": {status}}}'
    )


def table(second: int, url: str, status: int, referrer: str) -> str:
    """Return a row of a table."""
    return f'2026-03-02T10:00:{second:02}Z,10.0.0.1,"{BROWSER}",{url},{status},{referrer}'


FIELDS: Final = "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(Referer) cs(User-Agent)"

LAYOUTS: Final = {
    "combined.log": (combined, "", (2, 3, 1)),
    "common.log": (without_referrer, "", (2, 3, 0)),
    "w3c.log": (w3c, FIELDS, (2, 3, 1)),
    "caddy.json": (caddy, "", (2, 3, 1)),
    "table.csv": (table, "ts,ip,user_agent,url,status,referer", (2, 3, 1)),
}
"""Writer, header, and the pages, assets and referred pages of :data:`REQUESTS`."""


@contextmanager
def folded(*files: Path) -> Iterator[Engine]:
    """Fold each file as one source and merge."""
    ledger = open_writable(None, RULES)
    with ledger.engine as engine:
        for path in files:
            ledger.fold(Source(path, path.name))
        ledger.compact()
        yield engine


def written(path: Path, *lines: str) -> Path:
    """Write lines to a file."""
    path.write_text("\n".join(line for line in lines if line) + "\n")
    return path


@pytest.mark.parametrize("name", LAYOUTS)
def test_pages_assets_and_referrers_are_counted_in_any_layout(tmp_path: Path, name: str) -> None:
    """Missing pages, missing assets, and files that robots ask for count as nothing."""
    line, header, counts = LAYOUTS[name]
    rows = (line(second, *request) for second, request in enumerate(REQUESTS))
    with folded(written(tmp_path / name, header, *rows)) as engine:
        assert engine.rows(COUNTS) == [counts]


def test_a_table_may_count_assets_itself(tmp_path: Path) -> None:
    """A source of items has one row per page; negative and broken numbers count as none."""
    rows = (f"2026-03-02T10:00:0{n},a,i{n},{v}" for n, v in enumerate((4, -3, "x", "")))
    with folded(written(tmp_path / "a.csv", "ts,account,item,assets", *rows)) as engine:
        assert engine.rows(COUNTS) == [(4, 4, 0)]


def test_a_source_that_shows_neither_has_no_rows(tmp_path: Path) -> None:
    """Nothing is known about accounts of a log of items alone."""
    log = written(tmp_path / "a.csv", "ts,account,item", "2026-03-02T10:00:00Z,a,i")
    with folded(log) as engine:
        assert engine.rows("SELECT * FROM page_loads") == []


@pytest.mark.slow
def test_a_log_cut_anywhere_has_the_same_counts(tmp_path: Path) -> None:
    """An account may only fetch assets in one slice, and its pages may be in another."""
    lines = [combined(second, *request) for second, request in enumerate(REQUESTS)]
    every = "SELECT * FROM page_loads"
    with folded(written(tmp_path / "whole.log", *lines)) as engine:
        whole = engine.rows(every)
    for cut in (1, 3, 5):
        parts = (lines[:cut], lines[cut:])
        files = [written(tmp_path / f"{cut}-{n}.log", *part) for n, part in enumerate(parts)]
        with folded(*files) as engine:
            assert engine.rows(every) == whole


def test_assets_are_in_no_other_count(tmp_path: Path) -> None:
    """A visitor that only fetches styles has no row in them."""
    with folded(written(tmp_path / "a.log", *map(combined, *zip(*ASSETS, strict=True)))) as engine:
        assert engine.rows(COUNTS) == [(0, 3, 0)]
        assert engine.rows("SELECT count(*) FROM accounts") == [(0,)]
        assert engine.rows("SELECT count(*) FROM hours") == [(0,)]


ASSETS: Final = tuple((n, *REQUESTS[n]) for n in (1, 2, 3))

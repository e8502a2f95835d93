"""A URL is spelled in SQL as in Python, however its client has written it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from tests.events.items.test_one_url import OWN, urls

from ringfence.engine import Engine, literal
from ringfence.events import items
from ringfence.events.items.path_parameters import bare_sql, bare_url
from ringfence.events.items.plain_url import (
    literal_sql,
    literal_url,
    merged_sql,
    merged_url,
    plain_sql,
    plain_url,
    unmerged_sql,
    unmerged_url,
)
from ringfence.events.secrets import masked_item_sql
from ringfence.settings import ItemRule

ENCODED = items.own([ItemRule(pattern=r"^/%7Elib/(?P<item>[^/?#]+)")])
"""Rules of an operator whose log has this needless encoding everywhere."""

PIECES = (
    *("/", "//", "/.", "/..", "/./", "/../", "..", ".", "%2e", "%2E%2e", "%2F", "%2f..", "%", "%%"),
    *("%25", "%2541", "%41", "%7e", "%7E", "%2B", "+", "%20", "%00", "%C3%A9", "é", "%zz", "%4"),
    *(
        "?",
        "#",
        "&",
        "=",
        "?id=",
        "&%69d=",
        "http://a.org",
        "/ark:/",
        "/ark://",
        "12",
        "a",
        "Z",
        "~",
    ),
    *(
        "/rest/",
        "stream",
        "%73tream",
        "/tracks",
        "/%74racks/",
        "/a/",
        "/doi/10.1000",
        "/pdf",
        ".css",
    ),
    *(
        "/%2e%2e/",
        "/x/%2E./",
        "/login?url=",
        "/%7Elib/",
        "/~lib/",
        "/admin",
        "?q=",
        "\\",
        *(
            ";",
            ";x",
            ";x=1",
            "..;",
            "/..;/",
            "/.;x=1/",
            "%3B",
            "%3bx",
            "/..%3B/",
            "CO;2-K",
            ";a=;b",
        ),
        "'",
        "\t",
    ),
)


def hostile(count: int) -> list[str]:
    """Return URLs made of pieces that servers, expressions and databases read in different ways."""
    dice = random.Random(46)  # noqa: S311 - repeatable
    made = ("".join(dice.choices(PIECES, k=dice.randrange(1, 12))) for _ in range(count))
    return sorted({*made, *urls(), *(f"/{'x/../' * 300}tracks/12", "/tracks/1/" + "../" * 300)})


def table(spellings: Sequence[str]) -> str:
    """Return SQL of a table with one URL per row."""
    return f"SELECT unnest([{', '.join(map(literal, spellings))}]) AS url"


def test_dot_segments_are_removed_as_the_standard_says() -> None:
    """The examples of RFC 3986, section 5.4, as absolute paths."""
    assert plain_url("/a/b/c/./../../g") == "/a/g"
    assert plain_url("/../../g") == "/g"
    assert plain_url("/b//../c") == "/c"
    assert plain_url("/b/c/..") == "/b/"
    assert plain_url("/b/c/.?x=/../y") == "/b/c/?x=/../y"
    assert plain_url("/b/g..%252e/%7Euser") == "/b/g..%252e/~user"


def test_parameters_with_a_name_and_those_of_dot_segments_are_removed() -> None:
    """Containers write sessions into URLs; names of items may have semicolons, and a query too."""
    assert plain_url("/a/12;jsessionid=1F;b=2.n?x;y=1") == "/a/12?x;y=1"
    assert plain_url("/a/1/..;/12") == plain_url("/a/1/..%3Bx;y/12") == "/a/12"
    assert plain_url("/a/1;x=1%2F../12;y=") == "/a/1/12"
    assert plain_url("/10.1002/x.CO;2-K/pdf") == "/10.1002/x.CO;2-K/pdf"


def test_slashes_are_merged_in_the_path_alone() -> None:
    """The slashes of a scheme and those of a query stay."""
    assert merged_url("//a%2F%2fb///c//?d=//e") == "/a/b/c/?d=//e"
    assert merged_url("http://a.org//b") == "http://a.org/b"
    assert merged_url("/ark://12148//b") == "/ark:/12148/b"


def test_the_engine_spells_urls_as_python_does(engine: Engine) -> None:
    """Thousands of hostile URLs have the same five spellings in both."""
    spellings = hostile(4_000)
    spelt = [one("url") for one in (plain_sql, merged_sql, bare_sql, literal_sql, unmerged_sql)]
    found = engine.rows(f"SELECT url, {', '.join(spelt)} FROM ({table(spellings)}) AS step")
    assert len(found) == len(spellings) > 3_000

    def spelled(url: str) -> tuple[str, ...]:
        every = (plain_url, merged_url, bare_url, literal_url, unmerged_url)
        return tuple(one(url) for one in every)

    assert [row for row in found if row[1:] != spelled(row[0])] == []


@pytest.mark.parametrize("rules", [*items.PRESETS, OWN, ENCODED], ids=lambda one: one.name)
def test_the_engine_reads_items_as_python_does(engine: Engine, rules: items.Preset) -> None:
    """Each hostile URL has the same item in the same spelling, or has none in both."""
    select = items.item_select(table(hostile(4_000)), rules)
    found = masked_item_sql("found_in_url", rules.parameters)
    select = f"SELECT url, read_url, {found} AS found FROM ({select}) AS step"
    named = f"SELECT url AS asked, read_url AS url, {items.name_sql(rules)} AS item FROM ({select})"
    item, spelling = items.url_reader(rules), items.url_spelling(rules)
    differing = []
    for url, read_url, name, static in engine.rows(
        f"SELECT asked, url, item, {items.static_sql(rules)} FROM ({named}) AS step"
    ):
        apart = static or (rules.proxied and any(page in read_url for page in items.PROXY_PAGES))
        expected = (read_url, "" if apart else name or "")
        if (spelling(url), item(url)) != expected:
            differing.append((url, spelling(url), item(url), expected))
    assert differing == []


def test_rules_may_name_an_encoded_character() -> None:
    """Rules for a log in which each URL is encoded needlessly still find its items."""
    read = items.url_reader(ENCODED)
    assert read("/%7Elib/12") == "12"
    assert read("/~lib/12") == ""

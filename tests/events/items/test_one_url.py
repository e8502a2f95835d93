"""The item of one URL is the same in Python and in the engine."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from tests.events.items.platform_urls import PLATFORMS

from ringfence.engine import Engine
from ringfence.events import items
from ringfence.events.items.one_url import LONGEST_SHORT_URL
from ringfence.events.url_items import items_of_urls
from ringfence.settings import ItemRule

FOLDER = Path(__file__).parent
QUOTED = re.compile(r"\"((?:http|/)[^\"\s{}]{3,})\"")

OWN = items.own(
    [
        ItemRule(pattern=r"/a/(?P<item>[^/?#]*)", prefix="a-", normalise=True),
        ItemRule(pattern=r"[?&]q=(?P<item>[^&#]*)(?:&s=(?P<surface>\w+))?"),
        ItemRule(pattern=r"(?P<group>\w+)/(?P<item>\w+\?.*)"),
    ]
)
WRITTEN = (
    *(
        "/a/Caf%C3%A9+%2FX%3a",
        "/a/",
        "/a/?q=7",
        "/x?q=&y",
        "/b/c?api_key=42&x=1",
        "/b/c?u=7;SIG=a/b",
    ),
    *("/login?url=/a/7", "/a/7.css", "/style.css", "/rest/stream?apiKey=secret&id=9", "", "/"),
    *(
        "/rest/stream?id=a&id=b",
        "/doi/10.1000%252FAbC",
        "/doi/10.1000/ABC.pdf?token=5",
        "/tracks/7",
    ),
)


def urls() -> list[str]:
    """Return the URLs of all tests of item rules, and those of platforms."""
    found = [url for path in FOLDER.glob("*.py") for url in QUOTED.findall(path.read_text())]
    named = {"n": 5, "k": 7, "g": 3, "uuid": "0f-1", "hex": "ab12", "slug": "a-title", "code": "Q7"}
    for platform in PLATFORMS:
        for template in (*platform.records, *platform.lists, *platform.searches):
            found += [re.sub(r"\{(\w+)[^}]*\}", lambda m: str(named.get(m[1], "x")), template)]
    return sorted({*found, *WRITTEN})


@pytest.mark.parametrize("rules", [*items.PRESETS, OWN], ids=lambda one: one.name)
def test_python_and_the_engine_agree(engine: Engine, rules: items.Preset) -> None:
    """Every URL of the tests has the same item in both, also under rules of an operator."""
    read = items.url_reader(rules)
    tried = urls()
    found = items_of_urls(engine, tried, rules)
    differing = []
    for url in tried:
        apart = rules.proxied and any(page in url for page in items.PROXY_PAGES)
        apart |= rules.static and re.search(items.STATIC, url) is not None
        expected = "" if apart else found[url]
        if read(url) != expected:
            differing.append((url, read(url), expected))
    assert differing == []
    assert len(tried) > 150


@pytest.mark.parametrize("rules", items.PRESETS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "part",
    [
        "/",
        "a",
        "/a1",
        "&id=",
        "10.",
        "/pdf/",
        ".pdf",
        "/full/a1",
        "-p-1",
        "/stream",
        "%2F",
        "/10.1234/",
        "%2F;",
        ";%2F",
        "//..",
        "..;/",
        ";../",
        "%3B/",
    ],
)
def test_no_short_url_takes_long(rules: items.Preset, part: str) -> None:
    """A hostile URL of the greatest length is read within 50 ms."""
    read = items.url_reader(rules)
    for start in ("/", "/rest/stream?", "/full/", "/articles/view/"):
        url = (start + part * LONGEST_SHORT_URL)[: LONGEST_SHORT_URL - 1] + "!"
        begin = time.process_time()
        read(url)
        assert time.process_time() - begin < 0.05

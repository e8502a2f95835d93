"""No spelling of a URL makes two items of a server into one."""

from __future__ import annotations

import random
import re
from urllib.parse import unquote

import pytest

from ringfence.events import items
from ringfence.settings import ItemRule

RULES = {one.name: one for one in items.PRESETS}
SONGS = items.own([ItemRule(pattern="/song/(?P<item>[^/?#]+)")])

PIECES = (
    *(";", "/;x", "/;", "%3B", ";x", ";x=1", ";=", "/..", "/.", "/", "//", "?f=", "%2e", ";y"),
    *("/..;", "/a", ";1=", ";x;y=2", "&", "/;x/..", "/;/../", "/%3Bx/%2e./"),
)
QUOTES = ("?f=", "", "/", "#")


def in_container(url: str) -> str | None:
    """Return a URL as Tomcat reads it; None if it refuses it.

    Tomcat removes parameters, decodes, merges slashes and resolves dot segments, in this order.
    """
    path, mark, rest = url.partition("?")
    if "#" in url or "%2f" in path.lower():
        return None
    bare = "/".join(part.partition(";")[0] for part in path.split("/"))
    kept: list[str] = []
    for part in re.sub("/+", "/", unquote(bare)).split("/")[1:]:
        if part == ".." and not kept:
            return None
        if part == "..":
            kept.pop()
        elif part != ".":
            kept.append(part)
    return f"/{'/'.join(kept)}{mark}{rest}"


def odd_urls(parts: list[str]) -> set[str]:
    """Return URLs of an item N that are made of the parts of a plain one and of odd pieces."""
    dice = random.Random(18)  # noqa: S311 - repeatable
    found = set()
    for _ in range(20_000):
        url = "".join(
            part + (dice.choice(PIECES) if dice.random() < 0.45 else "") for part in parts
        )
        if dice.random() < 0.5:
            known = "".join(parts).replace("N", "1")
            url += dice.choice(QUOTES) + known + dice.choice(("", ";y", "/;y"))
        found.add(url)
    return found


@pytest.mark.parametrize(
    ("rules", "parts", "delivered"),
    [
        (RULES["stream"], ["/", "tracks", "/", "N"], r"/tracks/(\d+)(?:\?|$)"),
        (SONGS, ["/", "song", "/", "N"], r"/song/(\d+)(?:\?|$)"),
        (RULES["subsonic"], ["/", "rest", "/", "stream", "?id=", "N"], r"/rest/stream/?\?id=(\d+)"),
        (
            RULES["scholarly"],
            ["/", "doi", "/", "10.1002", "/", "N"],
            r"/doi/10\.1002/(\d+)(?:\?|$)",
        ),
    ],
    ids=("stream", "own", "subsonic", "scholarly"),
)
def test_two_items_that_a_container_delivers_never_have_one_name(
    rules: items.Preset, parts: list[str], delivered: str
) -> None:
    """Thousands of URLs, in each of which the container delivers item 71 or item 82."""
    read = items.url_reader(rules)
    hidden, seen = [], 0
    for url in sorted(odd_urls(parts)):
        both = [url.replace("N", number) for number in ("71", "82")]
        served = [re.match(delivered, in_container(one) or "") for one in both]
        if [match and match[1] for match in served] == ["71", "82"]:
            seen += 1
            first, second = (read(one) for one in both)
            if not first or first == second:
                hidden.append((url, first))
    assert hidden == []
    assert seen > 400


@pytest.mark.parametrize(
    ("url", "item"),
    [
        ("/song;x/12?from=/song/1;y", "12"),
        ("/song;x/12?from=/song/song;x", "12"),
        ("/song//12?from=/song/1", "12"),
        ("/song/3.0.CO;2-K?from=/song/1;y", "3.0.CO;2-K"),
        ("/song/x;A?from=/song/x;A", "x;A"),
        ("/open?to=http://a.org/song/12;y", "12;y"),
        ("http://a.org//open?to=/song/12", "12"),
        ("/song/;x", ";x"),
    ],
)
def test_marks_are_compared_with_those_of_the_part_that_has_the_item(url: str, item: str) -> None:
    """An item that is quoted in the query does not hide one of the path, and names stay whole."""
    assert items.url_reader(SONGS)(url) == item

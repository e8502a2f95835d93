"""However a server reads a path, two items that it delivers never have one name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from ringfence.events import items

RULES = {one.name: one for one in items.PRESETS}
DELIVERED = {
    "stream": r"/tracks/(7[1-9])/?(?:\?.*)?$",
    "subsonic": r"/rest/(?:stream|download)(?:\.view)?/?\?(?:.*&)?id=(7[1-9])(?:&|$)",
}
"""The paths that a server delivers: an expression over the path that it sees, and the query."""

SEGMENTS = {
    "stream": ("tracks", "71", "72", "72;x", "72;x=1", "1;y", "tracks;x", "tra%63ks"),
    "subsonic": (
        "rest",
        "stream",
        "download",
        "ping",
        "stream;x",
        "stream;x=1",
        "rest;x",
        "re%73t",
    ),
}
ODD = (
    *(
        "",
        ".",
        "..",
        "%2e",
        "%2E%2e",
        ";x",
        ";x=1",
        "%3Bx",
        ".;",
        "..;",
        "..;y=1",
        "%3B..",
        "..%3B",
    ),
    "x",
)
QUERIES = {
    "stream": ("", "", "?from=/tracks/1", "?from=/tracks/71", "#/tracks/1", "?a;b"),
    "subsonic": ("?id=71", "?id=72", "?id=1&id=72", "?a=/rest/stream?id=1&id=72"),
}

Server = Callable[[str], str]


def resolved(path: str) -> str:
    """Return a path without dot segments."""
    kept: list[str] = []
    for part in path.split("/")[1:]:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    return f"/{'/'.join(kept)}"


def merged(path: str) -> str:
    """Return a path with single slashes."""
    return re.sub("/+", "/", path)


def bare(path: str) -> str:
    """Return a path without parameters."""
    return re.sub(";[^/]*", "", path)


SERVERS: dict[str, Server] = {
    "decodes, merges, resolves": lambda path: resolved(merged(unquote(path))),
    "the same, before a container": lambda path: resolved(
        merged(bare(resolved(merged(unquote(path)))))
    ),
    "decodes, before a container": lambda path: resolved(merged(bare(unquote(path)))),
    "merges no slashes": lambda path: resolved(unquote(path)),
    "container that merges no slashes": lambda path: resolved(unquote(bare(path))),
}


def odd_urls(rules: str) -> set[str]:
    """Return URLs of few segments, many of which servers read in different ways."""
    dice = random.Random(46)  # noqa: S311 - repeatable
    found = set()
    for _ in range(16_000):
        segments = dice.choices((*SEGMENTS[rules], *ODD), k=dice.randrange(1, 6))
        first, last = SEGMENTS[rules][:2]
        parts = [first, *segments, last] if dice.random() < 0.7 else segments
        path = "".join(dice.choice(("/", "/", "/", "/", "//", "%2F")) + one for one in parts)
        plain = path.removeprefix("%2F").removeprefix("/")
        found.add(f"/{plain}{dice.choice(QUERIES[rules])}")
    return found


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("rules", DELIVERED)
def test_each_item_that_a_server_delivers_has_a_name_of_its_own(rules: str, server: str) -> None:
    """No odd URL takes an item for nothing, and none takes it as a repeat of another one."""
    read, see = items.url_reader(RULES[rules]), SERVERS[server]
    names: dict[str, dict[str, str]] = {}
    delivered = 0
    for url in sorted(odd_urls(rules)):
        path, mark, query = url.partition("#")[0].partition("?")
        match = re.match(DELIVERED[rules], see(path) + mark + query)
        if match:
            delivered += 1
            names.setdefault(read(url), {}).setdefault(match[1], url)
    assert "" not in names
    assert [several for several in names.values() if len(several) > 1] == []
    assert delivered > 30

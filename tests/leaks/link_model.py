"""The register of links as a plain Python model, which the real one is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Fact = tuple[datetime, str, str]
"""Time, kind and recipient."""

ORDER = ("found", "there", "sent", "acknowledged", "removed")


@dataclass
class Link:
    """The facts about a link."""

    found: tuple[datetime, str]
    facts: set[Fact] = field(default_factory=set)


@dataclass(frozen=True)
class Standing:
    """The state of a link, since when, and the recipients that were told."""

    state: str
    since: datetime
    told: frozenset[str]


def standing(link: Link) -> Standing:
    """Follow the facts about a link one after the other."""
    state, since, told = "found", link.found[0], set[str]()
    for moment, kind, recipient in sorted(
        link.facts, key=lambda one: (one[0], ORDER.index(one[1]))
    ):
        if kind == "removed" and state != "removed":
            state, since, told = "removed", moment, set()
        elif kind == "there" and state == "removed":
            state, since = "back", moment
        elif kind in {"sent", "acknowledged"} and state != "removed":
            state, since = kind, moment
            told |= {recipient} if kind == "sent" else set()
    return Standing(state, since, frozenset(told))


class Model:
    """A register in memory."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}

    def add(self, urls: Iterable[str], moment: datetime, source: str) -> None:
        """Add links; the earliest date of each counts."""
        for url in urls:
            link = self.links.setdefault(url, Link((moment, source)))
            link.found = min(link.found, (moment, source))

    def say(self, facts: Iterable[tuple[str, Fact]]) -> tuple[int, int, set[str]]:
        """Add facts; return the number of known links, of new facts, and the unknown links."""
        facts = list(facts)
        known = {url for url, _ in facts if url in self.links}
        new = 0
        for url, fact in facts:
            if url in known and fact not in self.links[url].facts:
                self.links[url].facts.add(fact)
                new += 1
        return len(known), new, {url for url, _ in facts} - known

    def standings(self) -> dict[str, Standing]:
        """Return the standing of every link."""
        return {url: standing(link) for url, link in self.links.items()}

"""The results of the methods of a register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ringfence.leaks.register.facts import AddedFacts
from ringfence.leaks.register.incoming import StagedLinks
from ringfence.leaks.register.states import LinkEvent, LinkState


@dataclass(frozen=True)
class AddedLinks:
    """The links of one file that was added.

    Attributes:
        links: records with a usable link, repeated ones included.
        staged: the records, and those that are refused.
    """

    links: int
    staged: StagedLinks


@dataclass(frozen=True)
class RecheckedLinks:
    """The content of a file of answers or notices, and the changes that it made.

    Attributes:
        facts: how the register changed.
        unclear: number of answers by text, where the text says neither that a link is there nor
            that it is removed.
        undated: answers without a date between 1990 and tomorrow.
        staged: the records, and those that are refused.
    """

    facts: AddedFacts
    unclear: dict[str, int]
    undated: int
    staged: StagedLinks

    def turned(self, state: LinkState) -> int:
        """Return how many links have come into a state."""
        return sum(n for (old, new), n in self.facts.changes.items() if new == state != old)

    @property
    def still_there(self) -> int:
        """Links that have the state that they had, which is not removed."""
        return sum(n for (old, new), n in self.facts.changes.items() if old == new != "removed")


class LinkFact(NamedTuple):
    """A fact about a link.

    Attributes:
        event: see :data:`ringfence.leaks.register.LinkEvent`.
        moment: time in UTC, without a zone.
        source: file or batch that it comes from.
        recipient: of a notice; empty for other facts.
    """

    event: LinkEvent
    moment: datetime
    source: str
    recipient: str


@dataclass(frozen=True)
class RegisterSummary:
    """The register in numbers.

    Attributes:
        links: number of links.
        states: number of links in each state.
        facts: number of facts beyond that a link was found.
        open_hosts: number of hosts with links that are not removed.
        largest: those with the most such links, and their number of them.
        stored: bytes on disk.
    """

    links: int
    states: dict[LinkState, int]
    facts: int
    open_hosts: int
    largest: tuple[tuple[str, int], ...]
    stored: int

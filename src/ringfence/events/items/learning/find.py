"""A place in URLs whose values are items, as learning finds it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ringfence.events.items.learning.words import (
    ACTIONS,
    BARE_ID,
    CONTAINERS,
    FIXED,
    PICTURES,
    PROGRAM,
    singular,
)
from ringfence.events.items.page import PageRequest, Visit
from ringfence.events.items.rules import Rule

_WORDLESS = ("id", "number", "nummer", "nr", "_", "-", ".")


class Step(NamedTuple):
    """One segment of the path before an item.

    Attributes:
        text: the segment in lower case; empty if it varies.
        kind: whether it is fixed, has any value, is a part of a date, or may only be digits.
    """

    text: str
    kind: Literal["fixed", "any", "date"] = "fixed"


@dataclass(frozen=True)
class Find:
    """A place in URLs whose values are items.

    Attributes:
        steps: the path before the item; for a parameter, the whole path.
        pages: the pages with an item there.
        values: (pages,) the items in lower case.
        parameter: name of the parameter that holds the item; empty if the path does.
        group: index of the step that is the item's group; -1 if there is none.
        span: index of the step with which the item begins; -1 if it is one segment.
        protocol: the ready-made rule that found the items, if one did.
        before: pattern of a title in front of the item, in the same segment.
        suffix: pattern of a version, a format or a title behind the item, in the same segment.
        path_in: name of the parameter that holds the whole path to the item.
        refers: whether the parameter holds words that are items at another place.
    """

    steps: tuple[Step, ...]
    pages: Sequence[PageRequest] = field(repr=False)
    values: Sequence[str] = field(repr=False)
    parameter: str = ""
    group: int = -1
    span: int = -1
    protocol: Rule | None = None
    before: str = ""
    suffix: str = ""
    path_in: str = ""
    refers: bool = False

    @property
    def kind(self) -> str:
        """Return the word for the items: the last word before them that is not an action."""
        if self.protocol:
            return self.protocol.prefix.rstrip("/")
        if self.parameter and (named := _stem(self.parameter)):
            return named
        words = [PROGRAM.sub("", step.text) for step in self.steps if step.text]
        said = [w for w in words if w not in ACTIONS and w not in FIXED and not w[0].isdigit()]
        return singular(said[-1]) if said else ""

    @property
    def prefix(self) -> str:
        """The prefix of the rule that found the items, if one did."""
        return self.protocol.prefix if self.protocol else ""

    @property
    def is_container(self) -> bool:
        """Return whether the items are lists or owners of items, and not what is in a list."""
        if self.refers:
            return False
        if self.group >= 0 and all(step.kind == "any" for step in self.steps[self.group :]):
            return False
        return self.kind in _CONTAINER_KINDS or self.parameter.lower() in CONTAINERS

    @property
    def items(self) -> Sequence[str]:
        """(pages,) the items in lower case, with the segments with which they begin."""
        if self.span < 0:
            return self.values
        begin, end = self.span, len(self.steps)
        pairs = zip(self.pages, self.values, strict=True)
        return ["/".join((*page.segments[begin:end], value)) for page, value in pairs]

    @property
    def titles(self) -> Sequence[str]:
        """(pages,) the segments with which the items begin; none if they are one segment."""
        return [page.token(self.span) for page in self.pages] if self.span >= 0 else []

    @property
    def is_picture(self) -> bool:
        """Return whether a program or folder of small pictures gives the items."""
        return any(PROGRAM.sub("", step.text) in PICTURES for step in self.steps)

    def holders(self) -> dict[str, set[str]]:
        """Return the accounts of each value."""
        found: dict[str, set[str]] = defaultdict(set)
        for page, value in zip(self.pages, self.values, strict=True):
            found[value].add(page.account)
        return found

    def with_group(self, index: int, *, spans: bool) -> Find:
        """Return the same place with a step as group, and perhaps as the beginning of the item."""
        return replace(self, group=index, span=index if spans else self.span)


_CONTAINER_KINDS = frozenset(map(singular, CONTAINERS))


def _stem(parameter: str) -> str:
    """Return what a parameter identifies; empty if its name does not say it."""
    name = parameter.lower()
    if name in BARE_ID:
        return ""
    shorter = name
    for ending in _WORDLESS:
        shorter = shorter.removesuffix(ending)
    return singular(shorter) or name


def by_token(pages: Sequence[PageRequest], depth: int) -> dict[str, list[PageRequest]]:
    """Return the pages by their segment at a depth, in lower case."""
    groups: dict[str, list[PageRequest]] = defaultdict(list)
    for page in pages:
        groups[page.token(depth)].append(page)
    return groups


def visits_by_account(
    pages: Sequence[PageRequest | Visit], values: Sequence[str]
) -> dict[str, Counter[str]]:
    """Return how often each account has each value."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for page, value in zip(pages, values, strict=True):
        found[page.account][value] += 1
    return found

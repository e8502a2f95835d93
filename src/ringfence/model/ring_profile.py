"""The profile of a ring: members, the comparison group, growth and shared attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PlainValidator

from ringfence.model.details import AccountDetails
from ringfence.model.fields import RECORD, Amount, Count, DayText, Instant, Proportion
from ringfence.model.ring import RingTest


@dataclass(frozen=True)
class Incidence:
    """A sample of items, and the accounts that hold each of them.

    Attributes:
        lines: per account, largest holding first: positions of the items it holds, ascending.
        holders: per position, the number of accounts in the scan that hold the item, descending.
        items: number of distinct items that these accounts hold; the positions are a sample.
        days: per account, the day on which it took each of its items first, in days since 1970.
    """

    lines: tuple[tuple[int, ...], ...] = ()
    holders: tuple[int, ...] = ()
    items: int = 0
    days: tuple[tuple[int, ...], ...] = ()

    @property
    def times(self) -> tuple[int, ...]:
        """Return how many of these accounts hold the item at each position."""
        held = [place for line in self.lines for place in line]
        return tuple(int(n) for n in np.bincount(held, minlength=len(self.holders)))


Drawing = Annotated[Incidence, Field(exclude=True), PlainValidator(lambda _: Incidence())]
"""An incidence that only the report draws: it is not written to files, and empty when read back."""


@dataclass(frozen=True)
class CrowdPath:
    """Items that some visitors of a crowd took, in order of the visitors.

    Attributes:
        turns: per item, the number of the visitor, from 1 in the order of their first use.
        seconds: per item, the time of the first take, in seconds since 1970.
        places: per item, its place in the order of names among the crowd's items, from 1.
    """

    turns: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    places: tuple[int, ...] = ()


PathDrawing = Annotated[CrowdPath, Field(exclude=True), PlainValidator(lambda _: CrowdPath())]
"""A path that only the report draws: it is not written to files, and empty when read back."""


@dataclass(frozen=True)
class SharedValue:
    """One value that members of a ring share, such as one device."""

    __pydantic_config__ = RECORD

    value: str
    """The value."""
    members: Count
    """Number of members that have it."""
    accounts: Count
    """Number of accounts in the scan that have it."""


@dataclass(frozen=True)
class SharedAttribute:
    """An attribute that members of a ring share, compared with other groups of the same size."""

    __pydantic_config__ = RECORD

    attribute: str
    """The attribute: sign-up, device, payment, network or client."""
    observed: Amount
    """Number of pairs of members that share a value."""
    expected: Amount
    """Mean number of such pairs in groups of other accounts."""
    p_value: Proportion
    """Probability that a group of other accounts has as many such pairs or more."""
    values: tuple[SharedValue, ...]
    """The values, most shared first."""


@dataclass(frozen=True)
class MemberAttribute:
    """One value that a member shares with other members."""

    __pydantic_config__ = RECORD

    attribute: str
    """The attribute."""
    value: str
    """The value."""


@dataclass(frozen=True)
class Member:
    """One account of a ring."""

    __pydantic_config__ = RECORD

    account: str
    """Name of the account."""
    items: Count
    """Number of distinct items held."""
    first: Instant
    """Time of the first use, UTC."""
    last: Instant
    """Time of the last use, UTC."""
    observed: Amount
    """Number of collisions with the other members (in lockstep: of takes at the same time)."""
    expected: Amount
    """The expected number for an account that is independent of them."""
    verdict: Literal["extracting", "suspect", ""]
    """Verdict of the account itself; empty if it is not a finding."""
    p_value: Proportion
    """p-value of the account itself."""
    shares: tuple[MemberAttribute, ...]
    """Values that it shares with other members, of attributes whose p-value is at most 0.01. They
    are never evidence alone."""
    details: Annotated[AccountDetails | None, Field(exclude_if=lambda known: known is None)] = None
    """Details of the account from the operator's tables; absent if there are none."""


@dataclass(frozen=True)
class ComparisonGroup:
    """Other accounts with holdings of similar size, shown next to a ring."""

    __pydantic_config__ = RECORD

    accounts: Count
    """Number of accounts, at most the number of members."""
    holdings: Count
    """Number of items held, summed over the accounts."""
    items: Count
    """Number of distinct items held."""
    collisions: Count
    """Number of items that two accounts both hold, summed over all pairs."""
    incidence: Drawing = Incidence()
    """Items that the largest of these accounts hold."""


@dataclass(frozen=True)
class Slice:
    """The items of one range of popularity, and how many of them a ring and others hold."""

    __pydantic_config__ = RECORD

    holders: Count
    """Largest number of accounts in the scan that hold an item of this slice."""
    items: Count
    """Number of items of the catalogue in this slice."""
    ring: tuple[Count, Count, Count]
    """Numbers of them that one member holds, two members hold, and more members hold."""
    others: tuple[Count, Count, Count]
    """The same for the comparison group."""


@dataclass(frozen=True)
class Growth:
    """The state of a ring at the end of a day."""

    __pydantic_config__ = RECORD

    day: DayText
    """The day, UTC."""
    accounts: Count
    """Number of members that had begun."""
    items: Count
    """Number of distinct items that they held."""
    collisions: Count
    """Number of collisions so far, summed over pairs."""
    expected: Amount
    """The expected number for independent accounts, in proportion to the pairs of holdings at that
    time; not known for lockstep."""


@dataclass(frozen=True)
class RingProfile:
    """The content of the page of a ring. All times are UTC."""

    __pydantic_config__ = RECORD

    test: RingTest
    """The test that found the ring: `collision` (too few items in common), `lockstep` (the same
    items at the same times) or `crowd` (visitors that hardly ever repeat an item)."""
    members: tuple[Member, ...]
    """The members, in order of their first use."""
    others: ComparisonGroup
    """The comparison group."""
    slices: tuple[Slice, ...]
    """Holdings by popularity, rarely held items first."""
    growth: tuple[Growth, ...]
    """The ring at the end of some days, in order."""
    links: tuple[SharedAttribute, ...]
    """Attributes that members share. They are never evidence alone."""
    path: PathDrawing = CrowdPath()
    """Items that some visitors of a crowd took; empty for other rings."""
    incidence: Drawing = Incidence()
    """Items that the largest members hold."""

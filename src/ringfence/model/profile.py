"""What the page of an account or a ring is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from ringfence.model.ring import Link, RingTest


@dataclass(frozen=True)
class Profile:
    """What the plots of one finding show. All times are UTC.

    Attributes:
        days: one (day, uses, items new to the account) a day with use, in order.
        week: uses by hour of the week, 168 numbers from Monday 00:00.
        popularity: one (accounts that hold an item, up to and including; share of this account's
            items; share of all holdings) a bucket, from the least popular on.
        standing: one (test, share of accounts that are less extreme, in [0, 1]) a test.
        sample: some of the item ids, first taken first.
        clients: one (client name, events) a client, most used first; empty if the log has none.
        networks: number of distinct networks; 0 if the log has no addresses.
    """

    days: tuple[tuple[date, int, int], ...]
    week: tuple[int, ...]
    popularity: tuple[tuple[int, float, float], ...]
    standing: tuple[tuple[str, float], ...]
    sample: tuple[str, ...]
    clients: tuple[tuple[str, int], ...] = ()
    networks: int = 0


@dataclass(frozen=True)
class Incidence:
    """Some accounts and some of the items they hold.

    Attributes:
        lines: one an account, largest holding first: places of the items it holds, ascending.
        holders: accounts of the scan that hold the item at each place, most first.
        items: distinct items that these accounts hold; those drawn are fewer.
    """

    lines: tuple[tuple[int, ...], ...]
    holders: tuple[int, ...]
    items: int

    @property
    def times(self) -> tuple[int, ...]:
        """How many of these accounts hold the item at each place."""
        held = [place for line in self.lines for place in line]
        return tuple(int(n) for n in np.bincount(held, minlength=len(self.holders)))


@dataclass(frozen=True)
class Growth:
    """A ring at the end of a day.

    Attributes:
        day: the day, UTC.
        accounts: members that had begun.
        items: distinct items they held.
        collisions: items in common, summed over pairs, of the items looked at.
        expected: of independent accounts, in proportion to the pairs of holdings there were; NaN
            for lockstep, whose expectation rests on times.
    """

    day: date
    accounts: int
    items: int
    collisions: int
    expected: float


@dataclass(frozen=True)
class Member:
    """One account of a ring.

    Attributes:
        account: its name.
        items: distinct items held.
        first: first use, UTC.
        last: last use, UTC.
        observed: its collisions with the other members (lockstep: those at the same time).
        expected: the same, if it were independent of them.
        verdict: its own, company considered: ``extracting``, ``suspect`` or empty.
        p_value: its own.
        shares: attribute and value of what it shares with other members, of what these share more
            than other accounts do; never evidence alone.
    """

    account: str
    items: int
    first: datetime
    last: datetime
    observed: float
    expected: float
    verdict: str
    p_value: float
    shares: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Beside:
    """The group of other accounts that a ring is shown next to.

    Attributes:
        accounts: how many; fewer than the ring's where there are no more.
        holdings: items held, summed over accounts.
        items: distinct items held.
        collisions: items in common, summed over all pairs, of the items looked at.
        incidence: who of the largest of them holds which items.
    """

    accounts: int
    holdings: int
    items: int
    collisions: int
    incidence: Incidence


@dataclass(frozen=True)
class Slice:
    """Items about as popular as each other, and how many of them a ring and the others hold.

    Attributes:
        holders: accounts of the scan that hold such an item, up to and including.
        items: items of the catalogue that so many hold.
        ring: how many of them one member holds, two members, and more.
        others: the same of the accounts beside the ring.
    """

    holders: int
    items: int
    ring: tuple[int, int, int]
    others: tuple[int, int, int]


@dataclass(frozen=True)
class RingProfile:
    """What the page of a ring shows. All times are UTC.

    Attributes:
        test: what gave the ring away, ``collision`` or ``lockstep``.
        members: in the order in which they appeared.
        incidence: who of the largest members holds which items.
        others: the group it is shown next to.
        slices: by popularity, rarely held items first.
        growth: in order of time.
        links: what members share besides; never evidence alone.
    """

    test: RingTest
    members: tuple[Member, ...]
    incidence: Incidence
    others: Beside
    slices: tuple[Slice, ...]
    growth: tuple[Growth, ...]
    links: tuple[Link, ...] = ()

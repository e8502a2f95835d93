"""Make the events of all users of a simulation, account by account and day by day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import UNKNOWN, EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, seeded_keys
from ringfence.lab.simulate.texts import Texts
from ringfence.lab.simulate.users.clock import Clock
from ringfence.lab.simulate.users.days import plays_of
from ringfence.lab.simulate.users.kind import PlayBatch, UserContext
from ringfence.lab.simulate.users.kinds import KINDS, MODELS, Mix
from ringfence.lab.simulate.users.people import People, day_keys, make_people
from ringfence.lab.simulate.users.tastes import choose_finds, items_of, share_of_today
from ringfence.stats.arrays import Codes, Integers
from ringfence.stats.seconds import DAY

_CHUNK = 60_000
"""Number of plays made at a time, so that their columns stay in the processor's cache."""


class Users:
    """Honest accounts and their events, day by day.

    Every play is a function of the seed, the account, the day and its number within the day. So
    blocks can be made in any order, anywhere, and give the same events. They are the same to the
    byte on processors of one family; on others the last digit of a logarithm may differ.

    Attributes:
        accounts: number of accounts; they are numbered from 0, with the kinds interleaved.
        kind: (accounts,) position in ``KINDS``.
    """

    accounts: int
    kind: Codes

    def __init__(self, law: CatalogueLaw, mix: Mix, *, days: int, weekday: int, seed: int) -> None:
        """Plan the users; events are made later.

        Args:
            law: the catalogue.
            mix: number of users of each kind.
            days: length of the scenario.
            weekday: weekday of its first day, 0 for Monday.
            seed: seed of all randomness.
        """
        self.accounts = mix.accounts
        self.kind = mix.codes(seed)
        self._has_texts = mix.has_texts()
        self._context = UserContext(
            law=law,
            seed=seed,
            days=days,
            weekday=weekday,
            texts=Texts(law.items, law.groups, days),
            counts=dict(zip(KINDS, mix.counts(), strict=True)),
        )

    @property
    def texts(self) -> Texts | None:
        """The items with an order of their own, or None if no user takes any."""
        return self._context.texts if self._has_texts else None

    def group(self, account: Integers, code: int) -> Integers:
        """Return the group, such as a class, of some accounts of a kind.

        Args:
            account: numbers of accounts of this kind.
            code: position of the kind in ``KINDS``.
        """
        key = derive_keys(seeded_keys(self._context.seed, account), 0)
        return MODELS[code].group_of(key, self._context)

    def block(self, first: int, last: int) -> Iterator[EventColumns]:
        """Make the events of some accounts, one day after another.

        Args:
            first: first account.
            last: one after the last.

        Yields:
            The events of one day, ``days`` times, in no order. Each user has a day of its own time
            zone, so some events lie before or after the midnights in UTC.
        """
        people = self._people(first, last)
        rows = [np.flatnonzero(people.kind == code) for code in range(len(MODELS))]
        for day in range(self._context.days):
            plays = self._plays(people, rows, day)
            who = np.flatnonzero(plays)
            ends = np.cumsum(plays[who])
            cuts = np.searchsorted(ends, np.arange(_CHUNK, ends[-1] if len(ends) else 0, _CHUNK))
            groups = np.split(who, np.unique(cuts))
            made = [self._events(people, group, plays[group], day) for group in groups]
            yield joined([*made, *self._fetches(people, rows, day)])

    def _people(self, first: int, last: int) -> People:
        """Draw the persons behind the accounts; some accounts have more than one."""
        kind = self.kind[first:last]
        key = seeded_keys(self._context.seed, np.arange(first, last))
        members = np.ones(len(kind), np.int64)
        for code, model in enumerate(MODELS):
            members[kind == code] = model.members(key[kind == code])
        account = np.repeat(np.arange(len(kind)), members)
        nth = np.arange(len(account)) - (np.cumsum(members) - members)[account]
        people = make_people(first + account, kind[account], derive_keys(key[account], nth))
        for code, model in enumerate(MODELS):
            model.shape(people, np.flatnonzero(people.kind == code), self._context)
        return people

    def _plays(self, people: People, rows: list[Integers], day: int) -> Integers:
        plays = plays_of(people, day, (self._context.weekday + day) % 7)
        for model, own in zip(MODELS, rows, strict=True):
            if len(own):
                plays[own] = model.plays(people, own, self._context, day, plays[own])
        return plays

    def _fetches(self, people: People, rows: list[Integers], day: int) -> Iterator[EventColumns]:
        for model, own in zip(MODELS, rows, strict=True):
            if len(own):
                yield model.fetches(people, own, self._context, day)

    def _events(self, people: People, who: Integers, plays: Integers, day: int) -> EventColumns:
        """Make the events of some persons on a day; each has at least one."""
        of_day = np.repeat(np.arange(len(who)), plays)
        nth = np.arange(len(of_day)) - np.repeat(np.cumsum(plays) - plays, plays)
        row = who[of_day]
        day_key = day_keys(people, day)[who]
        bits = derive_keys(day_key[of_day], nth + (1 << 20))
        clock = Clock(people, who, plays, day_key)
        find = choose_finds(people, row, day, share_of_today(people, who, day)[of_day], bits)
        low = (bits & np.uint64(0xFFFFF)).astype(np.int64)
        length = clock.lengths(of_day, low >> 10, low & 1023)
        surface = people.surface[row]
        return EventColumns(
            second=clock.seconds(of_day, nth, length) + day * DAY,
            account=people.account[row],
            item=self._items(people, row, PlayBatch(day, people.key[row], nth, bits, find)),
            seconds=np.where(surface == 0, length, np.int32(UNKNOWN)),
            surface=surface,
            response=np.zeros(len(row), np.int8),
        )

    def _items(self, people: People, row: Integers, plays: PlayBatch) -> Integers:
        items = items_of(self._context.law, plays.key, people.taste[row], plays.find)
        kind = people.kind[row]
        for code in np.flatnonzero(np.bincount(kind, minlength=len(MODELS))).tolist():
            if code:
                own = np.flatnonzero(kind == code)
                items[own] = MODELS[code].items(self._context, plays.at(own), items[own])
        return items

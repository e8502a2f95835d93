"""The crowd: all users of a simulation, made account by account and day by day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import UNKNOWN, EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, seeded_keys
from ringfence.lab.simulate.users.clock import DAY, Clock
from ringfence.lab.simulate.users.days import plays_of
from ringfence.lab.simulate.users.kind import PlayBatch, UserContext
from ringfence.lab.simulate.users.kinds import MODELS, Mix
from ringfence.lab.simulate.users.people import People, day_keys, make_people
from ringfence.lab.simulate.users.tastes import drawn_to_today, found, items_of
from ringfence.stats.arrays import Codes, Integers

_CHUNK = 60_000
"""Plays worked on at once: their columns stay in the processor's cache."""


class Users:
    """Honest accounts: what they take, day by day.

    Every play is a function of the seed, the account, the day and its number within the day, so
    that blocks may be made in any order, anywhere, and give the same takes. (To the byte on
    processors of one family; on others the last digit of a logarithm may differ.)

    Attributes:
        accounts: how many; numbered from 0, kinds interleaved.
        kind: (accounts,) position in ``KINDS``.
    """

    accounts: int
    kind: Codes

    def __init__(self, law: CatalogueLaw, mix: Mix, *, days: int, weekday: int, seed: int) -> None:
        """Plan the users; nothing is made yet.

        Args:
            law: the catalogue.
            mix: how many of each kind.
            days: length of the scenario.
            weekday: of its first day, 0 for Monday.
            seed: of all that is random.
        """
        self.accounts = mix.accounts
        self.kind = mix.codes(seed)
        self._context = UserContext(law=law, seed=seed, days=days, weekday=weekday)

    def block(self, first: int, last: int) -> Iterator[EventColumns]:
        """Make the takes of some accounts, one day after another.

        Args:
            first: first account.
            last: one after the last.

        Yields:
            The takes of one day, ``days`` times, in no order; accounts numbered as in the crowd.
            A day is each user's own, so some takes lie before or after its midnights in UTC.
        """
        people = self._people(first, last)
        rows = [np.flatnonzero(people.kind == code) for code in range(len(MODELS))]
        for day in range(self._context.days):
            plays = self._plays(people, rows, day)
            who = np.flatnonzero(plays)
            ends = np.cumsum(plays[who])
            cuts = np.searchsorted(ends, np.arange(_CHUNK, ends[-1] if len(ends) else 0, _CHUNK))
            parts = np.split(who, np.unique(cuts))
            yield joined([self._takes(people, part, plays[part], day) for part in parts])

    def _people(self, first: int, last: int) -> People:
        """Draw the persons behind the accounts: more than one for some."""
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
            plays[own] = model.plays(people, own, self._context, day, plays[own])
        return plays

    def _takes(self, people: People, who: Integers, plays: Integers, day: int) -> EventColumns:
        """Make the takes of some persons on a day; each has some."""
        of_day = np.repeat(np.arange(len(who)), plays)
        nth = np.arange(len(of_day)) - np.repeat(np.cumsum(plays) - plays, plays)
        row = who[of_day]
        day_key = day_keys(people, day)[who]
        bits = derive_keys(day_key[of_day], nth + (1 << 20))
        clock = Clock(people, who, plays, day_key)
        find = found(people, row, day, drawn_to_today(people, who, day)[of_day], bits)
        low = (bits & np.uint64(0xFFFFF)).astype(np.int64)
        length = clock.lengths(of_day, low >> 10, low & 1023)
        surface = people.surface[row]
        return EventColumns(
            second=clock.seconds(of_day, nth, length) + day * DAY,
            account=people.account[row],
            item=self._items(people, row, PlayBatch(day, people.key[row], nth, bits, find)),
            seconds=np.where(surface == 0, length, np.int32(UNKNOWN)),
            surface=surface,
        )

    def _items(self, people: People, row: Integers, plays: PlayBatch) -> Integers:
        items = items_of(self._context.law, plays.key, people.taste[row], plays.find)
        kind = people.kind[row]
        for code, model in enumerate(MODELS):
            if code and len(own := np.flatnonzero(kind == code)):
                items[own] = model.items(self._context, plays.at(own), items[own])
        return items

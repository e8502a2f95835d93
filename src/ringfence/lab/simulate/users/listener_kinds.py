"""Kinds of users who listen more or less, at other times, or to other items than ordinary users."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.hashing import derive_keys, normal, seeded_keys, uniform
from ringfence.lab.simulate.users.kind import PlayBatch, UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.tastes import groups_of, items_of
from ringfence.stats.arrays import Flags, Integers, Keys


class Casual(UserKind):
    """Is active on 5 to 40 % of days, with a median of 21 plays and a 99th percentile of 204.

    Source: the user-days of a streaming service (KKBOX) have a median of 25 plays and a
    99th percentile of 213. The people behind the ordinary user have 67 and 407, because people who
    export their histories listen more than most. The share of active days is assumed. The figures
    in the first line are measured on 3,000 simulated accounts over 56 days.
    """

    name: ClassVar[str] = "casual"

    _LESS: Final = float(np.log(66 / 25))
    _VARIED: Final = 0.4

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Play less on fewer days."""
        del context
        key = people.key[rows]
        people.active[rows] = 0.05 + 0.35 * uniform(key, 100)
        people.volume[rows] += self._VARIED * normal(key, 101) - self._LESS


class Collector(UserKind):
    """Plays many of the day's finds, out of a taste of tens of thousands of groups.

    Source: of the measured people, one had 30-day windows without any repeat. The 1st
    percentile of windows has 2 to 15 % repeats, and the lowest repeat share of a whole history is
    35 %. Collectors lie between: about one play in ten is a repeat.
    """

    name: ClassVar[str] = "collector"

    _NARROWEST: Final = 0.9
    _FEWEST: Final = 2000.0
    """Groups in the taste of a collector: at least this number, at most ten times as many."""

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Find more items and skip less."""
        del context
        people.breadth[rows] = self._NARROWEST * 10.0 ** uniform(people.key[rows], 101)
        people.today[rows] = 0.5
        people.skip[rows] *= 0.5
        people.volume[rows] -= 0.7

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Choose any track of a liked group, whether it is popular or not."""
        del items
        law = context.law
        size = self._FEWEST * 10.0 ** uniform(plays.key, 100)
        group = groups_of(law, plays.key, (uniform(plays.find, 1) * size).astype(np.int64))
        place = (uniform(plays.find, 2) * law.size_of(group)).astype(np.int64)
        chosen: Integers = law.start[place] + group
        return chosen


class FamilyLogin(UserKind):
    """A login that two to five people share, with their own tastes and hours in one time zone.

    They may play at the same time. Source: assumed; services sell plans for up to six people, and
    people share logins of one.
    """

    name: ClassVar[str] = "family"

    def members(self, key: Keys) -> Integers:
        """Return 2 to 5 for each account."""
        count: Integers = 2 + (4.0 * uniform(key, 99)).astype(np.int64)
        return count

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Put the members into the time zone of the first; each plays somewhat less."""
        del context
        _, first, member = np.unique(people.account[rows], return_index=True, return_inverse=True)
        people.zone[rows] = people.zone[rows][first[member]]
        people.volume[rows] -= 0.5


class Newcomer(UserKind):
    """Begins on a day of the scenario and plays twice as much in its first week, every day.

    Source: assumed. For the measured people, the first 30 days of a history bring 900 new
    items where later ones bring 255. Newcomers are the only users here without a past, so their
    first days bring new items only.
    """

    name: ClassVar[str] = "newcomer"

    _EAGER_DAYS: Final = 7
    _EAGER: Final = 2.0

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Begin after the first day and a week before the last; find more, without a past."""
        latest = max(context.days - self._EAGER_DAYS, 1)
        begin = 1 + (latest * uniform(people.key[rows], 100)).astype(np.int64)
        people.breadth[rows] *= 3.0
        people.begin[rows] = np.minimum(begin, max(context.days - 1, 0))

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return more plays in the first week, and some on each of its days."""
        del context
        age = day - people.begin[rows]
        eager = (age >= 0) & (age < self._EAGER_DAYS)
        middling = np.exp(people.volume[rows]) * 0.8
        return np.where(eager, self._EAGER * np.maximum(plays, middling), plays).astype(np.int64)


class Binger(UserKind):
    """Has 300 to 1,100 plays on one to five days in a row, in one week of ten.

    Source: the fullest days measured on real people have 2,036 plays and 999 distinct tracks.
    """

    name: ClassVar[str] = "binger"

    _WEEKS: Final = 5 / 52
    _FEWEST: Final = 300.0
    _MOST: Final = 1100.0

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Skip more, or a day has no room for this number of plays."""
        del context
        people.skip[rows] = np.maximum(people.skip[rows], 0.4)

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of a binge on its days."""
        del context
        week = derive_keys(people.key[rows], 3000 + day // 7)
        length = 1.0 + 4.0 * uniform(week, 1)
        first = uniform(week, 2) * (7.0 - length)
        binge = (uniform(week, 3) < self._WEEKS) & (day % 7 >= first) & (day % 7 < first + length)
        many = self._FEWEST * (self._MOST / self._FEWEST) ** uniform(week, 10 + day)
        return np.where(binge, many, plays).astype(np.int64)


class Shuffler(UserKind):
    """Plays one liked group after another on three days of ten, its tracks in shuffled order.

    A stretch has 60 plays; it starts over where a group has fewer tracks. Source: assumed; one of
    the real people plays two thirds of all tracks after one of the same artist.
    """

    name: ClassVar[str] = "shuffler"

    _DAYS: Final = 0.3
    _STRETCH: Final = 60
    _LIKED: Final = 150.0

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Walk through a group without coming back before its end."""
        law = context.law
        today = derive_keys(plays.key, 4000 + plays.day)
        stretch = plays.nth // self._STRETCH
        liked = (self._LIKED * uniform(derive_keys(today, 1), stretch) ** 2).astype(np.int64)
        group = groups_of(law, plays.key, liked)
        size = law.size_of(group)
        first = uniform(derive_keys(today, 2), stretch)
        # A step near the golden section that has no factor in common with most sizes.
        step = np.maximum((size * 0.618).astype(np.int64), 1)
        step += np.gcd(step, size) > 1
        place = ((first * size).astype(np.int64) + step * (plays.nth % self._STRETCH)) % size
        shuffled = law.start[place] + group
        return np.where(uniform(today, 3) < self._DAYS, shuffled, items)


class Follower(UserKind):
    """Plays a list of 50 to 100 tracks to its end, mostly on the day of its weekly renewal.

    Source: assumed; services renew their weekly lists on Friday or Monday, 50 to 100 tracks long.
    """

    name: ClassVar[str] = "follower"

    _LISTS: Final = 12
    """Number of lists; some have far more followers than others."""
    _FRIDAY: Final = 4
    _ON_FRIDAY: Final = 0.7
    _LATER: Final = 0.1
    """Chance to play the list on the day it is new, and on another day."""
    _GROUPS: Final = 500.0

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return at least the length of the list on days on which it is played."""
        key = people.key[rows]
        _, edition = self._edition(key, context, day)
        follows = self._follows(key, context, day) & (plays > 0)
        return np.where(follows, np.maximum(plays, self._length(edition)), plays)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Put the list in place of the day's first plays."""
        list_key, edition = self._edition(plays.key, context, plays.day)
        groups = np.full(len(items), self._GROUPS)
        find = derive_keys(derive_keys(edition, 2), plays.nth)
        listed = items_of(context.law, list_key, groups, find)
        inside = plays.nth < self._length(edition)
        return np.where(self._follows(plays.key, context, plays.day) & inside, listed, items)

    def _edition(self, key: Keys, context: UserContext, day: int) -> tuple[Keys, Keys]:
        """Return the list that each person follows, and its edition of the week."""
        number = (self._LISTS * uniform(key, 100) ** 3).astype(np.int64)
        list_key = seeded_keys(context.seed, number + (1 << 45))
        return list_key, derive_keys(list_key, self._since_friday(context, day) // 7)

    def _length(self, edition: Keys) -> Integers:
        length: Integers = 50 + (51.0 * uniform(edition, 1)).astype(np.int64)
        return length

    def _follows(self, key: Keys, context: UserContext, day: int) -> Flags:
        """Return whether each person plays the list on a day."""
        is_new = self._since_friday(context, day) % 7 == 0
        return uniform(key, 5000 + day) < (self._ON_FRIDAY if is_new else self._LATER)

    def _since_friday(self, context: UserContext, day: int) -> int:
        """Return the days since the last Friday on or before the first day of the scenario."""
        return day + (context.weekday - self._FRIDAY) % 7

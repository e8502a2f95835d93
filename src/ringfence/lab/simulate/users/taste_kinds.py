"""Kinds of listeners with an unusual taste: DJs, editors, and minorities of language."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import PlayBatch, UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.reader_kinds import LANGUAGES
from ringfence.lab.simulate.users.tastes import groups_of
from ringfence.stats.arrays import Integers, Keys
from ringfence.stats.seconds import HOUR


def _any_track(law: CatalogueLaw, key: Keys, group: Integers) -> Integers:
    """Return a track of each group, popular or not."""
    place = (uniform(key, 5) * law.size_of(group)).astype(np.int64)
    track: Integers = law.start[place] + group
    return track


class DiscJockey(UserKind):
    """Downloads 30 to 200 unheard tracks on each of one to three days per week, and plays music.

    Source: record pools and shops sell DJs unlimited or large numbers of downloads per month, and
    pools publish new music weekly (Wikipedia, "Music pool"). The numbers are assumed.
    """

    name: ClassVar[str] = "dj"

    _FEWEST: Final = 30.0
    _MOST: Final = 200.0
    _GROUPS: Final = 4_000.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the downloads of a day."""
        key = people.key[rows]
        today = derive_keys(key, 8000 + day)
        works = uniform(today, 1) < (1.0 + 2.0 * uniform(key, 100)) / 7.0
        rows, today = rows[works], today[works]
        count = log_uniform(today, 2, self._FEWEST, self._MOST).astype(np.int64)
        start, gap = HOUR * (10.0 + 10.0 * uniform(today, 3)), log_uniform(today, 4, 4.0, 60.0)
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        place = (self._GROUPS * uniform(fetched.key, 2)).astype(np.int64)
        group = groups_of(context.law, fetched.person(people), place)
        return fetched.events(people, _any_track(context.law, fetched.key, group), "download")


class Editor(UserKind):
    """Samples 150 to 500 tracks per working day for playlists, and skips most of them.

    Source: assumed; editors of playlists, radio stations and shops listen to new music as their
    work.
    """

    name: ClassVar[str] = "editor"

    _FEWEST: Final = 150.0
    _MOST: Final = 500.0
    _GROUPS: Final = 8_000.0

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Skip four of five tracks, and work by day."""
        del context
        people.skip[rows] = 0.8
        people.wake[rows] = 8.5 * HOUR
        people.waking[rows] = 10.0 * HOUR
        people.session[rows] = 40.0

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return 150 to 500 on working days, and half of the usual plays on other days."""
        key = people.key[rows]
        many = log_uniform(key, 100, self._FEWEST, self._MOST)
        many = np.where(plays > 0, many * (0.7 + 0.6 * uniform(key, 8000 + day)), 0.0)
        return np.where(context.is_working_day(day), many.astype(np.int64), plays // 2)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Choose an unheard track for three of four plays on working days."""
        if not context.is_working_day(plays.day):
            return items
        place = (self._GROUPS * uniform(plays.bits, 1)).astype(np.int64)
        group = groups_of(context.law, plays.key, place)
        unheard = _any_track(context.law, plays.bits, group)
        return np.where(uniform(plays.bits, 2) < 0.75, unheard, items)


class LanguageMinority(UserKind):
    """Plays music in one of twenty languages, which has few artists, and hardly any other music.

    The majority plays a little of every language. Source: assumed; speakers of small languages
    know most of the music in them. Ringfence 0.1 found false rings of such speakers.
    """

    name: ClassVar[str] = "language"

    _GROUPS: Final = 25
    """Artists of a language that its speakers play."""
    _FAITHFUL: Final = 0.95

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Draw from the artists of the language, all tracks of an artist alike."""
        law = context.law
        language = (LANGUAGES * uniform(plays.key, 100)).astype(np.int64)
        most = max(1, min(self._GROUPS, law.groups // LANGUAGES))
        place = (most * uniform(plays.find, 1)).astype(np.int64)
        group = place * LANGUAGES + language
        track = _any_track(law, plays.find, group)
        return np.where(uniform(plays.find, 2) < self._FAITHFUL, track, items)

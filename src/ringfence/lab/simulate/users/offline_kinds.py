"""Kinds of listeners who download: offline syncers, switchers, and owners of a new phone.

Plays of downloaded tracks stay on the device, and the service does not see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.tastes import groups_of, items_of
from ringfence.stats.arrays import Flags, Floats, Integers, Keys
from ringfence.stats.seconds import HOUR

DEVICE_LIMIT: Final = 10_000
"""Largest number of tracks on one device: Spotify Premium allows 10,000 tracks on each of up to
five devices (https://www.spotify.com/ke-sw/mini/, read in November 2026)."""
MOST_DEVICES: Final = 5

_ALBUM: Final = 11
"""Number of tracks of an album; the last album of a group may have fewer. Assumed."""
_LIBRARY: Final = 1 << 46
"""Separates the albums of a library from other random numbers of a person."""
_TRACKS_PER_ARTIST: Final = 8.0
"""A library of 3,000 tracks has some three hundred artists. Assumed."""


@dataclass(frozen=True)
class Library:
    """Tracks in the libraries of some persons, album by album.

    Attributes:
        count: (persons,) number of tracks of each person.
        item: (tracks,) items, person by person, no item twice for one person.
    """

    count: Integers
    item: Integers

    @classmethod
    def of(cls, law: CatalogueLaw, key: Keys, artists: Floats, count: Integers, first: int) -> Self:
        """Choose whole albums until each person has enough tracks; the last album is cut.

        Args:
            law: the catalogue.
            key: (persons,) keys of the persons.
            artists: (persons,) number of artists in the library; some have many albums.
            count: (persons,) number of tracks that are wanted. A small catalogue may have fewer of
                these artists.
            first: number of the first album; another number gives other albums.
        """
        albums = count // 3 + 8
        of = np.repeat(np.arange(len(key)), albums)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(albums) - albums, albums)
        of_album = derive_keys(key[of], _LIBRARY + first + nth)
        group = groups_of(
            law, key[of], (artists[of] * uniform(of_album, 1) ** 1.5).astype(np.int64)
        )
        held = law.size_of(group)
        begin = (uniform(of_album, 2) * -(-held // _ALBUM)).astype(np.int64) * _ALBUM
        _, once = np.unique(np.stack([of, group, begin]), axis=1, return_index=True)
        once.sort()
        of, group, begin = of[once], group[once], begin[once]
        length = np.minimum(held[once] - begin, _ALBUM)
        track_of = np.repeat(np.arange(len(of)), length)
        track = np.arange(len(track_of)) - np.repeat(np.cumsum(length) - length, length)
        item = law.in_order(group[track_of], begin[track_of] + track)
        person = of[track_of]
        total = np.bincount(person, minlength=len(key))
        place = np.arange(len(person)) - (np.cumsum(total) - total)[person]
        return cls(np.minimum(total, count), item[place < count[person]])


class OfflineSyncer(UserKind):
    """Downloads a library of 300 to 10,000 tracks, album by album, and tops it up every week.

    Each device of the user downloads the whole library again. Half of these users never stream.
    Source: the limits of :data:`DEVICE_LIMIT` and :data:`MOST_DEVICES`. The sizes of libraries, the
    share of users who never stream and the weekly top-up (one to four albums) are assumed.
    """

    name: ClassVar[str] = "sync"

    _FEWEST: ClassVar[float] = 300.0
    _MOST: ClassVar[float] = float(DEVICE_LIMIT)
    _NO_STREAMS: Final = 0.5
    _TOP_UPS: Final = 0.8
    """Chance that a week has a top-up."""
    _YEAR: Final = 365.0

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return no plays for those who never stream, and half as many for the others."""
        del context, day
        return np.where(uniform(people.key[rows], 111) < self._NO_STREAMS, 0, plays // 2)

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the downloads of a sync or of a top-up."""
        full = rows[self._syncs(people.key[rows], context, day)]
        size = self.library_size(people.key[full]).astype(np.int64)
        topped = rows[self._tops_up(people.key[rows], context, day)]
        week = derive_keys(people.key[topped], 3100 + day // 7)
        few = _ALBUM * (1 + (4.0 * uniform(week, 1)).astype(np.int64))
        return joined(
            [
                self._download(people, full, size, context, day, 0),
                self._download(people, topped, few, context, day, 100_000 + 100 * (day // 7)),
            ]
        )

    def library_size(self, key: Keys) -> Floats:
        """Return the tracks in the library of each person."""
        return log_uniform(key, 112, self._FEWEST, self._MOST)

    def _download(  # noqa: PLR0913, PLR0917 - one batch needs all of this
        self,
        people: People,
        rows: Integers,
        count: Integers,
        context: UserContext,
        day: int,
        first: int,
    ) -> EventColumns:
        """Download tracks one after another in the evening, one every one to three seconds."""
        key = people.key[rows]
        start = HOUR * (17.0 + 5.0 * uniform(key, 7100 + day))
        gap = 1.0 + 2.0 * uniform(key, 113)
        library = self._library(key, count, context, first)
        fetched = Fetches.of(people, rows, library.count, day, start=start, gap=gap)
        return fetched.events(people, library.item, "download")

    def _library(self, key: Keys, count: Integers, context: UserContext, first: int) -> Library:
        """Return some tracks of each person's library."""
        artists = np.maximum(self.library_size(key) / _TRACKS_PER_ARTIST, 20.0)
        return Library.of(context.law, key, artists, count, first)

    def _first(self, key: Keys, context: UserContext) -> Integers:
        """Return the day of each person's first sync, in the first three quarters."""
        first: Integers = (uniform(key, 114) * max(1, context.days * 3 // 4)).astype(np.int64)
        return first

    def _syncs(self, key: Keys, context: UserContext, day: int) -> Flags:
        """Return whether each person syncs the whole library to a device on a day."""
        first = self._first(key, context)
        more = np.floor(MOST_DEVICES * uniform(key, 115))
        again = uniform(key, 7000 + day) < more / self._YEAR
        syncs: Flags = (day == first) | ((day > first) & again)
        return syncs

    def _tops_up(self, key: Keys, context: UserContext, day: int) -> Flags:
        """Return whether each person adds to the library on a day."""
        own = (uniform(key, 116) * 7).astype(np.int64) == day % 7
        chance = uniform(key, 7200 + day // 7) < self._TOP_UPS
        added: Flags = own & chance & (day > self._first(key, context))
        return added


class Switcher(OfflineSyncer):
    """Comes from another service: looks up a library of 500 to 8,000 tracks, and downloads it.

    A tool for imports looks up one track after another, several per second. Source: import tools
    such as Soundiiz and TuneMyMusic transfer whole libraries through the interfaces of services;
    Apple Music holds up to 100,000 tracks in a synced library (Apple's user guide). Sizes and rates
    are assumed. The listener streams as an ordinary one.
    """

    name: ClassVar[str] = "switcher"

    _FEWEST: ClassVar[float] = 500.0
    _MOST: ClassVar[float] = 8_000.0
    _LOOK_UPS: Final = 0.3
    """Seconds from one looked-up track to the next."""

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of an ordinary listener, from the day of the import on."""
        return np.where(day >= self._first(people.key[rows], context), plays, 0)

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the look-ups of the import, and the downloads of the next evening."""
        first = self._first(people.key[rows], context)
        imports, syncs = rows[day == first], rows[day == first + 1]
        size = self.library_size(people.key[imports]).astype(np.int64)
        start = HOUR * (9.0 + 10.0 * uniform(people.key[imports], 117))
        gap = np.full(len(imports), self._LOOK_UPS)
        library = self._library(people.key[imports], size, context, 0)
        looked = Fetches.of(people, imports, library.count, day, start=start, gap=gap)
        # Half of the switchers download part of what they imported.
        wanted = self.library_size(people.key[syncs]) * (2.0 * uniform(people.key[syncs], 118) - 1)
        count = np.maximum(wanted, 0.0).astype(np.int64)
        downloads = self._download(people, syncs, count, context, day, 0)
        return joined([looked.events(people, library.item, "metadata"), downloads])


class NewPhone(UserKind):
    """Listens as an ordinary user, and once downloads 300 to 3,000 favourites to a new phone.

    Source: assumed; playlists of liked songs have such sizes, and phones are replaced every two to
    four years. In these scenarios every one of these users gets the new phone within the scenario.
    """

    name: ClassVar[str] = "phone"

    _FEWEST: Final = 300.0
    _MOST: Final = 3_000.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the downloads on the day of the new phone: finds of the last two years."""
        first = (uniform(people.key[rows], 114) * context.days).astype(np.int64)
        new = rows[day == first]
        key = people.key[new]
        count = log_uniform(key, 112, self._FEWEST, self._MOST).astype(np.int64)
        start, gap = HOUR * (16.0 + 6.0 * uniform(key, 117)), 0.7 + 1.5 * uniform(key, 113)
        fetched = Fetches.of(people, new, count, day, start=start, gap=gap)
        back = (730.0 * uniform(fetched.key, 2) ** 2).astype(np.int64)
        brought = derive_keys(fetched.person(people), day - back)
        find = derive_keys(brought, (12.0 * uniform(fetched.key, 3)).astype(np.int64))
        item = items_of(context.law, fetched.person(people), people.taste[fetched.row], find)
        return fetched.events(people, item, "download")

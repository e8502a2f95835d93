"""Kinds of listeners whose programs also search, fetch archives, or ask for what is gone."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import ARCHIVE, ITEM, LISTING, MISSING, EventColumns
from ringfence.lab.simulate.hashing import derive_keys, seeded_keys, uniform
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext
from ringfence.lab.simulate.users.listener_kinds import Casual
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import HOUR


class Importer(Casual):
    """Imports playlists once: 200 to 3,000 tracks, of which a tenth to a half no longer exist.

    Source: assumed; services that move playlists report tracks without a match.
    """

    name: ClassVar[str] = "importer"

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the look-ups of the import on its day."""
        key = people.key[rows]
        due = (uniform(key, 101) * context.days).astype(np.int64) == day
        rows, key = rows[due], key[due]
        count = log_uniform(key, 102, 200.0, 3_000.0).astype(np.int64)
        start = HOUR * (8.0 + 12.0 * uniform(key, 103))
        fetched = Fetches.of(people, rows, count, day, start=start, gap=0.0 * start + 0.4)
        gone = np.repeat(0.1 + 0.4 * uniform(key, 104), count)
        response = np.where(uniform(fetched.key, 1) < gone, MISSING, ITEM)
        item = context.law.used(uniform(fetched.key, 2))
        return fetched.events(people, item, "metadata", response)


class Poller(Casual):
    """Has a program that asks for one to five missing items every 10 to 60 minutes, day and night.

    Source: assumed; apps poll feeds and pictures that are gone until somebody removes them.
    """

    name: ClassVar[str] = "poller"

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the requests of a day."""
        key = people.key[rows]
        missing = 1 + (5.0 * uniform(key, 102)).astype(np.int64)
        pause = log_uniform(key, 103, HOUR / 6, HOUR)
        count = (24.0 * HOUR / pause).astype(np.int64) * missing
        gap = pause / missing
        fetched = Fetches.of(people, rows, count, day, start=0.0 * gap, gap=gap)
        which = fetched.nth % np.repeat(missing, count)
        item = context.law.used(uniform(derive_keys(fetched.person(people), 105 + which), 1))
        return fetched.events(people, item, "metadata", MISSING)


class AlbumDownloader(Casual):
    """Downloads one to six albums per week as archives, and listens.

    Source: assumed; music servers offer an album as one archive, and some people want the files.
    """

    name: ClassVar[str] = "albums"

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the archives of a day."""
        key = people.key[rows]
        today = derive_keys(key, 8000 + day)
        loads = uniform(today, 1) < 0.3
        rows, key, today = rows[loads], key[loads], today[loads]
        count = np.ceil(log_uniform(key, 102, 0.5, 3.0) * 2.0 * uniform(today, 2)).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 3))
        fetched = Fetches.of(people, rows, count, day, start=start, gap=0.0 * start + 180.0)
        group = context.law.group_of(context.law.used(uniform(fetched.key, 2)))
        return fetched.events(people, group, "download", ARCHIVE)


class Searcher(Casual):
    """Searches one to forty times on a day and looks at up to three pages of results.

    Everybody searches for the same things: the first pages of popular searches. Source: assumed.
    """

    name: ClassVar[str] = "searcher"

    _SEARCHES: Final = 5_000

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the pages of results of a day."""
        key = people.key[rows]
        today = derive_keys(key, 8000 + day)
        searches = uniform(today, 1) < people.active[rows]
        rows, today = rows[searches], today[searches]
        count = log_uniform(today, 2, 1.0, 40.0).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 3))
        fetched = Fetches.of(people, rows, count, day, start=start, gap=0.0 * start + 60.0)
        # A search has three pages; its number is drawn by popularity.
        search = (self._SEARCHES * uniform(fetched.key, 2) ** 3).astype(np.int64)
        page = 3 * search + (3.0 * uniform(fetched.key, 3) ** 3).astype(np.int64)
        shown = seeded_keys(7, page) % np.uint64(context.law.items)
        return fetched.events(people, shown.astype(np.int64), "search", LISTING)

"""Kinds of users of sequential media: pages, audiobooks and courses, one part after another."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.texts import PARTS_PER_WORK, WORKS
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Floats, Integers, Keys
from ringfence.stats.seconds import HOUR

_POPULAR: Final = 2.0
"""A work is drawn as the number of works times a uniform number to this power."""


def popular_work(key: Keys, purpose: int) -> Integers:
    """Draw a work for each key; works with small numbers are read more often."""
    work: Integers = (WORKS * uniform(key, purpose) ** _POPULAR).astype(np.int64)
    return work


class Visitor(UserKind):
    """Opens one to three works on a visit and turns a few pages of each.

    Most visitors of a collection of books or manuscripts are of this kind. Source: assumed; the
    usage of digital libraries is highly skewed (Høivik, LIBER Quarterly: "How much is much?").
    """

    name: ClassVar[str] = "visitor"
    streams: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = True

    _PAGES: Final = 8.0
    """Mean number of pages of a work on a visit."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the pages of the visits on a day."""
        key = people.key[rows]
        today = derive_keys(key, 8000 + day)
        visits = uniform(today, 1) < 0.05 + 0.4 * uniform(key, 100) ** 2
        rows, today = rows[visits], today[visits]
        works = 1 + (3.0 * uniform(today, 2)).astype(np.int64)
        pages = 1 + (-self._PAGES * np.log1p(-uniform(today, 3))).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 4))
        gap = log_uniform(today, 5, 10.0, 60.0)
        fetched = Fetches.of(people, rows, works * pages, day, start=start, gap=gap)
        each = np.repeat(pages, works * pages)
        of_work = derive_keys(np.repeat(today, works * pages), 100 + fetched.nth // each)
        first = (PARTS_PER_WORK * uniform(of_work, 2)).astype(np.int64)
        part = (first + fetched.nth % each) % PARTS_PER_WORK
        return fetched.events(people, context.texts.part(popular_work(of_work, 1), part))


class PageReader(UserKind):
    """Reads or transcribes page after page: 15 to 200 pages per day, for weeks.

    Transcribers take three to ten minutes per page, readers 20 to 90 seconds. The pages of a volume
    follow each other, and so do the volumes of a series. Source: Transcribe Bentham had a few
    volunteers who did most of its transcripts, over months (Causer and Wallace, Digital Humanities
    Quarterly 6.2, 2012); the numbers of pages are assumed.
    """

    name: ClassVar[str] = "pages"
    streams: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = True

    _FEWEST: Final = 15.0
    _MOST: Final = 200.0
    _TRANSCRIBERS: Final = 0.5
    _MOST_TRANSCRIBED: Final = 70.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the pages of a day, which begin where those of the last day ended."""
        key = people.key[rows]
        begin, end = self._position(key, day), self._position(key, day + 1)
        transcribes = uniform(key, 101) < self._TRANSCRIBERS
        slow = np.where(transcribes, 180.0, 20.0)
        gap = slow * (np.where(transcribes, 600.0, 90.0) / slow) ** uniform(key, 102)
        start = HOUR * (7.0 + 6.0 * uniform(key, 8000 + day))
        fetched = Fetches.of(people, rows, end - begin, day, start=start, gap=gap)
        position = np.repeat(begin, end - begin) + fetched.nth
        work = popular_work(fetched.person(people), 104)
        return fetched.events(people, context.texts.part(work, position))

    def _position(self, key: Keys, day: int) -> Integers:
        """Return the number of pages read before a day; the first page is in a volume's middle."""
        transcribes = uniform(key, 101) < self._TRANSCRIBERS
        most = np.where(transcribes, self._MOST_TRANSCRIBED, self._MOST)
        rate = self._FEWEST * (most / self._FEWEST) ** uniform(key, 103)
        return _steps(key, day, rate) + (PARTS_PER_WORK * uniform(key, 105)).astype(np.int64)


class SerialListener(UserKind):
    """Hears an audiobook or takes a course: 3 to 15 parts per day in order, and some music.

    Source: assumed; audiobooks have 10 to 60 chapters and courses tens of lectures, and people take
    one after another. One work stands for a series.
    """

    name: ClassVar[str] = "serial"
    reads_texts: ClassVar[bool] = True

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return a third of the plays of an ordinary listener."""
        del people, rows, context, day
        return plays // 3

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the parts of a day, five to thirty minutes each."""
        key = people.key[rows]
        rate = log_uniform(key, 103, 3.0, 15.0)
        begin, end = _steps(key, day, rate), _steps(key, day + 1, rate)
        start = HOUR * (7.0 + 5.0 * uniform(key, 8000 + day))
        gap = log_uniform(key, 102, 300.0, 1_800.0)
        fetched = Fetches.of(people, rows, end - begin, day, start=start, gap=gap)
        position = np.repeat(begin, end - begin) + fetched.nth
        work = popular_work(fetched.person(people), 104)
        return fetched.events(people, context.texts.part(work, position))


def _steps(key: Keys, day: int, rate: Floats) -> Integers:
    """Return the steps made before a day at a mean rate per day; the steps vary between days."""
    step: Integers = (rate * (day + uniform(key, 8500 + day))).astype(np.int64)
    return step

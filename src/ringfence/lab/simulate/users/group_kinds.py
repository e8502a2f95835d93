"""Kinds of accounts that belong together by place: classes, seminars, reading rooms, a campus."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.attributes import KIOSK
from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, seeded_keys, uniform
from ringfence.lab.simulate.texts import ARCHIVE_DAYS, PARTS_PER_WORK, PER_DAY
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.reader_kinds import ArticleReader, any_article
from ringfence.lab.simulate.users.sequential_kinds import popular_work
from ringfence.stats.arrays import Floats, Integers, Keys
from ringfence.stats.seconds import DAY, HOUR


def group_keys(group: Integers, context: UserContext, purpose: int) -> Keys:
    """Return the key of everything random about each group.

    Args:
        group: numbers of the groups.
        context: facts of the simulation.
        purpose: separates the groups of different kinds.
    """
    return seeded_keys(context.seed, group + (purpose << 50))


class SchoolClass(ArticleReader):
    """Opens the same texts as its class in the same minute, in three lessons per week.

    A class has about 25 accounts behind one address, and a lesson has one to four texts. Nine of
    ten pupils are present. Source: assumed. Ringfence 0.1 found a false ring in a class of 17.
    """

    name: ClassVar[str] = "class"
    together: ClassVar[int] = 25

    _LESSONS: Final = 3 / 5
    """Chance that a working day has a lesson."""
    _PRESENT: Final = 0.9
    _MINUTE: Final = 60.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Add the texts of a lesson to the pupil's own reading, a third of that of readers."""
        some = rows[uniform(people.key[rows], 9200 + day) < 1 / 3]
        reads = super().fetches(people, some, context, day)
        today = self._today(people.key[rows], context, day)
        here = uniform(derive_keys(people.key[rows], 9300 + day), 1) < self._PRESENT
        there = here & (uniform(today, 1) < self._LESSONS) & context.is_working_day(day)
        rows, today = rows[there], today[there]
        texts = 1 + (4.0 * uniform(today, 2)).astype(np.int64)
        zero = np.zeros(len(rows))
        fetched = Fetches.of(people, rows, texts, day, start=zero, gap=zero + 1.0)
        lesson = np.repeat(today, texts)
        hour = 8.0 + (6.0 * uniform(lesson, 3)).astype(np.int64) + 0.2 * fetched.nth
        second = day * DAY + HOUR * hour + self._MINUTE * uniform(fetched.key, 2)
        opened = Fetches(fetched.row, fetched.nth, fetched.key, second.astype(np.int64))
        text = any_article(context, derive_keys(lesson, 10 + fetched.nth), 0)
        return joined([reads, opened.events(people, text)])

    def _today(self, key: Keys, context: UserContext, day: int) -> Keys:
        """Return the key of the class's day, the same for the whole class."""
        return derive_keys(group_keys(self.group_of(key, context), context, 1), day)


class Seminar(ArticleReader):
    """Divides a reading list of 300 texts among about 15 members, who read their shares alone.

    Members read five to ten texts of their share per week, in addition to ordinary reading. Source:
    assumed; seminars and reviews with several reviewers divide their lists.
    """

    name: ClassVar[str] = "seminar"
    together: ClassVar[int] = 15

    _LIST: Final = 300
    _SHARE: Final = 20

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Add the texts of the member's share that are read on a day."""
        reads = super().fetches(people, rows, context, day)
        key = people.key[rows]
        sits = uniform(derive_keys(key, 9300 + day), 1) < 2 / 7
        rows, key = rows[sits], key[sits]
        count = 2 + (4.0 * uniform(key, 9400 + day)).astype(np.int64)
        start = HOUR * (10.0 + 10.0 * uniform(key, 9401 + day))
        gap = log_uniform(key, 9402 + day, 120.0, 900.0)
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        group = self.group_of(fetched.person(people), context)
        place = (uniform(fetched.person(people), 91) * self._LIST / self._SHARE).astype(np.int64)
        mine = (self._SHARE * uniform(fetched.key, 3)).astype(np.int64)
        # One topic: a text of the list is among the articles of a few days that many readers read.
        of_list = derive_keys(group_keys(group, context, 2), place * self._SHARE + mine)
        topic = (uniform(group_keys(group, context, 3), 1) * (ARCHIVE_DAYS - 10)).astype(np.int64)
        back = 1 + topic + (10.0 * uniform(of_list, 1)).astype(np.int64)
        text = context.texts.article(-back, (PER_DAY * uniform(of_list, 2)).astype(np.int64))
        return joined([reads, fetched.events(people, text)])


class ReadingRoom(UserKind):
    """One address and one managed browser for a room in which 3 to 15 people read per day.

    Each reads 10 to 60 pages of one work or some articles between nine and six, from Monday to
    Saturday. Source: assumed; reading rooms of libraries give access to works that may be read only
    there, on their own computers.
    """

    name: ClassVar[str] = "room"
    streams: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = True
    clients: ClassVar[tuple[str, ...]] = (KIOSK,)

    _CLOSED: ClassVar[int] = 6
    _PEOPLE: ClassVar[tuple[float, float]] = (3.0, 15.0)
    _ITEMS: ClassVar[tuple[float, float]] = (10.0, 60.0)
    _ARTICLES: ClassVar[float] = 0.5
    """Share of persons who read articles; the others read pages of one work."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the readings of all persons of a day."""
        if (context.weekday + day) % 7 >= self._CLOSED:
            rows = rows[:0]
        key = people.key[rows]
        usual = log_uniform(key, 100, *self._PEOPLE)
        persons = (usual * (0.7 + 0.6 * uniform(key, 8000 + day))).astype(np.int64)
        who = np.repeat(rows, persons)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(persons) - persons, persons)
        person = derive_keys(derive_keys(people.key[who], 8100 + day), nth)
        count = log_uniform(person, 1, *self._ITEMS).astype(np.int64)
        start: Floats = HOUR * (9.0 + 7.5 * uniform(person, 2))
        gap = log_uniform(person, 3, 20.0, 120.0)
        fetched = Fetches.of(people, who, count, day, start=start, gap=gap)
        reader = np.repeat(person, count)
        first = (PARTS_PER_WORK * uniform(reader, 4)).astype(np.int64)
        page = context.texts.part(popular_work(reader, 5), first + fetched.nth)
        article = any_article(context, derive_keys(reader, fetched.nth), day)
        item = np.where(uniform(reader, 6) < self._ARTICLES, article, page)
        return fetched.events(people, item)


class Campus(ReadingRoom):
    """One address for a campus: 10 to 80 readers per day, with a few articles each.

    Source: universities and dormitories put hundreds of people behind one address; the numbers are
    assumed. Without logins, an address is the account.
    """

    name: ClassVar[str] = "campus"

    _CLOSED: ClassVar[int] = 7
    _PEOPLE: ClassVar[tuple[float, float]] = (10.0, 80.0)
    _ITEMS: ClassVar[tuple[float, float]] = (1.0, 20.0)
    _ARTICLES: ClassVar[float] = 1.0

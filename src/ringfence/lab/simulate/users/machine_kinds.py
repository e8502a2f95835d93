"""Kinds of programs with a good purpose: text mining, preservation, checks of links."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.texts import PARTS_PER_WORK, WORKS
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import HOUR


class TextMiner(UserKind):
    """Downloads one volume after another under a grant: 500 to 5,000 items per day.

    Source: publishers allow text and data mining through interfaces with a rate limit and without
    a limit of the number of items (Elsevier, "Text and data mining FAQs"; Crossref, "Text and data
    mining for members"). Rates are assumed. An operator gives such a project a grant.
    """

    name: ClassVar[str] = "mining"
    streams: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = True

    _FEWEST: ClassVar[float] = 500.0
    _MOST: ClassVar[float] = 5_000.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the downloads of a day, which begin where those of the last day ended."""
        key = people.key[rows]
        count = log_uniform(key, 100, self._FEWEST, self._MOST).astype(np.int64)
        zero = np.zeros(len(rows))
        fetched = Fetches.of(people, rows, count, day, start=zero, gap=20.0 * HOUR / count)
        position = np.repeat(count * day, count) + fetched.nth
        first = (WORKS * uniform(fetched.person(people), 101)).astype(np.int64)
        return fetched.events(people, context.texts.part(first, position), "download")


class Preserver(TextMiner):
    """Harvests archival units for preservation, in order, and gives its name.

    A unit is a volume or a year of a journal. Two to ten volumes are fetched on a day of harvest,
    one item every three to six seconds. Source: the LOCKSS Program's web harvest guidelines define
    the unit; its software calls itself "LOCKSS cache" (lockss-daemon). The rate is assumed.
    """

    name: ClassVar[str] = "preserver"
    clients: ClassVar[tuple[str, ...]] = ("LOCKSS cache",)

    _CRAWLS: Final = 0.15
    """Chance that a unit is fetched on a day."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the unit that is fetched on a day; on most days there is none."""
        today = derive_keys(people.key[rows], 8000 + day)
        crawls = uniform(today, 1) < self._CRAWLS
        rows, today = rows[crawls], today[crawls]
        volumes = 2 + (9.0 * uniform(today, 2)).astype(np.int64)
        start = HOUR * 6.0 * uniform(today, 3)
        gap = 3.0 + 3.0 * uniform(today, 4)
        count = volumes * PARTS_PER_WORK
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        first = np.repeat((WORKS * uniform(today, 5)).astype(np.int64), count)
        return fetched.events(people, context.texts.part(first, fetched.nth))


class LinkChecker(TextMiner):
    """Checks 1,000 to 10,000 links once per week, in the order of a list, and gives its name.

    Source: LinkChecker sends up to ten requests per second by default and names itself and its page
    (its manual, linkcheckerrc); W3C's checker names itself "W3C-checklink". Repositories check DOIs
    in the same way. The numbers of links are assumed.
    """

    name: ClassVar[str] = "checker"
    clients: ClassVar[tuple[str, ...]] = (
        "LinkChecker/10.5.0 (+https://linkchecker.github.io/linkchecker/)",
        "W3C-checklink/5.0.0 libwww-perl/6.77",
        "doi-checker/1.4 (+https://repository.example.org/doi-checker; mailto:library@example.org)",
    )

    _FEWEST: ClassVar[float] = 1_000.0
    _MOST: ClassVar[float] = 10_000.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the links of the weekly check."""
        key = people.key[rows]
        due = rows[(uniform(key, 101) * 7).astype(np.int64) == day % 7]
        key = people.key[due]
        count = log_uniform(key, 100, self._FEWEST, self._MOST).astype(np.int64)
        start, gap = HOUR * 5.0 * uniform(key, 102), log_uniform(key, 103, 0.1, 2.0)
        fetched = Fetches.of(people, due, count, day, start=start, gap=gap)
        link = derive_keys(fetched.person(people), (1 << 49) + fetched.nth)
        work = (WORKS * uniform(link, 1)).astype(np.int64)
        part = (PARTS_PER_WORK * uniform(link, 2)).astype(np.int64)
        return fetched.events(people, context.texts.part(work, part))

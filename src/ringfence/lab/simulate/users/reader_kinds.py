"""Kinds of readers of articles, such as users of a library or subscribers of a magazine."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import SURFACE_NAMES, EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, normal, uniform
from ringfence.lab.simulate.texts import ARCHIVE_DAYS, PARTS_PER_WORK, PER_DAY, POSTS_PER_DAY
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.sequential_kinds import popular_work
from ringfence.stats.arrays import Floats, Integers, Keys
from ringfence.stats.seconds import DAY, HOUR

LANGUAGES: Final = 20
"""Number of languages. The number of articles per day is a multiple of it."""
_RECENT: Final = 0.6
"""Share of articles that are from the last week. Assumed."""
_DOWNLOADED: Final = 0.4
"""Share of articles that are downloaded as a PDF rather than read on the screen. Assumed."""


def any_article(context: UserContext, key: Keys, day: int, purpose: int = 0) -> Integers:
    """Return an article for each key as a reader may choose it.

    Most are articles of the last week, and the first ones of a day are read more often than the
    last ones. The others are parts of works, such as papers of volumes.

    Args:
        context: facts of the simulation.
        key: keys of the choices.
        day: day of the scenario.
        purpose: separates several choices with one key.
    """
    of = derive_keys(key, (1 << 48) + purpose)
    recent = (7.0 * uniform(of, 1) ** 2).astype(np.int64)
    place = (PER_DAY * uniform(of, 4) ** 2).astype(np.int64)
    article = context.texts.article(day - recent, place)
    paper = context.texts.part(popular_work(of, 2), (PARTS_PER_WORK * uniform(of, 5)).astype(int))
    return np.where(uniform(of, 3) < _RECENT, article, paper)


class ArticleReader(UserKind):
    """Reads a little of everything: a median of 3 articles on 10 to 70 % of days.

    Source: the accounts of a library proxy have a median of 3 articles per day, a 95 % quantile of
    21 and a 99 % quantile of 38 (ezPAARSE's sample logs, ``docs/real-logs.md``). The spread here is
    the wider one of the reference distribution. The shares of recent articles and of downloads are
    assumed.
    """

    name: ClassVar[str] = "reader"
    streams: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = True

    _MEDIAN: Final = 3.0
    _SPREAD: Final = 1.18
    _LARGEST: Final = 120.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the articles of a day."""
        key = people.key[rows]
        today = derive_keys(key, 8000 + day)
        active = uniform(today, 1) < 0.1 + 0.6 * uniform(key, 100) ** 2
        rows, today = rows[active], today[active]
        many = np.exp(np.log(self._MEDIAN) + self._SPREAD * normal(today, 2))
        count = np.clip(many, 1.0, self._LARGEST).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 3))
        gap = log_uniform(today, 4, 40.0, 600.0)
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        downloaded = uniform(fetched.key, 5) < _DOWNLOADED
        surface = np.where(
            downloaded, SURFACE_NAMES.index("download"), SURFACE_NAMES.index("stream")
        )
        return fetched.events(people, any_article(context, fetched.key, day), surface)


class Browser(ArticleReader):
    """Browses an archive: a little of everything, about a hundred items per month.

    Nine of ten items are drawn from the whole archive with equal chances. Source: assumed; most
    users of archives of news, pictures and records come for one thing at a time.
    """

    name: ClassVar[str] = "browser"

    _FEWEST: ClassVar[float] = 1.0
    _MOST: ClassVar[float] = 20.0
    """Items of a visit."""
    _ANYWHERE: Final = 0.9

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the items of a day."""
        today = derive_keys(people.key[rows], 8000 + day)
        active = uniform(today, 1) < 0.3 + 0.6 * uniform(people.key[rows], 100)
        rows, today = rows[active], today[active]
        many = log_uniform(people.key[rows], 101, self._FEWEST, self._MOST)
        count = np.ceil(many * 2.0 * uniform(today, 2)).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 3))
        gap = log_uniform(today, 4, 20.0, 200.0)
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        place = (PER_DAY * uniform(fetched.key, 3)).astype(np.int64)
        back = (uniform(fetched.key, 2) * (ARCHIVE_DAYS + day)).astype(np.int64)
        anywhere = context.texts.article(day - back, place)
        chosen = any_article(context, fetched.key, day)
        item = np.where(uniform(fetched.key, 5) < self._ANYWHERE, anywhere, chosen)
        return fetched.events(people, item)


class EditionReader(Browser):
    """Reads in one of twenty languages, each with a twentieth of the articles, and most of those.

    The majority browses all languages. Source: assumed; speakers of small languages read most of
    the texts in them. Ringfence 0.1 found false rings of such readers.
    """

    name: ClassVar[str] = "edition"

    _FEWEST: ClassVar[float] = 6.0
    _MOST: ClassVar[float] = 30.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Replace each article by the neighbouring article in the reader's language."""
        read = super().fetches(people, rows, context, day)
        languages = np.zeros(int(people.account.max(initial=0)) + 1, np.int64)
        languages[people.account[rows]] = LANGUAGES * uniform(people.key[rows], 102)
        place = read.item - context.texts.first_item
        own = place - place % LANGUAGES + languages[read.account]
        return replace(read, item=context.texts.first_item + own)


class ReferenceManager(ArticleReader):
    """Reads as others do, and in one night fetches 350 to 1,400 PDFs for a list of references.

    Source: libraries warn that "Find Available PDFs" of Zotero and the automatic downloads of
    Paperpile cause bulk access by accident (Kyoto University Library, 2024-07-22). A systematic map
    retrieves thousands of full texts (2,294 in the example of Haddaway's flow diagram). Proxies
    suspend for much less: 100 MB in 15 minutes (Saint Joseph's University, LibAnswers 338850, with
    EZproxy's UsageLimit). The number of PDFs is assumed.
    """

    name: ClassVar[str] = "references"
    clients: ClassVar[tuple[str, ...]] = (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:115.0) Gecko/20100101 Zotero/7.0.11",
    )

    _FEWEST: Final = 350.0
    _MOST: Final = 1_400.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Add the night of the downloads, one PDF every three to ten seconds."""
        reads = super().fetches(people, rows, context, day)
        night = (uniform(people.key[rows], 114) * context.days).astype(np.int64)
        now = rows[day == night]
        key = people.key[now]
        count = log_uniform(key, 112, self._FEWEST, self._MOST).astype(np.int64)
        start, gap = HOUR * (20.0 + 3.0 * uniform(key, 117)), log_uniform(key, 113, 3.0, 10.0)
        fetched = Fetches.of(people, now, count, day, start=start, gap=gap)
        part = (PARTS_PER_WORK * uniform(fetched.key, 3)).astype(np.int64)
        item = context.texts.part(popular_work(fetched.key, 2), part)
        return joined([reads, fetched.events(people, item, "download")])


class ArchiveBinger(ArticleReader):
    """Discovers the archive and reads about a hundred items of two days of it, one after the other.

    Source: assumed. Ringfence 0.1 found a false ring of 150 such users of an archive of half a
    year.
    """

    name: ClassVar[str] = "archive"

    _DAYS: Final = 2
    _SHARE: Final = (0.8, 1.0)
    """Share of a day's articles that the user takes."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the articles of one day of the archive, on each of two days in a row."""
        key = people.key[rows]
        first = (uniform(key, 114) * max(1, context.days - 1)).astype(np.int64)
        inside = (day >= first) & (day < first + self._DAYS)
        oldest = (uniform(key, 115) * (ARCHIVE_DAYS - self._DAYS)).astype(np.int64) - ARCHIVE_DAYS
        article_day = (oldest + day - first)[inside]
        return _whole_day(people, rows[inside], context, day, article_day, self._SHARE)


class IssueBuyer(ArticleReader):
    """Buys one to three single issues per month and reads nearly all of each, and nothing else.

    Source: magazines and newspapers sell single issues. The number of articles is that of a day
    here; all numbers are assumed.
    """

    name: ClassVar[str] = "issues"

    _SHARE: Final = (0.8, 1.0)
    _PER_WEEK: Final = (0.25, 0.75)

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the articles of an issue on the days on which the user buys one."""
        key = people.key[rows]
        today = derive_keys(key, 9000 + day)
        chance = (self._PER_WEEK[0] + np.ptp(self._PER_WEEK) * uniform(key, 101)) / 7.0
        buys = uniform(today, 1) < chance
        issue = (uniform(today, 2) * (ARCHIVE_DAYS + day)).astype(np.int64) - ARCHIVE_DAYS
        return _whole_day(people, rows[buys], context, day, issue[buys], self._SHARE)


class FeedFollower(ArticleReader):
    """Follows new posts: visits two to seven times per day and takes 3 to 50 % of all posts.

    Ids rise with time, so items are taken in the order of their ids. On such feeds, the order of
    ids is not evidence about an account. Source: assumed.
    """

    name: ClassVar[str] = "feed"

    _SHARE: Final = (0.03, 0.5)
    _PAUSE: Final = 12
    """Seconds from one post to the next, including posts that are skipped."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return some of the posts of the day before, oldest first."""
        key = people.key[rows]
        active = uniform(key, 8000 + day) < 0.4 + 0.6 * uniform(key, 100)
        rows, key = rows[active], key[active]
        zero = np.zeros(len(rows))
        count = np.full(len(rows), POSTS_PER_DAY)
        fetched = Fetches.of(people, rows, count, day, start=zero, gap=zero + 1.0)
        today = np.repeat(derive_keys(key, 8100 + day), POSTS_PER_DAY)
        visits = 2 + (6.0 * uniform(today, 2)).astype(np.int64)
        visit = fetched.nth * visits // POSTS_PER_DAY
        within = fetched.nth - -(-visit * POSTS_PER_DAY // visits)
        # The first visit begins at seven, the last one before ten in the evening.
        start = HOUR * (7.0 + 13.0 * visit / visits) + self._PAUSE * within
        second = day * DAY + start.astype(np.int64) - people.zone[fetched.row]
        read = Fetches(fetched.row, fetched.nth, fetched.key, second)
        share = log_uniform(fetched.person(people), 101, *self._SHARE)
        item = context.texts.post(np.full(len(read), day - 1), read.nth)
        return read.events(people, item).at(np.flatnonzero(uniform(read.key, 4) < share))


def _whole_day(  # noqa: PLR0913, PLR0917 - one batch needs all of this
    people: People,
    rows: Integers,
    context: UserContext,
    day: int,
    article_day: Integers,
    share: tuple[float, float],
) -> EventColumns:
    """Return the reading of most articles of one day or issue, in their order."""
    count = np.full(len(rows), PER_DAY)
    key = derive_keys(people.key[rows], 9500 + day)
    start: Floats = HOUR * (9.0 + 9.0 * uniform(key, 1))
    fetched = Fetches.of(
        people, rows, count, day, start=start, gap=log_uniform(key, 2, 20.0, 120.0)
    )
    kept = share[0] + (share[1] - share[0]) * np.repeat(uniform(key, 3), PER_DAY)
    item = context.texts.article(np.repeat(article_day, PER_DAY), fetched.nth)
    return fetched.events(people, item).at(np.flatnonzero(uniform(fetched.key, 4) < kept))

"""Kinds of visitors of a site with pages, and of readers with logins: all read the catalogue."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.attributes import KIOSK
from ringfence.lab.simulate.event_columns import ITEM, MISSING, EventColumns
from ringfence.lab.simulate.hashing import derive_keys, normal, seeded_keys, uniform
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers, Keys
from ringfence.stats.seconds import DAY, HOUR

_BROKEN: Final = 0.01
"""Share of a visitor's requests that follow a broken link. Assumed; sites report 0.5 to 3 %."""
_SAME_GROUP: Final = 0.6
"""Chance that the next page is of the same group as the page through which a visitor came."""


def broken(key: Keys, share: float) -> Integers:
    """Return for each request whether its link is broken, as a response."""
    return np.where(uniform(key, 71) < share, MISSING, ITEM)


def pages_of(context: UserContext, visit: Keys, key: Keys) -> Integers:
    """Return the page of each request: most are of the group through which the visitor came.

    Args:
        context: facts of the simulation.
        visit: (requests,) key of the visit.
        key: (requests,) key of the request.
    """
    entry = context.law.group_of(context.law.used(uniform(visit, 72)))
    near = context.law.within(entry, uniform(key, 73))
    return np.where(uniform(key, 74) < _SAME_GROUP, near, context.law.used(uniform(key, 75)))


class Surfer(UserKind):
    """Visits a site one to four times per month and opens one to ten pages.

    Source: assumed; most visits of a site are short, and most visitors come rarely.
    """

    name: ClassVar[str] = "surfer"
    streams: ClassVar[bool] = False

    _OFTEN: ClassVar[tuple[float, float]] = (0.03, 0.15)
    """Chance of a visit on a day."""
    _PAGES: ClassVar[tuple[float, float]] = (1.0, 10.0)
    _BROKEN: ClassVar[float] = _BROKEN

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the pages of a day's visit."""
        today = derive_keys(people.key[rows], 8000 + day)
        visits = uniform(today, 1) < log_uniform(people.key[rows], 100, *self._OFTEN)
        rows, today = rows[visits], today[visits]
        count = log_uniform(today, 2, *self._PAGES).astype(np.int64)
        start = HOUR * (7.0 + 15.0 * uniform(today, 3))
        fetched = Fetches.of(
            people, rows, count, day, start=start, gap=log_uniform(today, 4, 5.0, 120.0)
        )
        page = pages_of(context, np.repeat(today, count), fetched.key)
        return fetched.events(people, page, response=broken(fetched.key, self._BROKEN))


class Institution(Surfer):
    """One address with one managed browser for 20 to 60 people of a campus or a library.

    Source: assumed, as for ``campus``.
    """

    name: ClassVar[str] = "institution"
    clients: ClassVar[tuple[str, ...]] = (KIOSK,)

    def members(self, key: Keys) -> Integers:
        """Return 20 to 60 people."""
        members: Integers = 20 + (41.0 * uniform(key, 60)).astype(np.int64)
        return members


class Dormitory(Surfer):
    """Visits as a surfer, more often, from one of 200 neighbouring addresses of a campus."""

    name: ClassVar[str] = "dormitory"
    neighbours: ClassVar[bool] = True

    _OFTEN: ClassVar[tuple[float, float]] = (0.1, 0.4)


class NewsReader(Surfer):
    """Follows a link that was shared on the news: comes once, within hours of all others.

    500 visitors share a link. All open its page, and two of five go on to one to three more pages
    of the same group. Source: assumed; such visits are known as the Slashdot effect.
    """

    name: ClassVar[str] = "news"
    together: ClassVar[int] = 500
    shares_network: ClassVar[bool] = False

    _GO_ON: Final = 0.4
    _HOURS: Final = 3.0
    """Mean hours from the publication to a visit."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the pages of those who come on a day."""
        key = people.key[rows]
        link = seeded_keys(context.seed, self.group_of(key, context) + (53 << 40))
        last = max(context.days - 1, 1)
        shared = DAY * last * uniform(link, 1)
        come = shared - HOUR * self._HOURS * np.log1p(-uniform(key, 101))
        here = (come // DAY).astype(np.int64) == day
        rows, key, link, come = rows[here], key[here], link[here], come[here]
        more = uniform(key, 102) < self._GO_ON
        count = 1 + np.where(more, 1 + (3.0 * uniform(key, 103)).astype(np.int64), 0)
        fetched = Fetches.of(people, rows, count, day, start=come % DAY, gap=0 * come + 30.0)
        group = context.law.group_of(context.law.used(uniform(np.repeat(link, count), 2)))
        first = context.law.within(group, uniform(np.repeat(link, count), 3))
        later = context.law.within(group, uniform(fetched.key, 4))
        return fetched.events(people, np.where(fetched.nth == 0, first, later))


class LinkFollower(Surfer):
    """Works through an old list of links once: 20 to 200 pages, a third to two thirds of them gone.

    Source: assumed; links of articles decay by about a third within ten years (Zittrain, Albert and
    Lessig, Legal Information Management 14, 2014).
    """

    name: ClassVar[str] = "links"

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the links on the day on which the list is read."""
        key = people.key[rows]
        due = (uniform(key, 101) * context.days).astype(np.int64) == day
        rows, key = rows[due], key[due]
        count = log_uniform(key, 102, 20.0, 200.0).astype(np.int64)
        gap = log_uniform(key, 103, 3.0, 60.0)
        start = HOUR * (8.0 + 10.0 * uniform(key, 104))
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        gone = np.repeat(1 / 3 + uniform(key, 105) / 3, count)
        response = np.where(uniform(fetched.key, 1) < gone, MISSING, ITEM)
        return fetched.events(people, context.law.used(uniform(fetched.key, 2)), response=response)


class MemberReader(Surfer):
    """Reads articles with a login, as ``reader`` does: a median of 3 on 10 to 70 % of days.

    Six of ten articles of a day are of one group, such as a journal. Source: as for ``reader``.
    """

    name: ClassVar[str] = "member"

    _OFTEN: ClassVar[tuple[float, float]] = (0.1, 0.7)
    _MEDIAN: Final = 3.0
    _SPREAD: Final = 1.18
    _LARGEST: Final = 120.0

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the articles of a day."""
        today = derive_keys(people.key[rows], 8000 + day)
        reads = uniform(today, 1) < log_uniform(people.key[rows], 100, *self._OFTEN)
        rows, today = rows[reads], today[reads]
        many = np.exp(np.log(self._MEDIAN) + self._SPREAD * normal(today, 2))
        count = np.clip(many, 1.0, self._LARGEST).astype(np.int64)
        start = HOUR * (8.0 + 13.0 * uniform(today, 3))
        gap = log_uniform(today, 4, 40.0, 600.0)
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        page = pages_of(context, np.repeat(today, count), fetched.key)
        return fetched.events(people, page, response=broken(fetched.key, _BROKEN))

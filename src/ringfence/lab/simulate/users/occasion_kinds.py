"""Kinds of users who act together for an honest reason: shops of a chain, release nights."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.texts import PER_DAY
from ringfence.lab.simulate.users.fetches import Fetches, log_uniform
from ringfence.lab.simulate.users.group_kinds import group_keys
from ringfence.lab.simulate.users.kind import UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.reader_kinds import ArticleReader
from ringfence.lab.simulate.users.tastes import items_of
from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import DAY, HOUR


class ChainShop(UserKind):
    """Plays the programme of its chain from opening to closing, as all shops of the chain do.

    About 20 shops, with one account each, play the same track within seconds. They open for 9 to 12
    hours. A third of the chains are closed on Sundays. The programme has 300 to 3,000 tracks in
    random order, and a twelfth of it is renewed every week. Source: providers of music for retail
    describe centrally programmed channels on which every location hears the same at the same time,
    by schedules of the day (https://umix.com/music-for-retail-stores); the numbers are assumed.
    """

    name: ClassVar[str] = "chain"
    # The programme is all that a shop plays.
    streams: ClassVar[bool] = False
    together: ClassVar[int] = 20
    shares_network: ClassVar[bool] = False

    _PLAY: Final = 200.0
    """Seconds of a track."""
    _LATE: Final = 20.0
    """Seconds by which the player of a shop is late, at most."""
    _RENEWED: Final = 12
    """Weeks for which a slot of the programme lasts."""
    _TASTE: Final = 2_000.0
    """Number of artists of a programme, the same as for a single shop."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the programme of the day for all shops that are open."""
        chain = group_keys(self.group_of(people.key[rows], context), context, 4)
        is_open = ((context.weekday + day) % 7 < 6) | (uniform(chain, 1) >= 1 / 3)
        rows, chain = rows[is_open], chain[is_open]
        count = (HOUR * (9.0 + 3.0 * uniform(chain, 2)) / self._PLAY).astype(np.int64)
        zero = np.zeros(len(rows))
        fetched = Fetches.of(people, rows, count, day, start=zero, gap=zero + 1.0)
        program = np.repeat(chain, count)
        start = HOUR * (7.0 + 3.0 * uniform(program, 3)) + self._PLAY * fetched.nth
        late = self._LATE * uniform(fetched.key, 2)
        second = day * DAY + (start + late).astype(np.int64)
        played = Fetches(fetched.row, fetched.nth, fetched.key, second)
        track = derive_keys(derive_keys(program, 5_000 + day), fetched.nth)
        slot = (log_uniform(program, 4, 300.0, 3_000.0) * uniform(track, 1)).astype(np.int64)
        find = derive_keys(
            derive_keys(program, slot + (1 << 32)), (day // 7 + slot) // self._RENEWED
        )
        item = items_of(context.law, program, np.full(len(slot), self._TASTE), find)
        return played.events(people, item)


class ReleaseFollower(ArticleReader):
    """Takes the releases of its publisher within minutes of midnight, on half of all nights.

    About 30 accounts follow a publisher, and four of five are present. A release has 1 to 12 items
    and appears a minute after midnight. Half of the accounts get a push message and fetch within a
    minute. The others come four minutes later on average, and open one item after another. In
    addition, followers read a third as much as other readers. Source: new music appears at 00:01 on
    Fridays in more than 45 countries (https://fortune.com/2015/07/09/new-music-global-release-day),
    and feeds with push are read within five minutes (WebSub, as the podcast service Taddy describes
    it). Numbers and the frequency are assumed; serials and newspapers release every day.
    """

    name: ClassVar[str] = "release"
    together: ClassVar[int] = 30
    shares_network: ClassVar[bool] = False

    _NIGHTS: Final = 0.5
    _PRESENT: Final = 0.8
    _PUSHED: Final = 0.5
    _MOST: Final = 12
    _WAIT: Final = 240.0
    """Mean seconds after which accounts without a push message come."""

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Add the releases of the night to the follower's own reading."""
        key = people.key[rows]
        reads = super().fetches(people, rows[uniform(key, 9200 + day) < 1 / 3], context, day)
        publisher = group_keys(self.group_of(key, context), context, 5)
        night = derive_keys(publisher, day)
        there = uniform(derive_keys(key, 9300 + day), 1) < self._PRESENT
        there &= uniform(night, 1) < self._NIGHTS
        rows, key, night = rows[there], key[there], night[there]
        count = 1 + (self._MOST * uniform(night, 2)).astype(np.int64)
        pushed = uniform(key, 120) < self._PUSHED
        today = derive_keys(key, 9500 + day)
        waits = -self._WAIT * np.log1p(-uniform(today, 1))
        start = 60.0 + np.where(pushed, 60.0 * uniform(today, 2), waits)
        gap = np.where(pushed, 2.0, log_uniform(today, 3, 20.0, 240.0))
        fetched = Fetches.of(people, rows, count, day, start=start, gap=gap)
        at_once = day * DAY + (start.repeat(count) + gap.repeat(count) * fetched.nth).astype(int)
        released = Fetches(fetched.row, fetched.nth, fetched.key, at_once)
        first = (uniform(night, 3) * (PER_DAY - self._MOST)).astype(np.int64)
        item = context.texts.article(np.full(len(released), day), first.repeat(count) + fetched.nth)
        return joined([reads, released.events(people, item)])

"""Kinds of honest users who look like extractors: each does what it says, in the stated amounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import SURFACE_NAMES, EventColumns, joined
from ringfence.lab.simulate.texts import PARTS_PER_WORK, PER_DAY, POSTS_PER_DAY, WORKS, Texts
from ringfence.lab.simulate.users import KINDS, MODELS, Mix, Users
from ringfence.lab.simulate.users.offline_kinds import DEVICE_LIMIT

DAYS = 28
DAY = 86_400
LAW = CatalogueLaw.of(500_000)


@dataclass(frozen=True)
class Crowd:
    """Some users of one kind and what they did in four weeks."""

    users: Users
    events: EventColumns

    def per_account(self, surface: str | None = None) -> list[EventColumns]:
        """Return the events of each account that has any, in the order of time."""
        events = self.events
        if surface is not None:
            events = events.at(np.flatnonzero(events.surface == SURFACE_NAMES.index(surface)))
        events = events.at(np.lexsort((events.second, events.account)))
        cuts = np.flatnonzero(np.diff(events.account)) + 1
        return [events.at(rows) for rows in np.split(np.arange(len(events)), cuts)]


@cache
def crowd(kind: str, accounts: int = 60) -> Crowd:
    """Return users of one kind only."""
    users = Users(LAW, Mix(accounts, {kind: accounts}), days=DAYS, weekday=0, seed=7)
    return Crowd(users, joined(list(users.block(0, accounts))))


def texts() -> Texts:
    """Return the texts of these scenarios."""
    return Texts(LAW.items, LAW.groups, DAYS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[11:])
def test_events_are_those_of_blocks_and_near_their_days(kind: str) -> None:
    """A block made alone has the same events; no event lies more than a day before its day."""
    whole = crowd(kind)
    for day, alone in enumerate(whole.users.block(20, 40)):
        assert len(alone) == 0 or alone.second.min() >= (day - 1) * DAY
    alone = joined(list(whole.users.block(20, 40)))
    inside = (whole.events.account >= 20) & (whole.events.account < 40)
    same = whole.events.at(np.flatnonzero(inside))
    for name in ("second", "account", "item", "seconds", "surface"):
        assert np.array_equal(np.sort(getattr(alone, name)), np.sort(getattr(same, name)))


def test_syncers_download_whole_albums_up_to_the_limit_of_a_device() -> None:
    """Libraries have hundreds to thousands of tracks, mostly neighbours on albums."""
    held = [np.unique(one.item) for one in crowd("sync").per_account("download")]
    sizes = np.array([len(items) for items in held])
    assert len(held) == 60
    assert 300 <= sizes.min() < 1_000 < np.median(sizes) < 4_000 < sizes.max()
    assert sizes.max() < DEVICE_LIMIT + 1_000
    public = [np.sort(LAW.public(items)) for items in held]
    assert np.mean([np.mean(np.diff(numbers) == 1) for numbers in public]) > 0.6


def test_some_syncers_never_stream() -> None:
    """About half of them have downloads only."""
    streaming = {int(one.account[0]) for one in crowd("sync").per_account("stream")}
    assert 15 < len(streaming) < 45


def test_syncers_have_their_own_taste() -> None:
    """Two libraries have little in common."""
    held = [np.unique(one.item) for one in crowd("sync").per_account("download")][:20]
    shared = [len(np.intersect1d(a, b)) / min(len(a), len(b)) for a in held for b in held]
    assert np.median(shared) < 0.25


def test_switchers_look_up_a_library_once_before_they_download() -> None:
    """Every switcher has 300 look-ups and more, all within hours, before any other event."""
    for one in crowd("switcher").per_account():
        looked = one.second[one.surface == SURFACE_NAMES.index("metadata")]
        assert len(looked) >= 300
        assert np.ptp(looked) < DAY / 2
        assert one.second.min() > looked.min() - 2 * DAY


def test_a_new_phone_is_filled_in_one_evening() -> None:
    """Each user downloads 300 to 3,000 tracks once, give or take a track that comes twice."""
    for one in crowd("phone").per_account("download"):
        assert 300 <= len(one) <= 3_000
        assert np.ptp(one.second) < DAY / 3


def test_page_readers_go_page_by_page() -> None:
    """Their ids rise by one, at most 200 per day, on nearly every day."""
    for one in crowd("pages").per_account():
        steps = np.diff(one.item)
        assert np.mean(steps == 1) > 0.99
        per_day = np.bincount(one.second // DAY + 1)
        assert 10 < per_day[per_day > 0].mean() <= 200


def test_a_feed_is_taken_in_the_order_of_its_ids() -> None:
    """Items are at most two days old, and rise with time."""
    oldest = int(texts().post(np.array([-183]), np.array([0]))[0])
    sizes = []
    for one in crowd("feed").per_account():
        age = one.second // DAY - ((one.item - oldest) // POSTS_PER_DAY - 183)
        assert age.min() >= 0
        assert age.max() <= 3
        assert np.corrcoef(one.second, one.item)[0, 1] > 0.99
        sizes.append(one.item.size)
    assert min(sizes) < 400
    assert 2_000 < max(sizes) < 200 * DAYS


def test_a_class_opens_the_same_text_in_the_same_minute() -> None:
    """Most pupils of a class meet others in some minute; the class shares one network."""
    events = crowd("class").events
    moment = np.stack([events.item, events.second // 60], axis=1)
    _, which, count = np.unique(moment, axis=0, return_inverse=True, return_counts=True)
    together = count[which.ravel()] >= 5
    assert len(np.unique(events.account[together])) > 50
    assert crowd("class").users.group(np.arange(60), KINDS.index("class")).max() == 1


def test_a_chain_plays_one_programme_in_all_shops() -> None:
    """All open shops of a chain take the same track within seconds, and most tracks again later."""
    users, events = crowd("chain").users, crowd("chain").events
    group = users.group(np.arange(60), KINDS.index("chain"))
    assert len(np.unique(group)) == 3
    for number in range(3):
        own = events.at(np.flatnonzero(group[events.account] == number))
        shops = len(np.unique(own.account))
        second = np.sort(own.second)
        at_once = np.diff(np.flatnonzero(np.diff(second, prepend=-DAY) > 100))
        assert np.mean(at_once == shops) > 0.99
        one = own.at(np.flatnonzero(own.account == own.account[0]))
        assert 3_000 < len(one) < 28 * 220
        assert np.unique(one.item).size < 0.7 * len(one)
        hour = one.second % DAY // 3_600
        assert 7 <= hour.min() <= hour.max() < 22


def test_followers_take_a_release_within_minutes_of_midnight() -> None:
    """On about half of the nights, most followers take the same new items; half within a minute."""
    users, events = crowd("release").users, crowd("release").events
    group = users.group(np.arange(60), KINDS.index("release"))
    night = events.at(np.flatnonzero(events.second % DAY < 3_600))
    age = night.second // DAY - ((night.item - LAW.items) // PER_DAY - 183)
    assert np.mean(age == 0) > 0.95
    for number in range(2):
        own = night.at(np.flatnonzero(group[night.account] == number))
        nights, count = np.unique(own.second // DAY, return_counts=True)
        assert 6 <= np.sum(count > 20) <= 22
        assert nights.size >= 6
        first = own.second % DAY
        assert 0.3 < np.mean(first < 150) < 0.8


def test_a_seminar_divides_its_list() -> None:
    """Members of one seminar have hardly any text of the list in common."""
    users, events = crowd("seminar").users, crowd("seminar").events
    group = users.group(np.arange(60), KINDS.index("seminar"))
    assert len(np.unique(group)) == 4
    mine = [set(events.item[events.account == a].tolist()) for a in np.flatnonzero(group == 0)]
    shared = [len(a & b) for n, a in enumerate(mine) for b in mine[:n]]
    assert np.median(shared) <= 5


def test_reference_managers_fetch_hundreds_of_papers_in_one_night() -> None:
    """The fullest day has 300 to 1,500 downloads, an ordinary day has few."""
    for one in crowd("references").per_account("download"):
        per_hour = np.bincount((one.second - one.second.min()) // 3600)
        best = max(per_hour[n : n + 6].sum() for n in range(len(per_hour)))
        assert 300 <= best <= 1_500


def test_archive_bingers_take_most_of_two_days_that_follow_each_other() -> None:
    """Their items are of two days of the archive."""
    for one in crowd("archive").per_account():
        days = np.unique((one.item - LAW.items) // PER_DAY)
        assert days.size == 2
        assert np.ptp(days) == 1
        assert 80 <= np.unique(one.item).size <= 120


def test_editions_are_disjoint() -> None:
    """Each user reads in one of twenty languages, and two languages share no article."""
    languages = [np.unique((one.item - LAW.items) % 20) for one in crowd("edition").per_account()]
    assert all(language.size <= 2 for language in languages)
    assert np.unique(np.concatenate(languages)).size > 10


@pytest.mark.parametrize("kind", ["mining", "preserver"])
def test_harvests_go_through_works_in_order(kind: str) -> None:
    """Nearly every item follows the one before it, and volumes follow each other."""
    for one in crowd(kind, 10).per_account():
        assert np.mean(np.diff(one.item) == 1) > 0.99
        assert np.unique((one.item - LAW.items - texts().articles) // PARTS_PER_WORK).size > 1


def test_kinds_with_clients_of_their_own_are_the_declared_ones() -> None:
    """Programs that give their names and managed browsers have clients; people have their own."""
    named = {model.name for model in MODELS if model.clients}
    assert named == {"references", "room", "campus", "preserver", "checker", "institution"}


def test_texts_have_groups_and_rise_with_time() -> None:
    """An article's group is its day; a part's group is its work; numbers rise with the day."""
    known = texts()
    days = np.arange(-183, DAYS)
    articles = known.article(days, 0 * days)
    assert (np.diff(articles) == PER_DAY).all()
    assert articles[0] == LAW.items
    assert (known.group_of(articles) == LAW.groups + np.arange(days.size)).all()
    part = known.part(np.array([0, 0, 1]), np.array([0, PARTS_PER_WORK, 0]))
    assert part[1] == part[2]
    assert np.diff(known.group_of(part)[:2]).tolist() == [1]
    assert part[0] == LAW.items + known.articles
    posts = known.post(days, 0 * days)
    assert (np.diff(posts) == POSTS_PER_DAY).all()
    assert posts[0] == part[0] + WORKS * PARTS_PER_WORK
    assert (np.diff(known.group_of(posts)) == 1).all()
    assert known.group_of(posts[:1]) == known.group_of(part[:1]) + WORKS


def test_tracks_of_a_group_can_be_listed_in_the_order_of_their_numbers() -> None:
    """The nth track of a group has the nth smallest public number, and no track is missing."""
    for group in (0, 5, 400, 20_000):
        size = int(LAW.size_of(np.array([group]))[0])
        listed = LAW.in_order(np.full(size, group), np.arange(size))
        assert (np.diff(LAW.public(listed)) == 1).all()
        assert set(listed.tolist()) == set(LAW.whole(group).tolist())

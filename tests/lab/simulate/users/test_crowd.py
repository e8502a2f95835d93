"""The crowd of users: reproducible, one thing at a time, every kind as it says."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.users import KINDS, Mix, Users

DAYS = 28
MIX = Mix(
    120,
    {
        "collector": 8, "shop": 6, "family": 10, "newcomer": 12, "binger": 10, "shuffler": 10,
        "follower": 20, "granted": 6, "crawler": 6,
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def users() -> Users:
    """120 accounts of all kinds over four weeks."""
    law = CatalogueLaw.of(500_000)
    return Users(law, MIX, days=DAYS, weekday=2, seed=11)


@pytest.fixture(scope="module")
def days(users: Users) -> list[EventColumns]:
    """The events of each day."""
    return list(users.block(0, users.accounts))


@pytest.fixture(scope="module")
def events(days: list[EventColumns]) -> EventColumns:
    """All events."""
    return joined(days)


def _of(users: Users, events: EventColumns, kind: str) -> EventColumns:
    code = KINDS.index(kind)
    return events.at(np.flatnonzero(users.kind[events.account] == code))


def _repeats(events: EventColumns) -> float:
    pairs = np.unique(np.stack([events.account, events.item]), axis=1)
    return 1.0 - pairs.shape[1] / len(events)


def test_kinds_are_as_many_as_asked_and_interleaved(users: Users) -> None:
    """Counts are those of the mix; no kind stands in one stretch of numbers."""
    assert tuple(np.bincount(users.kind, minlength=len(KINDS))) == MIX.counts()
    followers = np.flatnonzero(users.kind == KINDS.index("follower"))
    assert np.ptp(followers) > 60


def test_blocks_are_slices_of_the_crowd(users: Users, days: list[EventColumns]) -> None:
    """A block made alone has the same events, byte by byte, as in the block of all."""
    for alone, together in zip(users.block(40, 65), days, strict=True):
        inside = (together.account >= 40) & (together.account < 65)
        same = together.at(np.flatnonzero(inside))
        for name in ("second", "account", "item", "seconds", "surface"):
            assert (getattr(alone, name) == getattr(same, name)).all()


def test_another_seed_gives_other_users(users: Users, days: list[EventColumns]) -> None:
    """Neither the kinds nor the events are those of another seed."""
    law = CatalogueLaw.of(500_000)
    other = Users(law, MIX, days=1, weekday=2, seed=12)
    assert (other.kind != users.kind).any()
    first = next(other.block(0, 120))
    assert not np.array_equal(first.item[:50], days[0].item[:50])


def test_nobody_plays_two_things_at_once(users: Users, events: EventColumns) -> None:
    """A play lasts until the next one at most, but in families."""
    family = users.kind[events.account] == KINDS.index("family")
    plays = events.at(np.flatnonzero(~family & (events.surface == 0)))
    order = np.lexsort((plays.second, plays.account))
    plays = plays.at(order)
    same = plays.account[1:] == plays.account[:-1]
    ends = plays.second[:-1] + plays.seconds[:-1]
    assert (ends[same] <= plays.second[1:][same]).all()
    assert (plays.seconds >= 1).all()
    assert (plays.seconds <= 400).all()


def test_days_lie_near_their_midnights(days: list[EventColumns]) -> None:
    """A user's day begins and ends within a day of that of the scenario."""
    for day, events in enumerate(days):
        assert events.second.min() > (day - 1) * 86_400
        assert events.second.max() < (day + 2) * 86_400


def test_collectors_almost_never_return(users: Users, events: EventColumns) -> None:
    """Of a collector's plays few are repeats, of an ordinary user's about half."""
    assert _repeats(_of(users, events, "collector")) < 0.25
    assert 0.4 < _repeats(_of(users, events, "ordinary")) < 0.75


def test_shops_play_every_day_all_day(users: Users, events: EventColumns) -> None:
    """Each shop has over 100 plays on each day, hardly any of them skipped."""
    shop = _of(users, events, "shop")
    _, plays = np.unique(shop.account, return_counts=True)
    assert (plays > 100 * DAYS).all()
    assert (shop.seconds < 30).mean() < 0.03


def test_families_play_more_than_one_thing_at_once(users: Users, events: EventColumns) -> None:
    """Some plays of a family begin before its last one has ended."""
    family = _of(users, events, "family")
    family = family.at(np.lexsort((family.second, family.account)))
    same = family.account[1:] == family.account[:-1]
    ends = family.second[:-1] + family.seconds[:-1]
    assert (ends[same] > family.second[1:][same]).mean() > 0.05


def test_newcomers_begin_during_the_scenario(users: Users, days: list[EventColumns]) -> None:
    """None plays on the first day, all do in the end, and the first days bring most news."""
    newcomers = np.flatnonzero(users.kind == KINDS.index("newcomer"))
    assert not np.isin(newcomers, days[0].account).any()
    assert np.isin(newcomers, joined(days).account).all()
    events = joined(days)
    early = late = 0
    for account in newcomers:
        own = events.at(np.flatnonzero(events.account == account))
        first_week = own.second < own.second.min() + 7 * 86_400
        early += len(np.unique(own.item[first_week]))
        late += len(np.setdiff1d(own.item[~first_week], own.item[first_week]))
    assert early > late


def test_bingers_have_holidays(users: Users, events: EventColumns) -> None:
    """Some days of bingers have 300 plays and more; their other days are ordinary."""
    binger = _of(users, events, "binger")
    day = binger.second // 86_400
    _, plays = np.unique(binger.account * 1000 + day, return_counts=True)
    assert np.count_nonzero(plays > 300) >= 10
    assert np.median(plays) < 150


def test_shufflers_play_many_of_one_group(users: Users, events: EventColumns) -> None:
    """On some days tens of items in a row are of one group, none of them twice."""
    group_of = CatalogueLaw.of(500_000).group_of
    shuffler = _of(users, events, "shuffler")
    shuffler = shuffler.at(np.lexsort((shuffler.second, shuffler.account)))
    changes = np.flatnonzero(np.diff(group_of(shuffler.item))) + 1
    runs = np.split(shuffler.item, changes)
    longest = max(runs, key=len)
    assert len(longest) >= 50
    assert len(np.unique(longest)) >= 50


def test_followers_play_the_same_list_on_the_same_day(
    users: Users, days: list[EventColumns]
) -> None:
    """On a Friday many followers hold 30 items in common, on other days hardly any do."""

    def alike(day: int) -> int:
        own = _of(users, days[day], "follower")
        held = [set(own.item[own.account == account]) for account in np.unique(own.account)]
        return sum(len(a & b) >= 30 for n, a in enumerate(held) for b in held[:n])

    # Day 0 is a Wednesday.
    assert alike(2) >= 5
    assert alike(9) >= 5
    assert alike(4) < alike(2) // 2


def test_granted_users_download_in_bulk(users: Users, events: EventColumns) -> None:
    """They download hundreds of items a working day, never on weekends, playing nothing."""
    granted = _of(users, events, "granted")
    assert set(granted.surface) == {1}
    assert set(granted.seconds) == {-1}
    _, items = np.unique(granted.account, return_counts=True)
    assert items.min() > 200 * 15


def test_crawlers_read_metadata_round_the_clock(users: Users, events: EventColumns) -> None:
    """Every hour of the day has their events, all of metadata, spread over the catalogue."""
    crawler = _of(users, events, "crawler")
    assert set(crawler.surface) == {2}
    assert len(np.unique(crawler.second % 86_400 // 3600)) == 24
    assert _repeats(crawler) < 0.1
    assert abs(np.median(crawler.item) - 250_000) < 10_000


def test_casual_users_listen_now_and_then() -> None:
    """They are active on a quarter of days, with the plays of a streaming service's user-days."""
    law = CatalogueLaw.of(500_000)
    casual = Users(law, Mix(400, {"casual": 400}), days=DAYS, weekday=0, seed=3)
    events = joined(list(casual.block(0, 400)))
    _, plays = np.unique(events.account * 1000 + events.second // 86_400 + 1, return_counts=True)
    assert 0.2 < len(plays) / (400 * DAYS) < 0.3
    assert np.quantile(plays, [0.5, 0.99]) == pytest.approx([25, 213], rel=0.3)


def test_a_mix_must_add_up() -> None:
    """More special accounts than accounts are refused."""
    with pytest.raises(ValueError, match="fewer than 0"):
        Mix(5, {"shop": 6})
    assert sum(Mix.natural(1_000).counts()) == 1_000

"""Rings: the division of the list between members, and the pace of each member."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import SIZE, ListPool

from ringfence.lab.simulate.event_columns import SURFACE_NAMES, UNKNOWN
from ringfence.lab.simulate.extractors import (
    ByGroup,
    CopiedGroups,
    Downloads,
    Even,
    Greedy,
    Metadata,
    Replacement,
    RingStrategy,
    Shares,
    SlowStart,
    Stolen,
    Strategy,
    Tail,
    Waking,
)
from ringfence.lab.simulate.extractors.item_lists import SplitName

DAY = 86_400


@pytest.mark.parametrize(
    "strategy",
    [
        Even(accounts=7, per_day=100, days=4),
        RingStrategy(accounts=7, per_day=100, days=4, split="blocks"),
        RingStrategy(accounts=7, per_day=100, days=4, split="random"),
        Replacement(accounts=9, per_day=100, days=9, life=3),
        Shares(accounts=50, days=5),
        SlowStart(accounts=7, days=9, growing=5),
        Stolen(accounts=7, per_day=100, days=4),
        Tail(accounts=7, per_day=100, days=4),
        ByGroup(accounts=7, per_day=100, days=4),
        CopiedGroups(accounts=7, per_day=400),
    ],
    ids=lambda strategy: strategy.name,
)
def test_nobody_takes_an_item_twice(strategy: Strategy, pool: ListPool) -> None:
    """Over the whole campaign no item is taken by two members, nor twice by one."""
    events = campaign(strategy, pool)
    assert len(np.unique(events.item)) == len(events)


def test_greedy_is_one_account_in_bursts(pool: ListPool) -> None:
    """It takes the head of the list in its order, some 0.6 s apart, one burst per day."""
    events = campaign(Greedy(per_day=500, days=4), pool)
    gaps = np.diff(events.second)
    assert np.array_equal(events.item, np.arange(2_000))
    assert np.mean(gaps[gaps < 60]) == pytest.approx(0.6, rel=0.1)
    assert np.count_nonzero(gaps > 3600) == 3


@pytest.mark.parametrize(
    ("split", "overlap", "reach"),
    [("interleaved", 1.0, 1_000), ("blocks", 0.0, 4_000), ("random", 1.0, 4_000)],
)
def test_splits(split: SplitName, overlap: float, reach: int, pool: ListPool) -> None:
    """Interleaved members work on one part of the list, blocks are apart, random is anywhere."""
    events = RingStrategy(accounts=10, per_day=100, days=4, split=split).day(pool, 1, 0)
    first, second = (events.item[events.account == account] for account in (0, 1))
    share = np.mean((second > first.min()) & (second < first.max()))
    assert abs(share - overlap) < 0.05
    assert events.item.max() < reach
    assert events.item.max() > 0.9 * reach - 100


def test_even_is_even(pool: ListPool) -> None:
    """Every hour of the day has its share, and jitter keeps pauses from being equal."""
    events = Even(accounts=3, per_day=960, days=2).day(pool, 1, 1)
    own = events.second[events.account == 2] - DAY
    per_hour = np.bincount(own // 3600, minlength=24)
    assert per_hour.min() >= 38
    assert per_hour.max() <= 42
    assert np.std(np.diff(own)) > 20


def test_waking_sleeps(pool: ListPool) -> None:
    """Each member has a pause of eight hours or more between two days."""
    events = campaign(Waking(accounts=8, per_day=200, days=3), pool)
    for account in range(8):
        own = np.sort(events.second[events.account == account])
        assert np.count_nonzero(np.diff(own) > 8 * 3600) == 2


def test_shares_are_small_and_differ(pool: ListPool) -> None:
    """Members take 100 to 300 items in all, evenly spread over the days."""
    events = campaign(Shares(accounts=60, least=100, most=300, days=10), pool)
    size = np.bincount(events.account)
    assert size.min() >= 100
    assert size.max() <= 300
    assert size.std() > 40
    first = np.bincount(Shares(accounts=60, days=10).day(pool, 1, 0).account)
    assert np.abs(first - size / 10).max() <= 1


def test_by_group_takes_whole_groups(pool: ListPool) -> None:
    """No group is divided: all ten items of it go to one member."""
    events = campaign(ByGroup(accounts=4, per_day=50, days=2), pool)
    groups, owners = np.unique([events.item // SIZE, events.account], axis=1)
    assert len(groups) == len(np.unique(groups)) == 40
    assert np.bincount(owners).tolist() == [10, 10, 10, 10]


def test_a_disguised_copy_is_one_burst_of_downloads(pool: ListPool) -> None:
    """Each account downloads whole groups within minutes, and nothing afterwards."""
    events = campaign(CopiedGroups(accounts=3, per_day=400), pool)
    assert np.bincount(events.account).tolist() == [400, 400, 400]
    assert set(events.surface) == {SURFACE_NAMES.index("download")}
    for number in range(3):
        own = np.sort(events.second[events.account == number])
        assert own[-1] - own[0] < 600
    groups, owners = np.unique([events.item // SIZE, events.account], axis=1)
    assert len(groups) == len(np.unique(groups)) == 120
    assert np.bincount(owners).tolist() == [40, 40, 40]


def test_tail_is_tail(pool: ListPool) -> None:
    """All parts of the catalogue are taken alike, the famous ones at most as often as others."""
    events = campaign(Tail(accounts=10, per_day=100, days=10), pool)
    share = np.bincount(events.item // 100_000, minlength=10) / len(events)
    assert share.max() < 0.12
    assert share.min() > 0.08


def test_accounts_are_replaced(pool: ListPool) -> None:
    """Each lives a week; successors go on in the list where their predecessors ended."""
    strategy = Replacement(accounts=6, per_day=20, days=21, life=7)
    days = [strategy.day(pool, 1, day) for day in range(21)]
    assert [np.unique(events.account).tolist() for events in days[::7]] == [[0, 1], [2, 3], [4, 5]]
    for before, after in pairwise(days):
        assert before.item.max() + 1 == after.item.min()


def test_slow_start_grows(pool: ListPool) -> None:
    """Days grow by the same factor from a user's to the full pace, and stay there."""
    strategy = SlowStart(first=50.0, per_day=800, growing=4, days=7)
    sizes = [len(strategy.day(pool, 1, day)) for day in range(7)]
    assert sizes == pytest.approx([50, 100, 200, 400, 800, 800, 800], abs=1)


def test_metadata_streams_nothing(pool: ListPool) -> None:
    """All takes are of metadata, and nothing is played."""
    events = Metadata(per_day=500).day(pool, 1, 0)
    assert (events.surface == SURFACE_NAMES.index("metadata")).all()
    assert (events.seconds == UNKNOWN).all()


def test_downloads_stream_nothing(pool: ListPool) -> None:
    """All takes are downloads, and nothing is played."""
    events = Downloads(accounts=3, days=3).day(pool, 1, 0)
    assert len(events) == 3 * 150
    assert (events.surface == SURFACE_NAMES.index("download")).all()
    assert (events.seconds == UNKNOWN).all()


def test_only_stolen_accounts_are_stolen() -> None:
    """The mark that maps accounts to users is on one strategy."""
    assert Stolen().stolen
    assert not RingStrategy().stolen


def test_seconds_played_follow_the_setting(pool: ListPool) -> None:
    """Nothing is known, or an item's own length, or a third is skipped and none overlaps."""
    none, full, human = (
        RingStrategy(per_day=300, clock="human", played=played).day(pool, 1, 0)
        for played in ("none", "full", "human")
    )
    assert (none.seconds == UNKNOWN).all()
    assert full.seconds.min() >= 100
    assert np.array_equal(
        full.seconds, RingStrategy(per_day=300, played="full").day(pool, 2, 0).seconds
    )
    assert np.mean(human.seconds < 30) == pytest.approx(0.35, abs=0.08)
    assert (human.seconds[:-1] <= np.diff(human.second) + 1).all()


def test_the_restless_take_breaks_but_never_sleep(pool: ListPool) -> None:
    """Sittings fill nearly all hours of three days; who sleeps is gone for six in a row or more."""
    quiet = []
    for clock in ("restless", "human"):
        strategy = RingStrategy(accounts=1, per_day=400, days=3, clock=clock)
        second = np.concatenate([strategy.day(pool, 1, day).second for day in range(3)])
        used = np.unique(second // 3600)
        quiet.append(int(np.diff(used).max()) - 1)
        assert np.bincount(second // 3600 - used[0]).std() > 4
    assert quiet[0] <= 2
    assert quiet[1] >= 6

"""Listeners: how many days, which hours, what they return to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringfence.lab.simulate.access_log.listening import listener_uses
from ringfence.lab.simulate.access_log.population import (
    DAY_MAX,
    Population,
    active_days,
    make_population,
)
from ringfence.lab.simulate.access_log.sessions import schedule
from ringfence.lab.simulate.access_log.taste import played
from ringfence.lab.simulate.access_log.tracks import Tracks
from ringfence.lab.simulate.access_log.uses import DAY

_NOBODY = np.array([], np.int64)


@pytest.fixture(scope="module")
def people() -> Population:
    """Five hundred listeners."""
    return make_population(np.random.default_rng(1), 500)


@pytest.fixture(scope="module")
def tracks() -> Tracks:
    """A catalogue."""
    return Tracks.make(np.random.default_rng(1))


@pytest.mark.parametrize("plays", [100, 40_000, 2_000_000])
def test_active_days_add_up(people: Population, plays: int) -> None:
    """However many plays are asked for, exactly so many are spread over the days."""
    days = active_days(np.random.default_rng(2), people, plays, _NOBODY)
    assert int(days.plays.sum()) == plays
    assert days.plays.min() >= 1
    assert len(np.unique(days.listener * 7 + days.day)) == len(days.plays)


def test_everybody_listens_before_anybody_listens_twice(people: Population) -> None:
    """With plays enough all have an active day, but those whose week is made elsewhere."""
    others = np.array([3, 4])
    days = active_days(np.random.default_rng(2), people, 44_000, others)
    assert set(days.listener.tolist()) == set(range(500)) - {3, 4}
    assert days.plays.max() <= DAY_MAX


def test_plays_of_a_day_follow_one_another(people: Population) -> None:
    """Nobody plays two things at once, and no listening day is longer than a day."""
    days = active_days(np.random.default_rng(2), people, 40_000, _NOBODY)
    plan = schedule(np.random.default_rng(3), people, days)
    day = np.repeat(np.arange(len(days.plays)), days.plays)
    same = day[1:] == day[:-1]
    assert np.diff(plan.second)[same].min() >= 3.0
    length = np.array([np.ptp(part) for part in np.split(plan.second, np.cumsum(days.plays)[:-1])])
    assert length.max() < DAY


def test_sessions_hold_5_to_40_plays(people: Population) -> None:
    """Sessions hold at most 40 plays, and at least 2 where the day has more than one session."""
    days = active_days(np.random.default_rng(2), people, 40_000, _NOBODY)
    plan = schedule(np.random.default_rng(3), people, days)
    size = np.bincount(plan.session)
    assert size.max() <= 40
    assert 5 <= np.median(size) <= 30


@pytest.mark.parametrize(("faithful", "low", "high"), [(0.0, 0.0, 0.1), (0.9, 0.5, 0.95)])
def test_returns_follow_faithfulness(
    people: Population, tracks: Tracks, faithful: float, low: float, high: float
) -> None:
    """Who never returns has almost no repeats; who nearly always does has mostly repeats."""
    alike = replace(
        people, faithful=np.full(500, faithful), artists=np.full(500, 400), volume=np.full(500, 4.0)
    )
    days = active_days(np.random.default_rng(2), alike, 80_000, _NOBODY)
    plan = schedule(np.random.default_rng(3), alike, days)
    track = played(np.random.default_rng(4), alike, tracks, plan)
    held = len(np.unique(plan.listener * 2**32 + track))
    assert low <= 1 - held / len(track) <= high


def test_people_differ_in_taste(people: Population, tracks: Tracks) -> None:
    """Two people share few tracks: measured Jaccard is .015 at the median, .225 at most."""
    uses = listener_uses(np.random.default_rng(2), people, tracks, 100_000, _NOBODY)
    holdings = [set(uses.track[uses.account == n].tolist()) for n in range(40)]
    shared = [len(a & b) / len(a | b) for a in holdings for b in holdings if a is not b and a]
    assert np.median(shared) < 0.03
    assert max(shared) < 0.3


def test_large_populations_are_worked_on_in_blocks(tracks: Tracks) -> None:
    """More plays than fit a block still make exactly that many, of all listeners."""
    people = make_population(np.random.default_rng(1), 8_000)
    uses = listener_uses(np.random.default_rng(2), people, tracks, 700_000, _NOBODY)
    assert len(uses) == 700_000
    assert len(np.unique(uses.account)) == 8_000

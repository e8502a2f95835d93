"""Test the scores of users alone, and the thresholds chosen from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.lab.evaluate.ring_in_a_crowd import MEMBERS, ring_in_a_crowd

from ringfence.lab.evaluate import Population, UsersAlone, open_population
from ringfence.lab.evaluate.detectors import Detector, Ringfence, RingfenceWithRings
from ringfence.lab.evaluate.detectors.baselines import DISTINCT_PER_DAY
from ringfence.lab.evaluate.replay import ScoreHistory
from ringfence.lab.evaluate.users_alone import (
    KindOfUsers,
    accusation_threshold,
    month_ends,
    score_users_alone,
)
from ringfence.settings import Settings
from ringfence.testing import extractor, together, users, write_events

DAY = 86_400


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Population:
    """Return sixty ordinary users, and one that takes as much as an extractor."""
    folder = tmp_path_factory.mktemp("heavy")
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    write_events(folder / "users.parquet", together(users(60), bold))
    return open_population(str(folder / "users.parquet"), settings, folder)


def end(population: Population) -> int:
    """Return the end of a population."""
    return population.start + population.days * DAY


@pytest.fixture(scope="module")
def alone(heavy: Population) -> UsersAlone:
    """Score the users in the middle and at the end."""
    steps: list[str] = []
    moments = (heavy.start + 5 * DAY, end(heavy))
    found = score_users_alone(heavy, [Ringfence(), DISTINCT_PER_DAY], moments, steps.append)
    assert steps == ["users alone, 1 of 2", "users alone, 2 of 2"]
    return found


@pytest.mark.slow
def test_an_accused_user_is_named_once(alone: UsersAlone) -> None:
    """A user accused at two moments is listed once, and is not a suspect."""
    assert alone.accused == (("bold", "user"),)
    assert "bold" not in dict(alone.suspected)
    assert alone.kinds == (KindOfUsers("user", 61, 1, 0, alone.p_values[0]),)
    assert alone.in_rings is None


def test_p_values_are_those_of_users_at_the_end(alone: UsersAlone) -> None:
    """There is one p-value per user, in ascending order, and the smallest is the heavy user's."""
    assert alone.p_values.size == 61
    assert np.array_equal(alone.p_values, np.sort(alone.p_values))
    assert alone.p_values[0] < 1e-6 < alone.p_values[1]


def test_the_highest_score_is_the_heavy_users(alone: UsersAlone) -> None:
    """The highest score of a detector at the end is that of the user who takes most."""
    assert alone.highest["distinct-per-day"] == 24 * 60


@pytest.mark.slow
def test_accounts_with_bulk_access_are_not_users(heavy: Population) -> None:
    """An accused account under a grant is listed apart, and does not set any threshold."""
    granted = replace(heavy, kinds={"bold": "granted"})
    found = score_users_alone(granted, [DISTINCT_PER_DAY], (end(heavy),), lambda _: None)
    assert (found.accused, found.bulk) == ((), (("bold", "granted"),))
    assert [(one.kind, one.users, one.accused) for one in found.kinds] == [
        ("granted", 1, 1),
        ("user", 60, 0),
    ]
    assert found.bulk_keys.size == 1
    assert found.p_values.size == 60
    assert found.highest["distinct-per-day"] < 24 * 60


@pytest.mark.slow
def test_members_of_rings_are_counted_if_rings_are_searched(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> None:
    """A detector with rings makes the evaluation name all users in a ring."""
    folder = tmp_path_factory.mktemp("ring")
    write_events(folder / "log.parquet", ring_in_a_crowd())
    population = open_population(str(folder / "log.parquet"), settings, folder)
    found = score_users_alone(
        population, [RingfenceWithRings()], (end(population),), lambda _: None
    )
    assert [name for name, _ in found.in_rings or ()] == list(MEMBERS)


class NamedDetector(Detector):
    """A detector with a name and a threshold, which scores nobody."""

    about = "a test's"

    def __init__(self, threshold: float | None) -> None:
        self.name = "distinct-per-day"
        self.threshold = threshold

    def scores(self, ledger: Any) -> Any:  # noqa: ANN401 - never called
        """Never return."""
        raise AssertionError(ledger)


def history(threshold: float | None, highest: list[float]) -> ScoreHistory:
    """Return the history of a detector with the highest scores of users beside an attack."""
    none = np.zeros(0, np.uint64)
    keys = np.arange(len(highest), dtype=np.uint64)
    return ScoreHistory(NamedDetector(threshold), none, none, [], [], keys, np.array(highest))


@pytest.mark.parametrize(
    ("threshold", "highest", "expected"),
    [(41.0, [5000.0], 41.0), (None, [3.0], 1440.0), (None, [3.0, 5000.0], 5000.0)],
    ids=["own", "alone", "beside the attack"],
)
def test_thresholds(
    alone: UsersAlone, threshold: float | None, highest: list[float], expected: float
) -> None:
    """A detector keeps its threshold; without one it gets the next number above all users."""
    chosen = accusation_threshold(history(threshold, highest), alone)
    assert chosen == (expected if threshold else np.nextafter(expected, np.inf))


def test_month_ends() -> None:
    """There is a moment after every 30 days, and one at the end."""
    assert month_ends(0, 30 * DAY) == (30 * DAY,)
    assert month_ends(0, 61 * DAY) == (30 * DAY, 60 * DAY, 61 * DAY)
    assert month_ends(7, 10 * DAY) == (10 * DAY,)

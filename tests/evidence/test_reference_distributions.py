"""The reference distributions against people on whom they were not measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats
from tests.evidence.listeners import person_months

from ringfence.evidence import CannotRun, Context
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.bursts import OFFSET, Bursts
from ringfence.evidence.novelty import USERS_RETURNS, Novelty
from ringfence.evidence.order import Order
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.pace import Pace
from ringfence.evidence.reference_distributions import (
    DIRECTIONS,
    GENERAL,
    LIBRARY,
    MUSIC,
    REFERENCE_DISTRIBUTIONS,
    Kind,
)
from ringfence.evidence.rhythm import HOURS_IN_USE
from ringfence.evidence.speed import PEAK, SUSTAINED_HOURS
from ringfence.evidence.volume import BEST_WINDOWS
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import calibrate, rank_p_values
from ringfence.testing import small_ledger

LONG_WINDOWS = {"volume_90": (4372, 5717), "volume_180": (6942, 9904), "volume_365": (9837, 16365)}
"""New items over longer windows: the 95 % quantile and the maximum of 96 people."""

SINGLE = {"breadth": Breadth(), "overlap": Overlap()}
PEAKS = {"speed": "peak", "speed_8": "sustained"}
FEW = {"pace_day"}
"""Statistics that were measured in a few dozen months only."""
MONTHLY = [name for name in MUSIC if name not in LONG_WINDOWS and name != "breadth_long"]


@pytest.fixture(scope="module")
def held_out() -> Iterator[Context]:
    """Return the months of the people held out, each as one account."""
    with person_months("held out") as context:
        yield context


def measured(context: Context, name: str) -> Floats:
    """Return a statistic of every person-month that its evidence test measures."""
    if name in SINGLE:
        return SINGLE[name].score(context).observed
    if name in PEAKS:
        return np.asarray(
            context.engine.columns(PEAK, {"sustained": SUSTAINED_HOURS})[PEAKS[name]], float
        )
    if name == "bursts":
        return Bursts().score(context).observed - 1 + OFFSET
    if name in {"pace", "pace_day"}:
        scores = Pace().score(context)
        return scores.observed[scores.details["day"] == (name == "pace_day")]
    windows = name.startswith("volume")
    table: Columns = context.engine.columns(BEST_WINDOWS if windows else HOURS_IN_USE)
    column = name.replace("volume", "new").replace("rhythm", "hours")
    return np.asarray(table[column], dtype=np.float64)


@pytest.mark.slow
@pytest.mark.parametrize("name", MONTHLY)
def test_people_held_out_are_not_rare(held_out: Context, name: str) -> None:
    """At most 3 % of their months are rarer than 1 %, and 0.6 % are rarer than 0.1 %."""
    survival = MUSIC[name].survival(measured(held_out, name))
    assert survival.size > (20 if name in FEW else 100)
    assert np.mean(survival <= 0.01) <= 0.03
    assert np.mean(survival <= 0.001) <= 0.006


@pytest.mark.parametrize("name", MONTHLY)
def test_reference_distribution_is_not_too_wide(held_out: Context, name: str) -> None:
    """At least one month in forty of the people held out is in the upper tenth."""
    survival = MUSIC[name].survival(measured(held_out, name))
    assert np.mean(survival <= 0.1) >= 0.025


def test_returns_of_people_held_out(held_out: Context) -> None:
    """Few of their months have so small a share of returns that it is rare."""
    p = Novelty().score(held_out).p_values
    assert p.size > 100
    assert np.mean(p <= 0.01) <= 0.02
    assert np.mean(p <= 0.1) <= 0.15


def test_order_of_people_held_out(held_out: Context) -> None:
    """Few of their months follow popularity or numbers so closely that it is rare."""
    p = Order().score(held_out).p_values
    assert np.mean(p <= 0.01) <= 0.02
    assert np.mean(p <= 0.001) <= 0.004


@pytest.mark.parametrize("name", LONG_WINDOWS)
def test_longer_windows_are_those_measured(name: str) -> None:
    """The 95 % quantile has p near 0.05, and the maximum of 96 people p near 0.01."""
    upper, most = MUSIC[name].survival(np.array(LONG_WINDOWS[name], dtype=np.float64))
    assert 0.03 <= upper <= 0.10
    assert 1 / 500 <= most <= 0.05


def test_library_days_are_those_measured() -> None:
    """Articles per day through a library proxy: median 3, 95 % quantile 21, 99 % quantile 38."""
    median, upper, rare = LIBRARY["volume_1"].survival(np.array([3.0, 21.0, 38.0]))
    assert median == pytest.approx(0.5)
    assert upper == pytest.approx(0.05, abs=0.015)
    assert rare == pytest.approx(0.01, abs=0.01)


def test_distribution_of_returns_has_the_stated_quantiles() -> None:
    """The Beta distribution has the users' median .43, 5 % quantile .14 and 95 % quantile .76."""
    quantiles = stats.beta.ppf([0.5, 0.05, 0.95], *USERS_RETURNS)
    assert quantiles == pytest.approx([0.43, 0.14, 0.76], abs=0.015)


@pytest.mark.parametrize("kind", REFERENCE_DISTRIBUTIONS)
def test_references_can_be_used(kind: Kind) -> None:
    """Every distribution has a positive median and spread, enough people and one direction."""
    for name, reference in REFERENCE_DISTRIBUTIONS[kind].items():
        assert reference.direction == DIRECTIONS[name]
        assert reference.spread > 0
        assert reference.people >= 10
        assert reference.median > 0


def test_statistics_without_a_distribution_are_ranked() -> None:
    """The rank decides, in the statistic's direction, if a kind of catalogue was not measured."""
    values = np.arange(1.0, 41.0)
    with small_ledger(kind="library") as context:
        assert np.array_equal(
            context.p_values("volume_7", values), calibrate(values, LIBRARY["volume_7"])
        )
        assert np.array_equal(context.p_values("speed", values), rank_p_values(values, direction=1))
        assert np.array_equal(
            context.p_values("breadth", values), rank_p_values(values, direction=-1)
        )
        with pytest.raises(CannotRun, match="fewer than 20 accounts"):
            context.p_values("speed", values[:19])


def test_general_distributions_lack_breadth() -> None:
    """For unknown catalogues all statistics are compared but breadth, which depends on groups."""
    assert set(MUSIC) - set(GENERAL) == {"breadth", "breadth_long"}

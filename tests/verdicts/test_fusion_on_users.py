"""The fused law on real people: those whose moments it has, and those kept aside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tests.evidence.listeners import Half, person_months

from ringfence.evidence import Family, built_in_tests
from ringfence.evidence.reference_distributions import Kind
from ringfence.evidence.volume import Volume
from ringfence.stats.arrays import Floats
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge
from ringfence.verdicts.fusion import (
    FAMILIES,
    FAMILY_FLOOR,
    USERS_MEAN,
    USERS_VARIANCE,
    combine_family,
)
from ringfence.verdicts.judge import judge_tests

CASES: tuple[tuple[Half, Kind], ...] = (
    ("calibrated", "music"),
    ("held out", "music"),
    ("held out", "general"),
)


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def scored(request: pytest.FixtureRequest) -> Iterator[ScoredAccounts]:
    """The person-months of one half of the people, scored."""
    half, kind = request.param
    with person_months(half, kind) as context:
        yield judge(context, lambda _: None)


def by_family(scored: ScoredAccounts) -> Floats:
    """Return p-values with one row per account and one column per family."""
    ran = [test for test in built_in_tests() if test.name in scored.by_test]
    return np.column_stack(
        [
            combine_family(
                family,
                {test.name: scored.by_test[test.name] for test in ran if test.family == family},
            )
            for family in FAMILIES
        ]
    )


@pytest.mark.slow
def test_users_are_seldom_rare(scored: ScoredAccounts) -> None:
    """Fused p-values of users are small no more often than they say."""
    months = scored.p_values.size
    assert months > 300
    for level in (0.01, 0.003, 0.001):
        error = 3 * np.sqrt(level / months)
        assert np.mean(scored.p_values <= level) <= level + error


def test_users_are_not_all_alike(scored: ScoredAccounts) -> None:
    """The law is of use: a month in twenty-five or more is in the upper tenth."""
    assert np.mean(scored.p_values <= 0.1) >= 0.04


def test_families_hold_their_level(scored: ScoredAccounts) -> None:
    """Each family by itself calls few users rare."""
    p = by_family(scored)
    assert np.nanmean(p <= 0.01, axis=0) == pytest.approx(0, abs=0.015)
    assert np.nanmin(p) > FAMILY_FLOOR


def test_moments_cover_users(scored: ScoredAccounts) -> None:
    """Mean and variance of Fisher's statistic are those of users or larger, not by far."""
    p = np.clip(np.nan_to_num(by_family(scored), nan=1.0), FAMILY_FLOOR, 1.0)
    statistic = -2 * np.log(p).sum(axis=1)
    assert 0.7 * USERS_MEAN <= statistic.mean() <= 1.05 * USERS_MEAN
    assert 0.5 * USERS_VARIANCE <= statistic.var() <= 1.1 * USERS_VARIANCE


def test_nobody_is_found(scored: ScoredAccounts) -> None:
    """At the default rate no month of anybody is extracting or suspect."""
    assert not account_verdicts(scored, 0.01).any()


@pytest.mark.parametrize("family", FAMILIES)
def test_users_stay_usual_with_an_added_test(scored: ScoredAccounts, family: Family) -> None:
    """A calibrated test of another package makes no more users rare than p says."""

    class AddedTest(Volume):
        """A test that was not measured on users."""

    AddedTest.name, AddedTest.family = "added", family
    rng = np.random.default_rng(FAMILIES.index(family))
    volume = scored.by_test["volume"]
    ranks = (np.argsort(np.argsort(volume)) + 1) / (volume.size + 1)
    for p in (rng.random(volume.size), ranks):
        again = judge_tests(
            scored.accounts, {**scored.by_test, "added": p}, {}, (), (*scored.tests, AddedTest())
        )
        for level in (0.01, 0.003, 0.001):
            error = 3 * np.sqrt(level / volume.size)
            assert np.mean(again.fused <= level) <= level + error
        assert not (account_verdicts(again, 0.01) == "extracting").any()

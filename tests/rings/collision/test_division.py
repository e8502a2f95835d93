"""The alternative hypothesis: likelihood ratios of accounts that divide the work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from ringfence.rings.collision.division import (
    MAX_PAIR_LOG_RATIO,
    RATES,
    best_rate,
    log_likelihood_ratio,
    mean_at_log_ratio,
    pair_log_ratios,
)


@given(
    observed=st.integers(0, 40), expected=st.floats(0.1, 60), rate=st.sampled_from([*RATES, 0.01])
)
def test_ratio_is_that_of_two_poisson_counts(observed: int, expected: float, rate: float) -> None:
    """The ratio compares a Poisson count of mean ελ with one of mean λ."""
    exact = poisson.logpmf(observed, rate * expected) - poisson.logpmf(observed, expected)
    ratio = float(log_likelihood_ratio(observed, expected, rate))
    assert ratio == pytest.approx(float(exact), abs=1e-6)


def test_counts_as_expected_speak_for_independence() -> None:
    """A set that shares what is expected has a negative ratio at every rate."""
    assert all(float(log_likelihood_ratio(50, 50, rate)) < 0 for rate in RATES)


def test_one_pair_gives_limited_evidence() -> None:
    """A pair that shares nothing of 100 expected items counts as ln 5, one of 0.5 less."""
    pairs = pair_log_ratios(np.zeros(2), np.array([100.0, 0.5]), 0.05)
    assert pairs.tolist() == pytest.approx([MAX_PAIR_LOG_RATIO, 0.95 * 0.5])


def test_evidence_against_division_is_not_limited() -> None:
    """A pair that shares much more than expected excludes itself from a set."""
    assert pair_log_ratios(np.array([50.0]), np.array([1.0]), 0.05)[0] < -100


@pytest.mark.parametrize(("share", "rate"), [(0.0, 0.05), (0.3, 0.3), (0.6, 0.6), (0.8, 0.8)])
def test_the_best_rate_is_near_the_true_share(share: float, rate: float) -> None:
    """A set with a share of the usual collisions fits the nearest rate best."""
    assert best_rate(share * 1_000, 1_000) == rate


@given(observed=st.integers(0, 10**6), limit=st.floats(0.01, 1_000))
def test_a_mean_with_the_evidence_of_the_limit(observed: int, limit: float) -> None:
    """At the mean, the ratio of the best rate is the limit; nothing is observed of the limit."""
    mean = float(mean_at_log_ratio(np.array([float(observed)]), limit)[0])
    assert mean >= observed + limit * (1 - 1e-9)
    best = float(poisson.logpmf(observed, observed) if observed else 0.0)
    usual = float(poisson.logpmf(observed, mean))
    assert best - usual == pytest.approx(limit, rel=1e-5, abs=1e-5)


def test_the_evidence_of_a_pair_has_one_limit() -> None:
    """At the mean that is the limit, a pair counts at each rate of the search at most as much."""
    observed = np.arange(60.0)
    mean = mean_at_log_ratio(observed, MAX_PAIR_LOG_RATIO)
    for rate in RATES:
        ratios = log_likelihood_ratio(observed, mean, rate)
        assert np.all(ratios <= MAX_PAIR_LOG_RATIO + 1e-9)

"""Lower tails of the negative binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ringfence.stats.negative_binomial import (
    MIN_EXACT_LOG,
    log_lower_tail,
    log_lower_tail_bound,
    log_probability,
)
from ringfence.stats.overdispersion import MAX_K


@given(expected=st.floats(1, 3_000), share=st.floats(0, 0.95), k=st.floats(1, 1e5))
def test_bound_is_never_below_the_exact_tail(expected: float, share: float, k: float) -> None:
    """The bound is at least the exact tail, wherever that can be computed."""
    observed = float(int(share * expected))
    exact = stats.nbinom.logcdf(observed, k, k / (k + expected))
    if exact > MIN_EXACT_LOG:
        assert float(log_lower_tail_bound(observed, expected, k)) >= exact - 1e-6


@given(expected=st.floats(20, 3_000), share=st.floats(0, 0.5), k=st.floats(200, 1e5))
def test_bound_is_close_for_narrow_distributions(expected: float, share: float, k: float) -> None:
    """For half of the mean or less, and large k, the bound is within a factor of three."""
    observed = float(int(share * expected))
    exact = stats.nbinom.logcdf(observed, k, k / (k + expected))
    if exact > MIN_EXACT_LOG:
        assert float(log_lower_tail_bound(observed, expected, k)) <= exact + np.log(3)


def test_counts_at_the_mean_are_no_evidence() -> None:
    """The bound is ln 1 at the mean, above it, and where nothing is expected."""
    observed, expected = np.array([10.0, 20.0, 0.0]), np.array([10.0, 10.0, 0.0])
    assert log_lower_tail_bound(observed, expected, 5.0).tolist() == [0, 0, 0]


def test_bound_reaches_beyond_floats() -> None:
    """A Poisson count of 0 with mean 10,000 has ln p = -10,000, not minus infinity."""
    assert float(log_lower_tail_bound(0, 10_000, MAX_K)) == pytest.approx(-10_000, rel=0.01)
    assert log_lower_tail(0, 10_000, MAX_K) == pytest.approx(-10_000, rel=0.01)


@given(observed=st.integers(0, 60), expected=st.floats(1, 60), k=st.floats(0.5, 1e4))
def test_tail_is_exact_where_floats_reach(observed: int, expected: float, k: float) -> None:
    """Without clusters, the tail is the exact distribution function."""
    exact = np.log(stats.nbinom.cdf(observed, k, k / (k + expected)))
    assert log_lower_tail(observed, expected, k) == pytest.approx(exact, rel=1e-6, abs=1e-9)


def test_smaller_k_makes_low_counts_less_rare() -> None:
    """A wider distribution gives larger p-values for the same deficit."""
    tails = [log_lower_tail(5, 50, k) for k in (1e5, 100.0, 10.0, 1.0)]
    assert tails == sorted(tails)


@given(clusters=st.integers(1, 30), missing=st.integers(1, 30), size=st.floats(1, 50))
def test_clusters_of_one_size_count_as_one_each(clusters: int, missing: int, size: float) -> None:
    """Counts that come in clusters of one size are as rare as the number of clusters."""
    expected = clusters + missing
    tail = log_lower_tail(clusters * size, expected * size, MAX_K, size)
    assert tail == pytest.approx(stats.poisson.logcdf(clusters, expected), rel=1e-3)


def test_part_of_a_cluster_counts_as_a_whole_one() -> None:
    """Three counts in clusters of two are two clusters, not one."""
    two = log_lower_tail(4, 40, MAX_K, 2.0)
    assert log_lower_tail(3, 40, MAX_K, 2.0) == two
    assert log_lower_tail(2, 40, MAX_K, 2.0) < two


def test_probabilities_sum_to_one() -> None:
    """The probabilities of all counts add up to 1, for wide and narrow distributions."""
    counts = np.arange(2_000.0)
    for k in (0.5, 5.0, 1e5):
        total = np.exp(log_probability(counts, np.full(counts.size, 20.0), np.array(k))).sum()
        assert total == pytest.approx(1.0, abs=1e-6)

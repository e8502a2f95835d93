"""Estimates of the dispersion parameter k."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ringfence.stats.overdispersion import (
    MAX_K,
    MIN_K,
    lower_tail_k,
    two_sided_k,
    upper_mean,
)

Estimate = Callable[[np.ndarray, np.ndarray], float]
both_estimates = pytest.mark.parametrize("estimate", [two_sided_k, lower_tail_k])


def mixed_counts(rng: np.random.Generator, mean: np.ndarray, k: float) -> np.ndarray:
    """Draw negative binomial counts with these means and this dispersion parameter."""
    return rng.poisson(mean * rng.gamma(k, 1 / k, mean.size)).astype(float)


@both_estimates
def test_poisson_counts_have_a_large_k(estimate: Estimate) -> None:
    """Poisson counts give a k too large to matter; gamma-mixed counts give about their own k."""
    rng = np.random.default_rng(1)
    mean = np.full(4_000, 500.0)
    assert estimate(rng.poisson(mean).astype(float), mean) > 3_000
    assert 25 < estimate(mixed_counts(rng, mean, 40), mean) < 45


@both_estimates
@pytest.mark.parametrize("k", [0.5, 1, 2, 5])
def test_wide_distributions_are_not_taken_for_narrow_ones(estimate: Estimate, k: float) -> None:
    """The k of a skewed distribution is hardly overestimated, so no evidence is invented."""
    rng = np.random.default_rng(2)
    mean = np.full(2_000, 200.0)
    assert estimate(mixed_counts(rng, mean, k), mean) < 1.1 * k


def test_shared_excess_counts_only_on_both_sides() -> None:
    """Groups with far more than expected lower the two-sided k, and not the lower-tail k."""
    rng = np.random.default_rng(3)
    mean = np.full(2_000, 200.0)
    observed = rng.poisson(mean).astype(float)
    observed[:40] *= 4
    assert two_sided_k(observed, mean) < 20
    assert lower_tail_k(observed, mean) > 1_000


@both_estimates
def test_nothing_expected_gives_the_smallest_k(estimate: Estimate) -> None:
    """Without any expected count, hardly any count is unusual."""
    assert estimate(np.zeros(10), np.zeros(10)) == MIN_K
    assert estimate(np.zeros(0), np.zeros(0)) == MIN_K


@both_estimates
def test_k_stays_within_its_limits(estimate: Estimate) -> None:
    """Counts equal to their means give the largest k, counts far from them the smallest."""
    mean = np.full(100, 400.0)
    assert estimate(mean, mean) == MAX_K
    assert estimate(np.zeros(100), mean) < 2


@both_estimates
def test_overlapping_groups_are_less_certain(estimate: Callable[..., float]) -> None:
    """With fewer independent groups, the estimated k is smaller."""
    rng = np.random.default_rng(4)
    mean = np.full(200, 300.0)
    observed = mixed_counts(rng, mean, 50)
    assert estimate(observed, mean, 10.0) < estimate(observed, mean)


def test_upper_mean_adds_two_standard_errors() -> None:
    """Values of mean 10 and standard deviation 2, of which 16 are independent, give 11."""
    values = np.tile([8.0, 12.0], 50)
    assert upper_mean(values, 16.0) == pytest.approx(11.0)
    assert upper_mean(values) == pytest.approx(10.4)
    assert upper_mean(np.zeros(0)) == 0.0

"""Tails are those of scipy.stats, also where they are very small."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from ringfence.stats.negative_binomial import log_lower_tail, log_probability
from ringfence.stats.tails import (
    lower_tail_of_binomial,
    median_of_beta,
    upper_tail_of_binomial,
    upper_tail_of_chi_squared,
    upper_tail_of_t,
)


@pytest.mark.parametrize("freedom", [2, 2.5, 47, 1e4])
def test_tails_of_t_and_chi_squared(freedom: float) -> None:
    """Equal from the middle to a chance of 1e-200."""
    values = np.array([0.0, 0.5, 3.0, 30.0, 300.0])
    np.testing.assert_allclose(upper_tail_of_t(values, freedom), stats.t.sf(values, freedom))
    np.testing.assert_allclose(
        upper_tail_of_chi_squared(values, freedom), stats.chi2.sf(values, freedom)
    )
    assert np.isnan(upper_tail_of_t(np.nan, freedom))


@pytest.mark.parametrize("trials", [0, 1, 7, 480])
def test_tails_of_the_binomial(trials: int) -> None:
    """Equal for each number of successes, also outside of what is possible."""
    for chance in (0.0, 1e-9, 0.01, 0.5, 0.999, 1.0):
        counts = np.arange(-1, trials + 2)
        lower = lower_tail_of_binomial(counts, trials, np.full(counts.size, chance))
        expected = np.where(counts < 0, 0, stats.binom.cdf(np.maximum(counts, 0), trials, chance))
        np.testing.assert_allclose(lower, expected, rtol=1e-9)
        upper = [upper_tail_of_binomial(int(count), trials, chance) for count in counts]
        np.testing.assert_allclose(upper, stats.binom.sf(counts - 1, trials, chance), rtol=1e-9)


def test_the_median_of_the_beta_distribution() -> None:
    """Equal for flat, narrow and lopsided shapes."""
    for a, b in itertools.product((0.3, 1.0, 40.0), repeat=2):
        assert median_of_beta(a, b) == pytest.approx(stats.beta.median(a, b), rel=1e-9)


def test_tails_of_the_negative_binomial() -> None:
    """Equal for narrow and wide distributions, below the mean and above it."""
    for k, mean in itertools.product((0.5, 20.0, 1e6), (0.1, 9.0, 2_000.0)):
        counts = np.array([0.0, 1.0, 5.0, 1_500.0, 2_600.0])
        chance = k / (k + mean)
        np.testing.assert_allclose(
            log_probability(counts, np.full(5, mean), np.full(5, k)),
            stats.nbinom.logpmf(counts, k, chance),
            rtol=1e-9,
        )
        for count in counts.tolist():
            expected = stats.nbinom.logcdf(count, k, chance)
            if expected > -600:  # below this the result is a bound
                assert log_lower_tail(count, mean, k) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("module", ["ringfence.cli.explanation", "ringfence.pipeline.scan"])
def test_commands_do_not_load_what_is_slow_to_load(module: str) -> None:
    """Half of the time of a short command was the import of scipy.stats."""
    code = f"import {module}, sys; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

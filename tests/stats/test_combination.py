"""Combined p-values are valid under the dependence that each rule allows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ringfence.stats.combination import bonferroni, simes

LEVELS = (0.1, 0.05, 0.01, 0.001)


def test_simes_is_exact_for_independent_tests() -> None:
    """Simes' rule is uniform under independence, and conservative when tests are copies."""
    rng = np.random.default_rng(4)
    joined = simes(rng.random((50_000, 5)))
    assert stats.kstest(joined, "uniform").pvalue > 1e-3
    copies = np.repeat(rng.random((1_000, 1)), 5, axis=1)
    assert simes(copies) == pytest.approx(copies[:, 0])


def test_simes_leaves_out_what_was_not_measured() -> None:
    """NaN does not count as a test, and a row of NaN gives NaN."""
    joined = simes(np.array([[0.01, np.nan, np.nan], [0.01, 0.5, np.nan], [np.nan] * 3]))
    assert joined[:2] == pytest.approx([0.01, 0.02])
    assert np.isnan(joined[2])


@given(st.lists(st.one_of(st.floats(1e-12, 1.0), st.just(np.nan)), min_size=1, max_size=6))
def test_bonferroni_is_the_smallest_times_the_number_measured(p: list[float]) -> None:
    """NaN does not count, the result is at most 1, and a row of NaN gives NaN."""
    combined = float(bonferroni(np.array([p]))[0])
    measured = [value for value in p if not np.isnan(value)]
    if measured:
        assert combined == pytest.approx(min(1.0, min(measured) * len(measured)))
    else:
        assert np.isnan(combined)


def test_bonferroni_is_valid_under_any_dependence() -> None:
    """Copies, opposites and independent p-values are combined to P(p ≤ a) of at most a."""
    rng = np.random.default_rng(12)
    one, other = rng.random((2, 100_000))
    for pair in ((one, one), (one, 1 - one), (one, other)):
        combined = bonferroni(np.column_stack(pair))
        for level in LEVELS:
            assert np.mean(combined <= level) <= level + 4 * np.sqrt(level / 100_000)

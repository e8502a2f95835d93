"""Upper tails of the binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ringfence.stats.binomial import log_upper_tail_bound


@given(trials=st.integers(1, 500), share=st.floats(0, 1), chance=st.floats(0.01, 0.99))
def test_bound_is_never_below_the_exact_tail(trials: int, share: float, chance: float) -> None:
    """Chernoff's bound is at least the exact tail."""
    successes = round(share * trials)
    exact = binom.logsf(successes - 1, trials, chance)
    assert float(log_upper_tail_bound(successes, trials, chance)) >= exact - 1e-9


def test_counts_at_the_mean_are_no_evidence() -> None:
    """The bound is ln 1 at the mean and below it."""
    assert log_upper_tail_bound(np.array([0.0, 3.0, 5.0]), 10.0, 0.5).tolist() == [0, 0, 0]


def test_bound_of_certain_success_is_exact() -> None:
    """Ten successes in ten trials have probability p^10."""
    assert float(log_upper_tail_bound(10, 10, 0.1)) == pytest.approx(10 * np.log(0.1))

"""Test ranks with a tail beyond the largest account of a population."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.stats.calibration import SMALLEST_TAIL, CannotRun, extended_rank_p_values


@pytest.mark.parametrize("law", ["normal", "exponential", "uniform"])
def test_p_values_hold_their_level(law: str) -> None:
    """Of two hundred thousand values of the population's own law, few are called rare."""
    rng = np.random.default_rng(1)
    draw = {"normal": rng.normal, "exponential": rng.exponential, "uniform": rng.uniform}[law]
    p = np.concatenate(
        [extended_rank_p_values(draw(size=1_000), draw(size=1_000)) for _ in range(200)]
    )
    for level in (0.1, 0.01, 0.001, 1e-4):
        assert np.mean(p <= level) <= 1.35 * level + 3 * np.sqrt(level / p.size)
    assert np.mean(p <= 0.1) >= 0.08


def test_a_value_far_beyond_all_is_rarer_than_a_rank() -> None:
    """Larger values never have larger p-values, and the tail goes on below one in a thousand."""
    population = np.random.default_rng(2).normal(size=1_000)
    p = extended_rank_p_values(np.linspace(-4, 8, 200), population)
    assert (np.diff(p) <= 1e-12).all()
    assert p[-1] < 1e-5 < p[0] <= 1


def test_small_populations_have_ranks_only() -> None:
    """Below a hundred accounts no tail is assumed, and below twenty nothing is said."""
    population = np.arange(SMALLEST_TAIL - 1.0)
    assert extended_rank_p_values(np.array([1e9]), population)[0] == 1 / SMALLEST_TAIL
    with pytest.raises(CannotRun):
        extended_rank_p_values(np.array([1.0]), np.arange(19.0))

"""The benchmark of honest p-values marks what chance does not give, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.honest_p_values import exceeded, points


def test_uniform_and_conservative_p_values_have_no_mark() -> None:
    """Of 200 tables of uniform values, and of values that are too large, none is marked."""
    random = np.random.default_rng(3)
    for _ in range(200):
        uniform = random.random(2_000)
        assert exceeded(uniform, cells=1) == ""
        assert exceeded(np.sqrt(uniform), cells=1) == ""


@pytest.mark.parametrize(
    ("few", "level"), [(300, "10.00%"), (60, "1.00%"), (20, "0.10%"), (8, "0.01%")]
)
def test_the_level_that_is_exceeded_most_is_named(few: int, level: str) -> None:
    """Small values that a uniform sample does not have are seen at their own level."""
    values = np.linspace(0.11, 1, 1_000)
    values[:few] = float(level.removesuffix("%")) / 100
    assert exceeded(values, cells=1) == f"{few / 1_000:.2%} ≤ {level}"


def test_the_band_of_the_plot_holds_uniform_values() -> None:
    """Ranks of uniform values leave their 99 % band in about one of a hundred cases."""
    random = np.random.default_rng(4)
    outside = [
        not one["low"] <= one["observed"] <= one["high"]
        for _ in range(200)
        for one in points("x", random.random(500))
    ]
    assert 0.003 < np.mean(outside) < 0.03

"""The number of sets that a search could have found."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pytest

from ringfence.stats.multiplicity import log_choose


@pytest.mark.parametrize(("of", "chosen"), [(5, 0), (5, 2), (300, 5), (4_000, 40)])
def test_sets_are_counted(of: int, chosen: int) -> None:
    """The logarithm is that of the binomial coefficient."""
    assert float(log_choose(of, chosen)) == pytest.approx(log(comb(of, chosen)), abs=1e-6)


def test_arrays_are_counted_one_by_one() -> None:
    """Each pair of numbers gives its own coefficient."""
    counted = np.exp(log_choose([4, 5, 6], [1, 2, 3]))
    assert counted.tolist() == pytest.approx([4, 10, 20])

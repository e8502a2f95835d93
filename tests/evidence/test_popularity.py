"""Popularity against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, crowd, score

from ringfence.evidence.popularity import Popularity
from ringfence.testing import account


def test_popularity_is_the_typical_number_of_holders() -> None:
    """The statistic is the geometric mean of the holders per item."""
    tail = account("a", np.arange(60) * HOUR, 9_000 + np.arange(60))
    numbers, p, sentence = score(Popularity(), crowd(), tail)
    assert numbers["observed"] == pytest.approx(1.0)
    assert numbers["expected"] == pytest.approx(40.0)
    assert p == pytest.approx(2 * 2 / 42)
    assert "held by 1.0 accounts" in sentence

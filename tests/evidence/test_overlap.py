"""Overlap against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import DAY, score

from ringfence.evidence.overlap import Overlap
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.testing import account


def test_overlap_adds_up_the_day() -> None:
    """The day with the most time played counts, as a share of a day."""
    full = account("a", np.arange(300) * 240, np.arange(300), played=432.0)
    light = account("a", DAY + np.arange(10) * 240, np.arange(10), played=432.0)
    numbers, p, sentence = score(Overlap(), full, light)
    assert numbers["observed"] == pytest.approx(1.5)
    assert "Played 36.0 hours of content on its fullest day" in sentence
    assert p == pytest.approx(float(MUSIC["overlap"].survival(np.array([1.5]))[0]))

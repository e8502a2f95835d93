"""Rhythm against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, score

from ringfence.evidence.reference_distributions import MUSIC
from ringfence.evidence.rhythm import Rhythm
from ringfence.stats.combination import simes
from ringfence.testing import account


def test_rhythm_counts_hours_with_use() -> None:
    """The best seven days of a log of ten days count, and two uses in an hour count once."""
    hours = np.array([d * 24 + h for d in range(10) for h in range(12)])
    awake = account("a", np.concatenate([hours * HOUR, hours * HOUR + 600]), np.zeros(240))
    numbers, p, sentence = score(Rhythm(), awake)
    assert (numbers["window"], numbers["observed"]) == (7, 84)
    assert "84 of the 168 hours of its busiest 7 days" in sentence
    looks = [
        MUSIC[name].survival(np.array([hours]))
        for name, hours in (("rhythm_1", 12.0), ("rhythm_7", 84.0))
    ]
    assert p == pytest.approx(float(simes(np.array(looks).T)[0]))


def test_rhythm_of_a_day() -> None:
    """A log of one day is scored by its 24 hours."""
    numbers, _, sentence = score(Rhythm(), account("a", np.arange(20) * HOUR, np.arange(20)))
    assert (numbers["window"], numbers["observed"]) == (1, 20)
    assert "20 of the 24 hours of its busiest day" in sentence

"""Bursts against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import score

from ringfence.evidence.bursts import OFFSET, Bursts
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.testing import account


@pytest.mark.slow
def test_bursts_are_uses_per_minute_in_use() -> None:
    """A hundred uses within one minute are a burst; a use per minute is not."""
    crowd = account("a", np.arange(100) // 2, np.arange(100))
    numbers, p, sentence = score(Bursts(), crowd)
    assert (numbers["minutes"], numbers["observed"]) == (1, 100)
    assert "100 uses fall into 1 minute, 100.0 per minute" in sentence
    assert p == pytest.approx(float(MUSIC["bursts"].survival(np.array([99 + OFFSET]))[0]))
    numbers, calm, said = score(Bursts(), account("a", np.arange(100) * 60, np.arange(100)))
    assert (numbers["minutes"], numbers["observed"]) == (100, 1)
    assert "100 uses fall into 100 minutes, 1.0 per minute" in said
    assert calm > 0.9

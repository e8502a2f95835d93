"""The action that a ring advises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import a_ring, honest

from ringfence.model.ring import RingTest
from ringfence.settings import Settings
from ringfence.verdicts.ring_findings import advised_action
from ringfence.verdicts.ring_verdicts import judge_rings


@pytest.mark.parametrize(
    ("test", "odd", "action"),
    [
        ("collision", 0, "challenge"),
        ("collision", 10, "suspend"),
        ("lockstep", 0, "observe"),
        ("lockstep", 9, "observe"),
        ("lockstep", 10, "challenge"),
        ("lockstep", 20, "challenge"),
    ],
)
def test_a_ring_in_lockstep_is_observed(test: RingTest, odd: int, action: str) -> None:
    """Unless ten of its twenty members are findings; even then, lockstep suspends nobody."""
    scored = honest(np.random.default_rng(1))
    rows = np.arange(100, 120)
    labels = np.full(scored.fused.size, "", dtype="U10")
    labels[rows[:odd]] = "suspect"
    ring = replace(a_ring(scored, rows), test=test)
    (one,) = judge_rings(scored, labels, [ring], 0.01)
    assert advised_action(one, Settings().policy) == action

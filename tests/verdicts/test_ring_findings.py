"""The action that a ring advises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import a_ring, honest

from ringfence.model.ring import Cohort, RingTest
from ringfence.settings import Settings
from ringfence.verdicts.ring_findings import COHORT_WORDS, advised_action, sentence
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
        ("crowd", 0, "challenge"),
        ("crowd", 20, "challenge"),
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


@pytest.mark.parametrize("kind", COHORT_WORDS)
def test_the_sentence_about_a_crowd_names_its_cohort_and_no_value(kind: str) -> None:
    """It says what the visitors have in common; the value is outside text and is not repeated."""
    ring = a_ring(honest(np.random.default_rng(1)), np.arange(100, 120))
    crowd = replace(
        ring, test="crowd", cohort=Cohort(kind, "<b>x", 30), observed=1.0, expected=44.0
    )
    said = sentence(crowd)
    assert f"Its 20 visitors are among 30 that {COHORT_WORDS[kind]}." in said
    whole = sentence(replace(crowd, cohort=Cohort(kind, "<b>x", 20)))
    assert f"Its 20 visitors are all that {COHORT_WORDS[kind]}." in whole
    assert "share 1 items" in said
    assert "would share 44." in said
    assert "<b>" not in said
    assert "19 of them continue" in sentence(replace(crowd, continued=19))

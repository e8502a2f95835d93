"""What company says of an account: members are judged among themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.judged import a_ring, honest

from ringfence.verdicts import Judged, verdicts
from ringfence.verdicts.company import in_company
from ringfence.verdicts.witnesses import witnessed

ROWS = np.arange(100, 120)


def odd(judged: Judged, rows: np.ndarray) -> Judged:
    """Make accounts odd in how much they take and what hand takes it, too little to be accused."""
    taking, automation = judged.taking.copy(), judged.automation.copy()
    taking[rows], automation[rows] = 2e-4, 2e-4
    return replace(judged, taking=taking, automation=automation)


def test_weak_evidence_counts_for_more_in_a_ring() -> None:
    """Of two accounts with the same evidence, the member is extracting and the other is not."""
    judged = odd(honest(np.random.default_rng(1)), np.array([105, 300]))
    labels = verdicts(judged, 0.01)
    rings = witnessed(judged, [a_ring(judged, ROWS)], 0.01)
    anew, strengthened = in_company(judged, labels, rings, 0.01)
    assert labels[105] == labels[300] == ""
    assert strengthened[105] == "extracting"
    assert strengthened[300] == ""
    assert anew.p_values[105] * ROWS.size == pytest.approx(anew.expected_false[105])
    assert anew.expected_false[105] <= 0.01
    assert np.array_equal(np.delete(anew.p_values, 105), np.delete(judged.p_values, 105))


def test_a_ring_that_is_not_sure_strengthens_nobody() -> None:
    """Members of a ring above the operator's rate are judged as everybody is."""
    judged = odd(honest(np.random.default_rng(1)), np.array([105]))
    rings = witnessed(judged, [a_ring(judged, ROWS, p_value=0.03)], 0.01)
    labels = verdicts(judged, 0.01)
    assert np.array_equal(in_company(judged, labels, rings, 0.01)[1], labels)


def test_every_member_is_told_its_company() -> None:
    """Members have one more line of evidence, with their own numbers; others have none."""
    judged = honest(np.random.default_rng(2))
    rings = witnessed(judged, [a_ring(judged, ROWS)], 0.01)
    anew, _ = in_company(judged, verdicts(judged, 0.01), rings, 0.01)
    (line,) = anew.evidence(107)
    assert (line.test, line.observed, line.expected) == ("collision", 0.0, 9.0)
    assert "with 19 other accounts it has 0 items in common" in line.sentence
    assert anew.evidence(99) == ()


def test_honest_members_of_a_false_ring_are_seldom_accused() -> None:
    """Whatever put them together: of members of two hundred rings, few are accused at .05."""
    accused = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        judged = honest(rng, 300)
        ring = a_ring(judged, rng.choice(300, 15, replace=False))
        rings = witnessed(judged, [ring], 0.05)
        labels = verdicts(judged, 0.05)
        accused += bool((in_company(judged, labels, rings, 0.05)[1] != labels).any())
    assert accused <= 0.05 * 200 + 3 * np.sqrt(0.05 * 200)

"""The second witness against a ring: honest members are as odd as others, machines are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.judged import a_ring, honest

from ringfence.verdicts.witnesses import witnessed


def test_witnesses_are_fair_to_honest_groups() -> None:
    """Of a hundred honest groups of heavy holders few are convicted; one witness in 20 speaks."""
    p_values, convicted = [], 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        judged = honest(rng)
        heavy = rng.choice(np.arange(200, 400), 12, replace=False)
        (one,) = witnessed(judged, [a_ring(judged, heavy)], 0.01)
        p_values += [evidence.p_value for evidence in one.evidence]
        convicted += one.verdict == "extracting"
    assert convicted <= 4
    assert len(p_values) / 200 == pytest.approx(0.05, abs=0.04)
    assert np.mean(p_values) == pytest.approx(0.025, abs=0.015)


def test_members_that_are_machines_are_convicted() -> None:
    """Twelve members whose hours are odd, each only a little: one in thirty would be as odd."""
    rng = np.random.default_rng(1)
    judged = honest(rng)
    rows = rng.choice(400, 12, replace=False)
    automation = judged.automation.copy()
    automation[rows] = 0.03
    (one,) = witnessed(replace(judged, automation=automation), [a_ring(judged, rows)], 0.01)
    by_test = {evidence.test: evidence for evidence in one.evidence}
    assert one.verdict == "extracting"
    assert by_test["members-automation"].p_value < 0.002
    assert by_test["members-automation"].observed == pytest.approx(-np.log(0.03))
    assert list(by_test) == ["members-automation"]
    assert "none of" in by_test["members-automation"].sentence


def test_one_witness_is_not_enough() -> None:
    """The same members in a ring that is not sure itself stay suspects."""
    rng = np.random.default_rng(1)
    judged = honest(rng)
    rows = rng.choice(400, 12, replace=False)
    automation = judged.automation.copy()
    automation[rows] = 0.03
    ring = a_ring(judged, rows, p_value=0.02)
    (one,) = witnessed(replace(judged, automation=automation), [ring], 0.01)
    assert one.verdict == "suspect"


def test_lockstep_alone_is_never_more_than_suspect() -> None:
    """Shops of a chain move as one and never sleep; they are looked at, not accused."""
    rng = np.random.default_rng(1)
    judged = honest(rng)
    rows = rng.choice(400, 12, replace=False)
    automation = judged.automation.copy()
    automation[rows] = 0.03
    judged = replace(judged, automation=automation)
    (one,) = witnessed(judged, [replace(a_ring(judged, rows), test="lockstep")], 0.01)
    assert one.verdict == "suspect"
    assert one.evidence[0].p_value < 0.002


def test_a_single_odd_member_convicts_no_ring() -> None:
    """One machine among twelve members, however sure, says nothing of the others."""
    rng = np.random.default_rng(2)
    judged = honest(rng)
    rows = rng.choice(400, 12, replace=False)
    automation = judged.automation.copy()
    automation[rows[0]] = 1e-300
    (one,) = witnessed(replace(judged, automation=automation), [a_ring(judged, rows)], 0.001)
    assert one.verdict == "suspect"


def test_without_others_nobody_is_a_witness() -> None:
    """Where too few accounts are left to compare with, nothing is said."""
    judged = honest(np.random.default_rng(3), 60)
    (one,) = witnessed(judged, [a_ring(judged, np.arange(20))], 0.01)
    assert one.evidence == ()
    assert one.verdict == "suspect"


def test_many_rings_share_the_rate() -> None:
    """What convicts one ring of one does not convict it among thirty."""
    rng = np.random.default_rng(4)
    judged = honest(rng, 2_000)
    automation = judged.automation.copy()
    rows = np.arange(0, 2_000, 100)
    automation[rows] = np.linspace(0.02, 0.36, rows.size)
    judged = replace(judged, automation=automation)
    alone = witnessed(judged, [a_ring(judged, rows)], 0.01)[0]
    others = [a_ring(judged, np.arange(n, n + 8)) for n in range(1, 990, 33)]
    among = witnessed(judged, [a_ring(judged, rows), *others], 0.01)[0]
    p_values = [{e.test: e.p_value for e in one.evidence} for one in (alone, among)]
    assert p_values[0]["members-automation"] * 2 <= 0.01
    assert (alone.verdict, among.verdict) == ("extracting", "suspect")

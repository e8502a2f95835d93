"""Rings and their members' own evidence, combined into verdicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import a_ring, honest

from ringfence.verdicts import ScoredAccounts
from ringfence.verdicts.ring_verdicts import judge_rings, members_evidence, with_ring_evidence

ROWS = np.arange(100, 120)
RATE = 0.01


@pytest.fixture(name="scored")
def _scored() -> ScoredAccounts:
    """Four hundred accounts."""
    return honest(np.random.default_rng(1))


def labels(scored: ScoredAccounts, **named: list[int]) -> np.ndarray:
    """Return verdicts: those of the rows named, nothing of others."""
    said = np.full(scored.fused.size, "", dtype="U10")
    for verdict, rows in named.items():
        said[rows] = verdict
    return said


def test_a_suspect_in_a_ring_is_accused(scored: ScoredAccounts) -> None:
    """Of two suspects only the ring member becomes extracting; other members get no verdict."""
    alone = labels(scored, suspect=[105, 300])
    rings = judge_rings(scored, alone, [a_ring(scored, ROWS)], RATE)
    _, together = with_ring_evidence(scored, alone, rings)
    assert together[105] == "extracting"
    assert together[300] == "suspect"
    assert (np.delete(together, [105, 300]) == "").all()


def test_a_suspect_that_may_fit_by_chance_is_not_accused(scored: ScoredAccounts) -> None:
    """Of two suspects in a sure ring one would have as little in common once in five hundred."""
    alone = labels(scored, suspect=[105, 106])
    ring = a_ring(scored, ROWS)
    ring = replace(ring, member_log_p=np.where(ROWS == 106, np.log(2e-3), ring.member_log_p))
    _, together = with_ring_evidence(scored, alone, judge_rings(scored, alone, [ring], RATE))
    assert together[105] == "extracting"
    assert together[106] == "suspect"


def test_the_chance_of_fitting_in_is_shared_by_rings(scored: ScoredAccounts) -> None:
    """One in fifteen thousand is enough beside one ring, and not where there are two."""
    alone = labels(scored, suspect=[105])
    ring = replace(a_ring(scored, ROWS), member_log_p=np.full(ROWS.size, np.log(1 / 15_000)))
    for rings, verdict in (
        ([ring], "extracting"),
        ([ring, a_ring(scored, np.arange(200, 210))], "suspect"),
    ):
        _, together = with_ring_evidence(scored, alone, judge_rings(scored, alone, rings, RATE))
        assert together[105] == verdict


@pytest.mark.parametrize(
    "changes", [{"log_p": np.log(2e-4)}, {"test": "lockstep"}, {"test": "crowd"}]
)
def test_rings_that_are_not_sure_accuse_nobody(
    scored: ScoredAccounts, changes: dict[str, object]
) -> None:
    """Above a hundredth of the rate, in lockstep or in a crowd, whatever its members are alone."""
    alone = labels(scored, suspect=ROWS.tolist())
    ring = replace(a_ring(scored, ROWS), **changes)
    rings = judge_rings(scored, alone, [ring], RATE)
    assert [one.verdict for one in rings] == ["suspect"]
    assert np.array_equal(with_ring_evidence(scored, alone, rings)[1], alone)


@pytest.mark.parametrize(("odd", "verdict"), [(9, "suspect"), (10, "extracting")])
def test_a_ring_is_extracting_if_half_of_its_members_are_findings(
    scored: ScoredAccounts, odd: int, verdict: str
) -> None:
    """Ten of twenty findings make it extracting, nine do not; the evidence counts them."""
    alone = labels(scored, suspect=ROWS[:odd].tolist())
    (one,) = judge_rings(scored, alone, [a_ring(scored, ROWS)], RATE)
    assert one.verdict == verdict
    said = members_evidence(one, 400)
    assert said is not None
    assert (said.test, said.observed) == ("members", odd)
    assert said.expected == pytest.approx(20 / 1_000)
    assert f"{odd} of its 20 accounts" in said.sentence


def test_members_that_are_no_findings_give_no_evidence(scored: ScoredAccounts) -> None:
    """Members without any finding give no evidence; one finding is singular, and no rarity."""
    (none,) = judge_rings(scored, labels(scored), [a_ring(scored, ROWS)], RATE)
    assert members_evidence(none, 400) is None
    (one,) = judge_rings(scored, labels(scored, suspect=[107]), [a_ring(scored, ROWS)], RATE)
    said = members_evidence(one, 400)
    assert said is not None
    assert "1 of its 20 accounts is also a finding" in said.sentence
    assert said.p_value == pytest.approx(1 - (1 - 1e-3) ** 20)


def test_every_member_gets_ring_evidence(scored: ScoredAccounts) -> None:
    """Each member gets one more piece of evidence with its own numbers; other accounts get none."""
    alone = labels(scored)
    rings = judge_rings(scored, alone, [a_ring(scored, ROWS)], RATE)
    anew, _ = with_ring_evidence(scored, alone, rings)
    (line,) = anew.evidence(107)
    assert (line.test, line.observed, line.expected) == ("collision", 0.0, 9.0)
    assert line.p_value == pytest.approx(np.exp(-12))
    assert "it shares 0 items with the 19 other accounts" in line.sentence
    assert anew.evidence(99) == ()


def test_a_member_of_two_rings_gets_the_evidence_of_the_more_certain_one(
    scored: ScoredAccounts,
) -> None:
    """An account in a collision ring and in a later lockstep ring gets the collision evidence."""
    alone = labels(scored)
    second = replace(a_ring(scored, np.arange(110, 130), p_value=1e-3), test="lockstep")
    rings = judge_rings(scored, alone, [a_ring(scored, ROWS), second], RATE)
    anew, _ = with_ring_evidence(scored, alone, rings)
    assert [anew.evidence(row)[0].test for row in (105, 115, 125)] == [
        "collision",
        "collision",
        "lockstep",
    ]


def test_the_evidence_on_a_member_concerns_the_crowd(scored: ScoredAccounts) -> None:
    """Its evidence has the p-value of the crowd and says that it concerns the crowd."""
    crowd = replace(a_ring(scored, ROWS, p_value=1e-5), test="crowd")
    rings = judge_rings(scored, labels(scored), [crowd], RATE)
    anew, _ = with_ring_evidence(scored, labels(scored), rings)
    (line,) = anew.evidence(107)
    assert (line.test, line.p_value) == ("crowd", pytest.approx(1e-5))
    assert "this visitor alone shows nothing" in line.sentence

"""What rings and their members' own evidence say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.judged import a_ring, honest

from ringfence.verdicts import Judged
from ringfence.verdicts.company import in_company, judge_rings, members_evidence

ROWS = np.arange(100, 120)
RATE = 0.01


@pytest.fixture(name="judged")
def _judged() -> Judged:
    """Four hundred accounts."""
    return honest(np.random.default_rng(1))


def labels(judged: Judged, **named: list[int]) -> np.ndarray:
    """Return verdicts: those of the rows named, nothing of others."""
    said = np.full(judged.fused.size, "", dtype="U10")
    for verdict, rows in named.items():
        said[rows] = verdict
    return said


def test_a_suspect_in_a_ring_is_accused(judged: Judged) -> None:
    """Of two suspects the one in a ring is extracting; members that are no suspects are nothing."""
    alone = labels(judged, suspect=[105, 300])
    rings = judge_rings(judged, alone, [a_ring(judged, ROWS)], RATE)
    _, together = in_company(judged, alone, rings)
    assert together[105] == "extracting"
    assert together[300] == "suspect"
    assert (np.delete(together, [105, 300]) == "").all()


def test_a_suspect_that_may_fit_by_chance_is_not_accused(judged: Judged) -> None:
    """Of two suspects in a sure ring one would have as little in common once in five hundred."""
    alone = labels(judged, suspect=[105, 106])
    ring = a_ring(judged, ROWS)
    ring = replace(ring, alone=np.where(ROWS == 106, np.log(2e-3), ring.alone))
    _, together = in_company(judged, alone, judge_rings(judged, alone, [ring], RATE))
    assert together[105] == "extracting"
    assert together[106] == "suspect"


def test_the_chance_of_fitting_in_is_shared_by_rings(judged: Judged) -> None:
    """One in fifteen thousand is enough beside one ring, and not where there are two."""
    alone = labels(judged, suspect=[105])
    ring = replace(a_ring(judged, ROWS), alone=np.full(ROWS.size, np.log(1 / 15_000)))
    for rings, verdict in (
        ([ring], "extracting"),
        ([ring, a_ring(judged, np.arange(200, 210))], "suspect"),
    ):
        _, together = in_company(judged, alone, judge_rings(judged, alone, rings, RATE))
        assert together[105] == verdict


@pytest.mark.parametrize("changes", [{"log_p": np.log(2e-4)}, {"test": "lockstep"}])
def test_rings_that_are_not_sure_accuse_nobody(judged: Judged, changes: dict[str, object]) -> None:
    """Above a hundredth of the rate, or in lockstep, whatever the members are by themselves."""
    alone = labels(judged, suspect=ROWS.tolist())
    ring = replace(a_ring(judged, ROWS), **changes)
    rings = judge_rings(judged, alone, [ring], RATE)
    assert [one.verdict for one in rings] == ["suspect"]
    assert np.array_equal(in_company(judged, alone, rings)[1], alone)


@pytest.mark.parametrize(("odd", "verdict"), [(9, "suspect"), (10, "extracting")])
def test_half_of_the_members_convict_a_ring(judged: Judged, odd: int, verdict: str) -> None:
    """Ten of twenty findings make it extracting, nine do not; the evidence counts them."""
    alone = labels(judged, suspect=ROWS[:odd].tolist())
    (one,) = judge_rings(judged, alone, [a_ring(judged, ROWS)], RATE)
    assert one.verdict == verdict
    said = members_evidence(one, 400)
    assert said is not None
    assert (said.test, said.observed) == ("members", odd)
    assert said.expected == pytest.approx(20 / 1_000)
    assert f"{odd} of its 20 accounts" in said.sentence


def test_members_without_evidence_say_nothing(judged: Judged) -> None:
    """No line where no member is a finding; one is said in the singular, and is no rarity."""
    (none,) = judge_rings(judged, labels(judged), [a_ring(judged, ROWS)], RATE)
    assert members_evidence(none, 400) is None
    (one,) = judge_rings(judged, labels(judged, suspect=[107]), [a_ring(judged, ROWS)], RATE)
    said = members_evidence(one, 400)
    assert said is not None
    assert "1 of its 20 accounts is a finding by" in said.sentence
    assert said.p_value == pytest.approx(1 - (1 - 1e-3) ** 20)


def test_every_member_is_told_its_company(judged: Judged) -> None:
    """Members have one more line of evidence, with their own numbers; others have none."""
    alone = labels(judged)
    rings = judge_rings(judged, alone, [a_ring(judged, ROWS)], RATE)
    anew, _ = in_company(judged, alone, rings)
    (line,) = anew.evidence(107)
    assert (line.test, line.observed, line.expected) == ("collision", 0.0, 9.0)
    assert line.p_value == pytest.approx(np.exp(-12))
    assert "with 19 other accounts it has 0 items in common" in line.sentence
    assert anew.evidence(99) == ()


def test_of_two_rings_the_more_certain_is_told(judged: Judged) -> None:
    """An account that is in a ring in lockstep too is told of the collisions that come first."""
    alone = labels(judged)
    second = replace(a_ring(judged, np.arange(110, 130), p_value=1e-3), test="lockstep")
    rings = judge_rings(judged, alone, [a_ring(judged, ROWS), second], RATE)
    anew, _ = in_company(judged, alone, rings)
    assert [anew.evidence(row)[0].test for row in (105, 115, 125)] == [
        "collision",
        "collision",
        "lockstep",
    ]

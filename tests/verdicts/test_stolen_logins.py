"""Logins that may be stolen are suspects at most, and the advice is to help their owners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import a_ring, honest

from ringfence.own_past import OwnPast
from ringfence.policy_settings import PolicySettings
from ringfence.stats.arrays import Keys
from ringfence.verdicts import ScoredAccounts, combine
from ringfence.verdicts.account_findings import account_verdicts
from ringfence.verdicts.error_control import MIN_SCAN_SIZE
from ringfence.verdicts.ring_findings import advised_action
from ringfence.verdicts.ring_verdicts import judge_rings, stolen_evidence
from ringfence.verdicts.stolen_logins import may_be_stolen, with_own_past, with_stolen_logins

ENOUGH = 0.5 / MIN_SCAN_SIZE
RATE = 0.01


def past(keys: Keys, p: float = ENOUGH) -> OwnPast:
    """Return accounts that are unlike their own past."""
    ones = np.ones(keys.size)
    return OwnPast(keys, p * ones, ones, ones, ones * 40, ones * 14, ones * 560, ones)


def usual(p: float, rows: list[int]) -> ScoredAccounts:
    """Return accounts of which some are unlike their own past, and usual otherwise."""
    scored = honest(np.random.default_rng(1))
    ones = np.ones(scored.fused.size)
    keys = scored.accounts["account_key"][rows]
    return replace(scored, fused=ones, p_values=ones, volume=ones, own_past=past(keys, p))


def test_an_account_unlike_its_past_is_a_suspect_whatever_its_volume() -> None:
    """The volume gate does not apply; other accounts stay without a verdict."""
    scored = usual(ENOUGH, [7, 9])
    labels = with_stolen_logins(scored, account_verdicts(scored, RATE))
    assert np.flatnonzero(labels == "suspect").tolist() == [7, 9]
    assert (np.delete(labels, [7, 9]) == "").all()


def test_a_larger_p_value_is_not_enough() -> None:
    """Small scans are judged as strictly as one of ten thousand accounts."""
    assert not may_be_stolen(usual(1.01 * ENOUGH, [7])).any()
    assert not may_be_stolen(usual(ENOUGH, [7]), accounts=2 * MIN_SCAN_SIZE).any()


def test_an_extracting_account_stays_extracting() -> None:
    """Own evidence of extraction is not taken back by the past."""
    scored = usual(ENOUGH, [7])
    labels = np.array(["extracting" if row == 7 else "" for row in range(400)])
    assert with_stolen_logins(scored, labels)[7] == "extracting"


def test_the_p_value_of_the_past_is_shown_where_it_decides() -> None:
    """The finding has the p-value that made it one."""
    scored = with_own_past(usual(ENOUGH, [7]))
    assert scored.p_values[7] == ENOUGH
    assert scored.expected_false[7] == pytest.approx(ENOUGH * 400)
    assert scored.p_values[8] == 1


def test_a_ring_does_not_accuse_a_login_that_may_be_stolen() -> None:
    """Of two suspects in a sure ring, the one whose login may be stolen is not accused."""
    drawn = honest(np.random.default_rng(1))
    rows = np.arange(100, 120)
    p = np.ones(400)
    p[[105, 106]] = 1e-5
    scored = replace(
        drawn,
        fused=p,
        p_values=p,
        volume=p,
        own_past=past(drawn.accounts["account_key"][[106]]),
    )
    labels = combine(scored, [a_ring(scored, rows)], RATE).labels
    assert labels[105] == "extracting"
    assert labels[106] == "suspect"


def test_a_larger_ring_does_not_accuse_the_members_of_a_crew() -> None:
    """Of two suspects in a sure ring, the one that a crew uses is not accused, whatever its past.

    If the crew is half of the ring, the ring is a suspect.
    """
    drawn = honest(np.random.default_rng(1))
    rows = np.arange(100, 120)
    p = np.ones(400)
    p[[105, 106]] = 1e-5
    scored = replace(drawn, fused=p, p_values=p, volume=p)
    keys = drawn.accounts["account_key"]
    ring = replace(a_ring(scored, rows), crew=np.sort(keys[106:112]))
    labels = combine(scored, [ring], RATE).labels
    assert (labels[105], labels[106]) == ("extracting", "suspect")
    own = np.array(["suspect" if row in rows else "" for row in range(400)])
    for last, verdict in ((109, "extracting"), (110, "suspect")):
        (one,) = judge_rings(scored, own, [replace(ring, crew=np.sort(keys[100:last]))], RATE)
        assert (one.verdict, one.may_be_stolen) == (verdict, verdict == "suspect")


@pytest.mark.parametrize(("stolen", "verdict"), [(9, "extracting"), (10, "suspect")])
def test_a_ring_of_stolen_logins_is_a_suspect(stolen: int, verdict: str) -> None:
    """If half of the logins may be stolen, the ring accuses nobody and advises a challenge."""
    drawn = honest(np.random.default_rng(1))
    rows = np.arange(100, 120)
    scored = replace(drawn, own_past=past(drawn.accounts["account_key"][100 : 100 + stolen]))
    own = np.array(["suspect" if row in rows else "" for row in range(400)])
    (one,) = judge_rings(scored, own, [a_ring(scored, rows)], RATE)
    assert one.verdict == verdict
    action = advised_action(one, PolicySettings(extracting="suspend", suspect="suspend"))
    assert action == ("challenge" if verdict == "suspect" else "suspend")
    evidence = stolen_evidence(one, 400)
    assert evidence is not None
    assert evidence.observed == stolen
    assert f"{stolen} of its 20 accounts" in evidence.sentence


def test_a_ring_without_stolen_logins_says_nothing_about_them() -> None:
    """There is no such evidence."""
    scored = honest(np.random.default_rng(1))
    labels = np.full(400, "")
    (one,) = judge_rings(scored, labels, [a_ring(scored, np.arange(100, 120))], RATE)
    assert stolen_evidence(one, 400) is None

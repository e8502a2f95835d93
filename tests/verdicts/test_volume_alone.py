"""Suspects by volume alone: the population's own tail decides, and accusations do not change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import honest

from ringfence.evidence import Scores
from ringfence.stats.arrays import Floats
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge_tests

RATE = 0.01


def scored(volume: Floats, alone: Floats | None) -> ScoredAccounts:
    """Return accounts whose other evidence is that of users."""
    drawn = honest(np.random.default_rng(2), volume.size)
    keys = drawn.accounts["account_key"]
    scores = Scores(keys, volume, volume, volume, alone=alone)
    by_test = {name: np.full(volume.size, 0.5) for name in drawn.by_test} | {"volume": volume}
    return judge_tests(drawn.accounts, by_test, {"volume": scores}, ())


@pytest.mark.parametrize(("alone", "verdict"), [(None, "suspect"), (1e-8, "suspect"), (1e-3, "")])
def test_only_the_heavier_tail_makes_a_suspect_by_volume(alone: float | None, verdict: str) -> None:
    """An account that is rare under one model only is not a suspect for its volume alone."""
    volume = np.full(2_000, 0.5)
    volume[7] = 1e-8
    heavier = None if alone is None else np.where(volume < 0.5, alone, 0.5)
    found = account_verdicts(scored(volume, heavier), RATE)
    assert found[7] == verdict
    assert not np.delete(found, 7).any()


def test_the_heavier_tail_changes_no_combined_p_value() -> None:
    """Accusations rest on the combined p-value, to which the heavier tail does not belong."""
    volume = np.geomspace(1e-9, 1, 500)
    light, heavy = scored(volume, None), scored(volume, np.sqrt(volume))
    assert np.array_equal(light.fused, heavy.fused)
    assert np.array_equal(light.volume, heavy.volume)
    assert (heavy.p_values >= light.p_values).all()
    assert (heavy.p_values > light.p_values).any()


def test_a_test_that_is_left_out_makes_no_suspect() -> None:
    """Evidence without volume has no suspect by volume."""
    volume = np.full(2_000, 0.5)
    volume[7] = 1e-8
    both = scored(volume, volume)
    rest = {name: p for name, p in both.by_test.items() if name != "volume"}
    again = judge_tests(both.accounts, rest, both.scores, ())
    assert not account_verdicts(replace(again, volume=volume), RATE).any()

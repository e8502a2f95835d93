"""Novelty: the distribution of returns, and the accounts that are measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ringfence.evidence import CannotRun
from ringfence.evidence.novelty import (
    COLLECTORS_RETURNS,
    COLLECTORS_SHARE,
    USERS_RETURNS,
    Novelty,
    few_returns_p_values,
)
from ringfence.evidence.reference_distributions import Kind
from ringfence.testing import account, small_ledger

HOUR = 3600


def test_p_values_are_exact() -> None:
    """Users drawn from the mixture itself have p ≤ a with chance a, except for discrete steps."""
    rng = np.random.default_rng(1)
    people = 15_000
    collector = rng.random(people) < COLLECTORS_SHARE
    share = np.where(
        collector, rng.beta(*COLLECTORS_RETURNS, people), rng.beta(*USERS_RETURNS, people)
    )
    uses = rng.integers(200, 3_000, people)
    p = few_returns_p_values(rng.binomial(uses, share).astype(np.float64), uses.astype(np.float64))
    for level in (0.5, 0.1, 0.05, 0.01):
        error = 4 * np.sqrt(level / people)
        assert np.mean(p <= level) == pytest.approx(level, abs=error + 0.02)
        assert np.mean(p <= level) <= level + error


def test_more_returns_are_less_rare() -> None:
    """Each further return raises the p-value, up to 1 if all uses are returns."""
    returns = np.arange(0.0, 301.0)
    p = few_returns_p_values(returns, np.full(301, 300.0))
    assert np.all(np.diff(p) > 0)
    assert p[-1] == pytest.approx(1.0)


def test_collectors_limit_the_p_value() -> None:
    """No return among more uses is rarer, but honest collectors keep p above 1e-4."""
    uses = np.array([200.0, 1_000.0, 5_000.0, 50_000.0])
    p = few_returns_p_values(np.zeros(4), uses)
    assert np.all(np.diff(p) < 0)
    assert p[-1] > 1e-4
    # The collectors' own distribution: B(a, b + n) / B(a, b).
    a, b = COLLECTORS_RETURNS
    law = float(stats.betabinom.pmf(0, 5_000, a, b))
    assert p[2] == pytest.approx(COLLECTORS_SHARE * law, rel=0.01)


def test_counts_of_the_busiest_month() -> None:
    """Uses and returns are counted in the 30 days with the most new items."""
    busy = account("one", np.arange(400) * HOUR, np.arange(400) % 300)
    later = account("one", (np.arange(300) + 90 * 24) * HOUR, np.zeros(300))
    few = account("two", np.arange(199) * HOUR, np.arange(199))
    with small_ledger(busy, later, few) as context:
        scores = Novelty().score(context)
        numbers = scores.at(0)
    assert scores.keys.size == 1
    assert (numbers["uses"], numbers["returns"]) == (400, 100)
    assert numbers["observed"] == 0.25


@pytest.mark.parametrize("kind", ["library", "general"])
def test_only_listeners_were_measured(kind: Kind) -> None:
    """In a catalogue of articles, which are read once, the test cannot run."""
    with small_ledger(kind=kind) as context, pytest.raises(CannotRun, match="listeners"):
        Novelty().score(context)

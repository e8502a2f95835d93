"""Candidate sets among some accounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringfence.rings.collision.candidates import MAX_CANDIDATES, best_candidates
from ringfence.rings.collision.pairs import PairCounts

ACCOUNTS = 300
MEAN = 2.0


def poisson_pairs(rng: np.random.Generator, observed: np.ndarray | None = None) -> PairCounts:
    """Return Poisson counts of mean 2 for all pairs, scaled by a matrix of rates."""
    rates = np.ones((ACCOUNTS, ACCOUNTS)) if observed is None else observed
    counts = np.triu(rng.poisson(MEAN * rates).astype(float), 1)
    expected = np.full((ACCOUNTS, ACCOUNTS), MEAN)
    np.fill_diagonal(expected, 0.0)
    rows = 1_000 + np.arange(ACCOUNTS)
    items = np.full(ACCOUNTS, 1e6)
    is_bulk = np.zeros(ACCOUNTS, dtype=bool)
    return PairCounts(rows, counts + counts.T, expected, items, is_bulk)


def planted(members: np.ndarray, rate: float = 0.0) -> np.ndarray:
    """Return the rates of all pairs, where members share less."""
    rates = np.ones((ACCOUNTS, ACCOUNTS))
    rates[np.ix_(members, members)] = rate
    return rates


@pytest.mark.parametrize("vectors", [0, 4])
@pytest.mark.parametrize("rate", [0.0, 0.2])
def test_a_planted_set_is_found(rate: float, vectors: int) -> None:
    """Thirty members at random places are the best candidate, by either way of sorting."""
    rng = np.random.default_rng(1)
    members = np.sort(rng.choice(ACCOUNTS, 30, replace=False))
    best = best_candidates(poisson_pairs(rng, planted(members, rate)), vectors)[0]
    assert np.isin(best.members, 1_000 + members).mean() > 0.9
    assert np.isin(1_000 + members, best.members).mean() > 0.9


@pytest.mark.parametrize("seed", range(5))
def test_independent_pairs_have_no_candidate(seed: int) -> None:
    """No set of independent accounts pays its penalty."""
    assert best_candidates(poisson_pairs(np.random.default_rng(seed)), 4) == []


def test_two_rings_with_the_same_slices_are_separate() -> None:
    """Two accounts with one slice never fit together; a candidate has one of them."""
    rng = np.random.default_rng(2)
    first, second = np.arange(0, 30), np.arange(100, 130)
    rates = planted(np.concatenate([first, second]))
    rates[first, second] = rates[second, first] = 100.0
    # Each account holds 300 items, so that those with one slice count as copies.
    pairs = replace(poisson_pairs(rng, rates), item_counts=np.full(ACCOUNTS, 300.0))
    best = best_candidates(pairs, 4)[0]
    places = best.members - 1_000
    slices = np.where(places < 100, places, places - 100)
    assert np.unique(slices).size == slices.size
    assert slices.size >= 25


def test_candidates_are_few_distinct_and_sorted() -> None:
    """At most three sets are returned, best first, each once."""
    rng = np.random.default_rng(3)
    found = best_candidates(poisson_pairs(rng, planted(np.arange(40))), 4)
    assert 1 <= len(found) <= MAX_CANDIDATES
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len({one.members.tobytes() for one in found}) == len(found)


def test_fewer_accounts_than_a_ring_have_no_candidate() -> None:
    """Seven accounts that share nothing are too few."""
    pairs = poisson_pairs(np.random.default_rng(4), planted(np.arange(40)))
    assert best_candidates(pairs.at(np.arange(7)), 4) == []


def test_accounts_that_share_nothing_by_expectation_have_no_candidate() -> None:
    """Where nothing is expected, nothing is missing."""
    nothing = np.zeros((ACCOUNTS, ACCOUNTS))
    is_bulk = np.zeros(ACCOUNTS, dtype=bool)
    pairs = PairCounts(np.arange(ACCOUNTS), nothing, nothing, np.ones(ACCOUNTS), is_bulk)
    assert best_candidates(pairs, 4) == []

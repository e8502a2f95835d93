"""Collisions of pairs, in which candidate sets are scored."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import Pairs, ring, runs, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.division import log_likelihood_ratio
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.pairs import Candidate, PairCounts, entry_threshold
from ringfence.rings.collision.search_scopes import log_penalty


@pytest.fixture(scope="module", name="population")
def _population() -> Holdings:
    """Return 300 users and a ring of 40 with 60 items each."""
    rng = np.random.default_rng(1)
    crowd = users(rng, 300)
    return together(crowd, ring(crowd, 40, 60, rng))


def pairs_of(population: Holdings) -> PairCounts:
    """Count the pairs of all accounts."""
    rows = np.arange(population.accounts.size)
    return PairCounts.of(Collisions.of(population, "group"), rows)


def test_a_part_is_counted_as_from_the_start(population: Holdings) -> None:
    """The counts of some accounts are those that these accounts alone would give."""
    collisions = Collisions.of(population, "group")
    some = np.arange(3, 330, 7)
    part, direct = pairs_of(population).at(some), PairCounts.of(collisions, some)
    assert np.array_equal(part.rows, direct.rows)
    assert np.array_equal(part.observed, direct.observed)
    assert np.allclose(part.expected, direct.expected, rtol=1e-5)
    assert np.array_equal(part.item_counts, direct.item_counts)


def test_a_ring_has_a_positive_score_and_users_have_none(population: Holdings) -> None:
    """The score of a ring pays its penalty; that of as many users does not."""
    pairs = pairs_of(population)
    assert pairs.score(np.arange(300, 340), 0.05) > 0
    assert pairs.score(np.arange(40), 0.05) < 0


def test_score_is_ratio_over_dispersion_less_penalty(population: Holdings) -> None:
    """The score is the set's log-likelihood ratio, divided by the dispersion, less the penalty."""
    pairs = pairs_of(population)
    for members in (np.arange(300, 340), np.arange(300, 320), np.arange(40)):
        both = np.ix_(members, members)
        sums = pairs.observed[both].sum() / 2, pairs.expected[both].sum() / 2
        ratio = float(log_likelihood_ratio(*sums, 0.3)) / pairs.index_of_dispersion(members)
        penalty = float(log_penalty(340, members.size))
        assert pairs.score(members, 0.3) == pytest.approx(ratio - penalty)


def test_copies_do_not_count_for_dispersion() -> None:
    """A copy of each account of a set leaves its index of dispersion unchanged."""
    rng = np.random.default_rng(2)
    account, item = users(rng, 200)
    few = account < 20
    copied: Pairs = (account[few] + 5_000, item[few])
    plain, copies = pairs_of(together((account, item))), pairs_of(together((account, item), copied))
    before = plain.index_of_dispersion(np.arange(20))
    assert copies.index_of_dispersion(np.arange(20)) == pytest.approx(before, rel=0.15)


def test_runs_are_overdispersed() -> None:
    """Accounts that take runs of items have a large index of dispersion, others a small one."""
    rng = np.random.default_rng(3)
    dispersed = pairs_of(together(runs(rng, 200, 12)))
    single = pairs_of(together(users(rng, 200)))
    assert dispersed.index_of_dispersion(np.arange(40)) > 2.5
    assert 1 <= single.index_of_dispersion(np.arange(40)) < 1.8


def test_missing_members_would_join(population: Holdings) -> None:
    """Of a ring found in part, the other members join and no user does."""
    pairs = pairs_of(population)
    part = Candidate(np.arange(300, 320), 0.05, 10.0)
    free = ~np.isin(np.arange(340), part.members)
    joining = pairs.rows_that_would_join(part, 340, free)
    assert np.sort(joining).tolist() == list(range(320, 340))
    free[325] = False
    assert 325 not in pairs.rows_that_would_join(part, 340, free)


def test_nobody_joins_a_ring_without_members_in_the_scope(population: Holdings) -> None:
    """If no member is among the examined accounts, none of these joins."""
    pairs = pairs_of(population)
    elsewhere = Candidate(np.arange(300, 340), 0.05, 100.0)
    free = ~np.isin(np.arange(340), elsewhere.members)
    assert pairs.rows_that_would_join(elsewhere, 250, free).size == 0


def test_the_entry_threshold_falls_with_the_members() -> None:
    """One more member costs about the growth of the penalty."""
    growth = float(log_penalty(1_000, 41) - log_penalty(1_000, 40))
    assert entry_threshold(1_000, 40) == pytest.approx(growth, abs=1.1)
    assert entry_threshold(1_000, 100) < entry_threshold(1_000, 40) < entry_threshold(4_000, 40)

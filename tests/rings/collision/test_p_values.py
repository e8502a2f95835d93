"""P-values of sets: large for people who take whole parts, small for rings beside them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import (
    Pairs,
    by_group,
    of_one_part,
    one_of_each_part,
    ring,
    scenes,
    spread,
    together,
    users,
)

from ringfence.model.ring import MAX_RING_P_VALUE, Level
from ringfence.rings.collision.alike import accounts_alike, items_at_once_of_kind
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.null_distribution import index_of_dispersion, set_dispersion_k
from ringfence.rings.collision.p_values import RingAssessor
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Rows
from ringfence.stats.negative_binomial import log_lower_tail

NOBODY: Rows = np.zeros(0, np.intp)


def assessor(population: Holdings, level: Level = "global") -> RingAssessor:
    """Return an assessor for sets of a population in a random order."""
    order = np.random.default_rng(0).permutation(population.accounts.size)
    scopes = SearchScopes(order.size, order, population.item_counts)
    return RingAssessor(population, Collisions.of(population, level), scopes)


def p_value(population: Holdings, members: Rows, level: Level = "global") -> float:
    """Return the p-value of one set."""
    return assessor(population, level).assess(members, members).p_value


def copies(members: Pairs, first: int, many: int) -> Pairs:
    """Return accounts, numbered from ``first`` on, that hold what the first members hold."""
    account, item = members
    some = account < account.min() + many
    return account[some] - account.min() + first, item[some]


@pytest.mark.parametrize("size_of_group", [0, 40, 7])
@pytest.mark.parametrize(("parts", "buyers"), [(120, 200), (60, 100), (200, 250)])
def test_one_buyer_of_each_issue_is_no_ring(parts: int, buyers: int, size_of_group: int) -> None:
    """They share nothing; without other buyers to compare with, hundreds of items are expected.

    There are no groups, or each issue is one, or groups are sections of issues.
    """
    rng = np.random.default_rng(parts)
    crowd = spread(rng, 700, parts, 40, uses=40), of_one_part(rng, buyers, parts, 40)
    population = together(*crowd, size=size_of_group)
    members = one_of_each_part(population, 40)
    whole = assessor(population)
    found = whole.assess(members, members)
    assert (found.observed, found.p_value) == (0, 1)
    alone = log_lower_tail(0, found.expected, 1e6) + whole.scopes.log_penalty(members)
    assert alone < np.log(1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_few_people_with_a_whole_work_each_are_no_ring(seed: int) -> None:
    """Twelve who transcribe different manuscripts leave nobody to compare with, but groups tell."""
    rng = np.random.default_rng(seed)
    crowd = spread(rng, 600, 60, 300, uses=120)
    part = rng.choice(60, 12, replace=False)
    works = np.repeat(5_000 + np.arange(12), 300), (part[:, None] * 300 + np.arange(300)).ravel()
    population = together(crowd, works, size=300)
    assert p_value(population, np.flatnonzero(population.accounts >= 5_000)) > MAX_RING_P_VALUE


@pytest.mark.parametrize("parts", [60, 120])
@pytest.mark.parametrize("size_of_group", [0, 40])
def test_a_ring_beside_buyers_of_issues_is_certain(parts: int, size_of_group: int) -> None:
    """People who take whole issues do not weaken the evidence on a ring."""
    rng = np.random.default_rng(parts)
    crowd = spread(rng, 600, parts, 40), of_one_part(rng, 90, parts, 40)
    members = ring((crowd[0][0], crowd[0][1]), 40, 50, rng)
    population = together(*crowd, members, size=size_of_group)
    assert p_value(population, np.flatnonzero(population.accounts >= 10_000)) == 1e-12


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [160, 300])
def test_a_ring_that_buys_collisions_is_certain(share: int, seed: int) -> None:
    """Each pair shares two to six items, where three to nine are expected."""
    rng = np.random.default_rng(seed)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, share, rng, bought=0.3))
    members = np.flatnonzero(population.accounts >= 10_000)
    assert p_value(population, members, "group") <= 1e-6


@pytest.mark.parametrize("many", [1, 4, 8])
def test_copies_of_a_few_members_do_not_hide_a_ring(many: int) -> None:
    """An account that repeats a member's share looks like a person with the same whole part.

    With few of them among many members, dozens of coincidences would be expected.
    """
    rng = np.random.default_rng(many)
    crowd = spread(rng, 600, 120, 40)
    members = ring(crowd, 100, 40, rng)
    population = together(crowd, members, copies(members, 20_000, many), size=0)
    rows = np.flatnonzero((population.accounts >= 10_000) & (population.accounts < 20_000))
    assert p_value(population, rows) <= 0.01


def test_a_ring_that_divides_groups_is_judged_by_groups() -> None:
    """Thirty accounts with six whole groups each would have met forty times, and not 1,600."""
    rng = np.random.default_rng(3)
    crowd = scenes(rng, 800)
    population = together(crowd, by_group(crowd, 30, 6), genres=10)
    members = np.flatnonzero(population.accounts >= 10_000)
    found = assessor(population, "genre").assess(members, members)
    assert -found.expected / 40 < found.log_p < -found.expected / 80


def test_names_do_not_matter() -> None:
    """With accounts and items in another order, the p-value is the same."""
    rng = np.random.default_rng(8)
    account, item = (
        np.concatenate(each)
        for each in zip(
            spread(rng, 300, 60, 40), of_one_part(rng, 40, 60, 40, taken=0.5), strict=True
        )
    )
    shuffled = rng.permutation(account.max() + 1)
    one = together((account, item), size=0)
    other = together((shuffled[account], (item * 7) % 2_399), size=0)
    chosen = rng.choice(np.unique(account[account >= 5_000]), 20, replace=False)
    logs = [
        assessor(population).assess(rows, rows).log_p
        for population, rows in (
            (one, np.flatnonzero(np.isin(one.accounts, chosen))),
            (other, np.flatnonzero(np.isin(other.accounts, shuffled[chosen]))),
        )
    ]
    assert logs[0] == pytest.approx(logs[1], rel=0.05)


@pytest.mark.slow
def test_p_values_of_people_who_take_whole_parts_are_not_too_small() -> None:
    """Random sets of buyers of issues, over several populations, before any penalty."""
    p = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        crowd = spread(rng, 400, 60, 40, uses=60), of_one_part(rng, 80, 60, 40, taken=0.8)
        collisions = Collisions.of(together(*crowd, size=0), "global")
        buyers = np.arange(400, collisions.item_counts.size)
        for _ in range(50):
            group = np.sort(rng.choice(buyers, 30, replace=False))
            alike = accounts_alike(collisions, group, NOBODY)
            index = max(
                items_at_once_of_kind(collisions, group, alike),
                index_of_dispersion(collisions, group, group),
            )
            k = set_dispersion_k(collisions, group, group)
            p.append(np.exp(log_lower_tail(*collisions.within(group), k, index)))
    for level in (0.1, 0.05, 0.01):
        assert np.mean(np.array(p) <= level) <= 1.3 * level + 0.01

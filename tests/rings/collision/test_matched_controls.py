"""Matched controls: groups of other accounts that are as large as the members."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from tests.rings.populations import together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.matched_controls import MIN_OTHERS, matched_groups


def test_groups_are_as_large_as_the_set() -> None:
    """A control group has as many accounts as the set, none twice and none excluded."""
    collisions = Collisions.of(together(users(np.random.default_rng(3), 1_000)), "group")
    size, ranked = collisions.matching_size, collisions.ranked_by_size
    for many in (10, 100, 300):
        members, excluded = np.arange(many), np.arange(many, many + 20)
        group = next(matched_groups(size, ranked, members, excluded, 4))
        assert np.unique(group).size == many
        assert group.min() >= many + 20


def test_controls_have_about_the_members_sizes() -> None:
    """Members that hold much get controls that hold much."""
    sizes = np.arange(1_000.0)
    ranked = np.arange(1_000)
    for members in (np.arange(10), np.arange(980, 990)):
        groups = list(islice(matched_groups(sizes, ranked, members, members[:0], 1), 50))
        assert abs(np.concatenate(groups).mean() - members.mean()) < 60


@pytest.mark.parametrize("many", [40, 100])
def test_all_neighbours_are_drawn_equally_often(many: int) -> None:
    """Where all accounts are alike, each neighbour of the members is in its share of groups."""
    others = 50_000
    alike, ranked = np.ones(others + many), np.arange(others + many)
    groups = islice(matched_groups(alike, ranked, ranked[:many], ranked[:0], 5), 2_000)
    often = np.bincount(np.concatenate(list(groups)), minlength=others + many)
    assert not often[:many].any()
    drawn = often[often > 0]
    assert drawn.size == 5 * many
    # Each is in a fifth of the groups, within four standard deviations.
    assert np.abs(drawn - 400).max() < 4 * np.sqrt(2_000 * 0.2 * 0.8)


def test_replacements_of_repetitions_come_from_the_whole_neighbourhood() -> None:
    """With members at both ends of a million accounts, replacements lie between them too."""
    alike = np.arange(1_000_000.0)
    members = np.concatenate([np.arange(40), 999_960 + np.arange(40)])
    ranked = np.arange(alike.size)
    drawn = np.concatenate(list(islice(matched_groups(alike, ranked, members, members, 6), 200)))
    between = drawn[(drawn > 10_000) & (drawn < 990_000)]
    assert 200 <= between.size < 0.2 * drawn.size
    assert abs(between.mean() / 500_000 - 1) < 0.1


def test_too_few_others_give_no_controls() -> None:
    """One account below the minimum gives no group; the minimum gives groups of half of them."""
    for others, groups in ((MIN_OTHERS - 1, 0), (MIN_OTHERS, 3)):
        values = np.arange(60.0 + others)
        found = list(islice(matched_groups(values, np.arange(values.size), np.arange(60),
                                           np.arange(0), 1), 3))  # fmt: skip
        assert [group.size for group in found] == [MIN_OTHERS // 2] * groups


def test_the_same_seed_gives_the_same_controls() -> None:
    """Groups depend on the seed, and on nothing else that changes between calls."""
    values, ranked, members = np.arange(500.0), np.arange(500), np.arange(20)
    first, again, other = (
        next(matched_groups(values, ranked, members, members, seed)).tolist() for seed in (1, 1, 2)
    )
    assert first == again != other

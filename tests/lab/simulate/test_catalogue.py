"""The law of the catalogue: its sums, its draws, its numbers."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.catalogue import SHARE, TAKEN, CatalogueLaw, share_of_top
from ringfence.stats.arrays import Floats

ITEMS = 20_000


@pytest.fixture(scope="module")
def law() -> CatalogueLaw:
    """A catalogue of 20,000 items."""
    return CatalogueLaw.of(ITEMS)


@pytest.fixture(scope="module")
def chances() -> Floats:
    """200,000 numbers in [0, 1)."""
    return np.random.default_rng(1).random(200_000)


def top_share(law: CatalogueLaw, count: int) -> float:
    """Return the share of all use of the most used items of a catalogue."""
    return share_of_top(law.level, law.shift, law.exponent, count)


def test_the_published_share_holds_at_full_size() -> None:
    """Of 256 million items, the 86 million most used carry 99.6 % of use, and half of them less."""
    law = CatalogueLaw.of(256_000_000)
    assert abs(top_share(law, 86_000_000) - 0.996) < 1e-4
    assert top_share(law, 40_000_000) < 0.99
    assert top_share(law, 256_000_000) == pytest.approx(1.0)
    assert 14e6 < law.groups < 16e6


@pytest.mark.parametrize("items", [100, 5_000, 300_000])
def test_the_closed_form_is_the_true_sum(items: int) -> None:
    """Sorting and adding up every item's use gives what the closed form says."""
    law = CatalogueLaw.of(items)
    use = np.sort(law.popularity(np.arange(items)))[::-1] / 1e9
    assert use.sum() == pytest.approx(1.0, rel=1e-9)
    for count in (items // 50, items // 10, round(TAKEN * items), items):
        assert top_share(law, count) == pytest.approx(float(use[:count].sum()), rel=1e-4)
    assert float(use[: round(TAKEN * items)].sum()) == pytest.approx(SHARE, abs=1e-4)


@pytest.mark.parametrize("items", [5_000, 60_000, 250_000])
def test_a_shorter_list_is_the_beginning_of_a_longer_one(items: int) -> None:
    """The length of the first list that is asked for does not change the events of a scenario."""
    law = CatalogueLaw.of(items)
    longest = law.top(items)
    assert np.array_equal(np.sort(longest), np.arange(items))
    for count in (1, 10, 37, 333, 1_400, 2_500, 4_999):
        assert np.array_equal(law.top(count), longest[:count])


def test_top_lists_the_most_used_first(law: CatalogueLaw) -> None:
    """The list of the most used items is that of a full sort."""
    use = law.popularity(np.arange(ITEMS))
    top = law.top(3_000)
    assert len(np.unique(top)) == 3_000
    np.testing.assert_allclose(use[top], np.sort(use)[::-1][:3_000], rtol=1e-9)
    assert len(law.top(ITEMS)) == ITEMS
    assert len(law.top(0)) == 0


def test_items_are_drawn_as_they_are_used(law: CatalogueLaw, chances: Floats) -> None:
    """Frequencies of draws follow the law: the head's items and the tail's share."""
    chosen = np.bincount(law.used(chances), minlength=ITEMS) / len(chances)
    use = law.popularity(np.arange(ITEMS)) / 1e9
    top = law.top(20)
    np.testing.assert_allclose(chosen[top], use[top], rtol=0.1)
    tail = np.setdiff1d(np.arange(ITEMS), law.top(ITEMS // 20))
    assert chosen[tail].sum() == pytest.approx(use[tail].sum(), rel=0.05)


def test_draws_within_a_group_stay_in_it_and_follow_its_law(
    law: CatalogueLaw, chances: Floats
) -> None:
    """Two draws of one group agree as often as its items' shares say."""
    group = 7
    items = law.within(np.full(len(chances), group), chances)
    assert (law.group_of(items) == group).all()
    whole = law.whole(group)
    share = law.popularity(whole) / law.popularity(whole).sum()
    chosen = np.bincount(law.place_of(items), minlength=len(whole)) / len(items)
    np.testing.assert_allclose(chosen, share, atol=0.004)
    assert (np.diff(share) < 0).all()


def test_famous_groups_are_drawn_and_hold_more(law: CatalogueLaw, chances: Floats) -> None:
    """A group is chosen as often as its items are used together; famous ones have more items."""
    chosen = np.bincount(law.famous(chances), minlength=law.groups) / len(chances)
    use = law.popularity(law.whole(3)).sum() / 1e9
    assert chosen[3] == pytest.approx(use, rel=0.1)
    sizes = law.size_of(np.arange(law.groups))
    assert (np.diff(sizes) <= 0).all()
    assert sizes.sum() == ITEMS
    assert (sizes == [len(law.whole(group)) for group in range(law.groups)]).all()


def test_public_numbers_are_a_bijection_with_groups_together(law: CatalogueLaw) -> None:
    """Every number is used once, and the items of a group follow each other."""
    item = np.arange(ITEMS)
    number = law.public(item)
    assert (np.sort(number) == item).all()
    order = np.argsort(number)
    group = law.group_of(item)[order]
    assert np.count_nonzero(np.diff(group)) == law.groups - 1
    groups = np.arange(law.groups)
    assert (np.sort(law.public_group(groups)) == groups).all()


def test_public_numbers_do_not_tell_fame(law: CatalogueLaw) -> None:
    """Neither over the catalogue nor within a group do numbers rise or fall with use."""
    item = np.arange(ITEMS)
    number = law.public(item)
    use = law.popularity(item)
    assert abs(np.corrcoef(np.argsort(np.argsort(use)), number)[0, 1]) < 0.1
    groups = np.arange(law.groups)
    assert abs(np.corrcoef(groups, law.public_group(groups))[0, 1]) < 0.1
    first = np.array([int(np.argmin(law.public(law.whole(group)))) for group in range(200)])
    assert np.count_nonzero(first == 0) < 30


def test_the_catalogue_can_be_written_in_pieces(law: CatalogueLaw) -> None:
    """Two stretches together are the whole, with public numbers and all of the use."""
    parts = [law.columns(0, 9_000), law.columns(9_000, ITEMS + 5)]
    item = np.concatenate([part["item"] for part in parts])
    assert (np.sort(item) == np.arange(ITEMS)).all()
    use = sum(float(part["popularity"].sum()) for part in parts)
    assert use == pytest.approx(1e9)
    expected = law.public_group(law.group_of(np.arange(9_000)))
    assert (parts[0]["group"] == expected).all()


def test_a_taste_is_of_one_user() -> None:
    """The same user likes the same groups, another one others; most are of three genres."""
    law = CatalogueLaw.of(2_000_000)
    taste = law.taste(5, 300)
    assert (taste == law.taste(5, 300)).all()
    assert len(np.unique(taste)) == len(taste) <= 300
    assert len(np.intersect1d(taste, law.taste(6, 300))) < 0.5 * len(taste)
    genres = np.bincount(taste % 40, minlength=40)
    assert np.sort(genres)[-3:].sum() > 0.4 * len(taste)


def test_too_small_a_catalogue_is_refused() -> None:
    """A handful of items has no law."""
    with pytest.raises(ValueError, match="at least 100"):
        CatalogueLaw.of(99)

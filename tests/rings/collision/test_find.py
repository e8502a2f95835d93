"""From holdings to rings: who must not be called one, and pieces that belong together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from time import sleep

import numpy as np
import pytest
from tests.rings.crowd import Pairs, by_group, obscure, ring, runs, scenes, together, users

from ringfence.model.ring import Ring
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.find import across_views, find_rings
from ringfence.rings.collision.holdings import Holdings, holdings_of
from ringfence.rings.collision.pools import Pools
from ringfence.rings.collision.search import Candidate, merged
from ringfence.rings.collision.split import parts


def courses(rng: np.random.Generator, courses_: int, students: int) -> Pairs:
    """Draw students who read what their course has on its list, in courses that share nothing."""
    names, items = [], []
    for course in range(courses_):
        for student in range(students):
            taken = rng.choice(60, 25, replace=False) + course * 60
            names.append(np.full(25, 5_000 + course * students + student))
            items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def ungrouped(population: Holdings) -> Holdings:
    """Forget the groups."""
    none = np.zeros_like(population.kinds.group)
    return dataclasses.replace(population, kinds=dataclasses.replace(population.kinds, group=none))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [6, 12, 20])
def test_accounts_that_take_runs_are_no_ring(length: int, seed: int) -> None:
    """Whole series in common or nothing: of hundreds some have nothing in common, by chance."""
    rng = np.random.default_rng(seed)
    population = together(users(rng, 500), runs(rng, 500, length, 60 // length))
    assert find_rings(population, rng.permutation(population.accounts)) == ()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("hubs", [1, 2])
def test_a_hub_makes_no_ring_of_others(hubs: int, seed: int) -> None:
    """Of items that one account and those who hold everything have, no two others can meet."""
    rng = np.random.default_rng(seed)
    population = together(obscure(rng, users(rng, 500), 60, 60, hubs))
    order = rng.permutation(population.accounts)
    assert find_rings(population, order) == ()
    known = order >= 9_000
    assert find_rings(population, np.concatenate([order[known], order[~known]])) == ()


def test_a_ring_beside_a_hub_is_found() -> None:
    """An account that takes everything does not hide a ring that divides the most held items."""
    rng = np.random.default_rng(1)
    crowd = users(rng, 500)
    held = obscure(rng, crowd, 10, 60, 1)
    population = together(held, ring(crowd, 40, 60, rng))
    (found,) = find_rings(population, rng.permutation(population.accounts))
    assert set(found.keys.tolist()) == set(range(10_000, 10_040))


def test_a_ring_among_accounts_that_take_runs_is_found() -> None:
    """What others do in bunches is not held against the evidence on a ring."""
    rng = np.random.default_rng(9)
    crowd = users(rng, 500)
    population = together(crowd, runs(rng, 500), ring(crowd, 40, 60, rng))
    (found,) = find_rings(population, rng.permutation(population.accounts))
    assert set(range(10_000, 10_040)) <= set(found.keys.tolist())
    assert found.keys.size <= 42


@pytest.mark.parametrize(("many", "students"), [(60, 6), (40, 8), (25, 12)])
def test_courses_are_no_ring(many: int, students: int) -> None:
    """One student of each course hold nothing in common, and are not accused of it."""
    rng = np.random.default_rng(many)
    population = ungrouped(together(users(rng, 500), courses(rng, many, students)))
    order = rng.permutation(population.accounts)
    assert find_rings(population, order) == ()


def test_nobody_is_no_ring() -> None:
    """No holdings, and holdings that nobody shares, have no rings."""
    nothing = together((np.zeros(0, np.int64), np.zeros(0, np.int64)))
    assert find_rings(nothing, nothing.accounts) == ()
    alone = together((np.arange(50).repeat(20), np.arange(1_000)))
    assert find_rings(alone, alone.accounts) == ()


def test_a_ring_has_its_numbers() -> None:
    """What is said of it adds up: members, pairs, collisions."""
    rng = np.random.default_rng(4)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    (found,) = find_rings(population, rng.permutation(population.accounts))
    assert found.keys.tolist() == list(range(10_000, 10_040))
    assert found.observed == found.toward[:, 0].sum() == 0
    assert found.toward[:, 1].sum() / 2 == pytest.approx(found.expected, rel=1e-4)
    assert found.held.tolist() == [60.0] * 40
    assert found.log_p < -100
    assert found.p_value == 1e-12


def test_under_other_names_the_same_ring_is_found() -> None:
    """Nothing changes when accounts, items and groups are renamed, the p-value not either."""
    rng = np.random.default_rng(6)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    order = rng.permutation(population.accounts)
    (found,) = find_rings(population, order)
    places = population.matrix.tocoo()
    account, item, group = (
        rng.permutation(np.arange(1, size + 1).astype(np.uint64))
        for size in (*population.matrix.shape, int(population.kinds.group.max()) + 1)
    )
    renamed = holdings_of(
        account[places.row], item[places.col], group[population.kinds.group[places.col]]
    )
    (again,) = find_rings(renamed, account[np.searchsorted(population.accounts, order)])
    rows = np.searchsorted(population.accounts, found.keys)
    assert set(again.keys.tolist()) == set(account[rows].tolist())
    assert (again.level, again.observed) == (found.level, found.observed)
    assert again.expected == pytest.approx(found.expected, rel=1e-5)
    assert again.log_p == pytest.approx(found.log_p, rel=1e-4)


def test_the_genres_of_a_catalogue_show_who_divides_artists() -> None:
    """Nothing in common within groups is expected of them; within genres it is."""
    rng = np.random.default_rng(3)
    crowd = scenes(rng, 800)
    population = together(crowd, by_group(crowd, 30, 6), genres=10)
    (found,) = find_rings(population, rng.permutation(population.accounts))
    assert found.level == "genre"
    assert set(found.keys.tolist()) == set(range(10_000, 10_030))


def test_pieces_are_put_together() -> None:
    """Two halves of a ring become one, whatever lies between them; another ring stays apart."""
    rng = np.random.default_rng(5)
    crowd = users(rng)
    other = ring(crowd, 31, 90, rng)
    population = together(crowd, ring(crowd, 40, 80, rng), (other[0] + 1_000, other[1]))
    collisions = Collisions.of(population, "group")
    first = np.flatnonzero((population.accounts >= 10_000) & (population.accounts < 10_040))
    second = np.flatnonzero(population.accounts >= 11_000)
    pieces = [
        Candidate(first[:20], 0.05, 90.0),
        Candidate(second, 0.05, 60.0),
        Candidate(first[20:], 0.05, 50.0),
    ]
    pools = Pools(
        population.accounts.size, rng.permutation(population.accounts.size), population.items
    )
    together_ = [one.members.tolist() for one in merged(collisions, pieces, pools)]
    assert together_ == [first.tolist(), second.tolist()]


def test_a_ring_of_the_oddest_is_looked_for_among_few() -> None:
    """Forty of sixty with eleven items each are no chance; of two hundred they might be."""
    rng = np.random.default_rng(0)
    crowd = users(rng, 1_500)
    population = together(crowd, ring(crowd, 40, 11, rng))
    members = rng.permutation(np.flatnonzero(population.accounts >= 10_000))
    others = rng.permutation(np.flatnonzero(population.accounts < 10_000))
    first = np.concatenate([rng.permutation(np.concatenate([members, others[:20]])), others[20:]])
    later = np.concatenate([others[:160], members, others[160:]])
    (found,) = find_rings(population, population.accounts[first])
    assert set(found.keys.tolist()) <= set(range(10_000, 10_040))
    assert found.log_p < -50
    # What is drawn for comparison moves p-values by some; prices do not depend on it.
    few, many = (
        Pools(population.accounts.size, order, population.items).log_price(members)
        for order in (first, later)
    )
    assert many > few + 70
    assert all(
        one.log_p > found.log_p for one in find_rings(population, population.accounts[later])
    )


def test_an_error_at_one_level_ends_the_search_at_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever interrupts a scan does not wait until all other levels are searched."""
    ended: list[str] = []

    def breaking(
        collisions: Collisions, pools: Pools, wanted: Callable[[], bool]
    ) -> tuple[Candidate, ...]:
        del pools
        if collisions.level == "group":
            raise ValueError("broken")
        for _ in range(1_000):
            if not wanted():
                ended.append(collisions.level)
                break
            sleep(0.01)
        return ()

    monkeypatch.setattr("ringfence.rings.collision.find.search", breaking)
    population = together(users(np.random.default_rng(6), 200))
    with pytest.raises(ValueError, match="broken"):
        find_rings(population, population.accounts)
    assert ended


def test_parts_differ_in_size() -> None:
    """A gap of more than three between eight and eight parts them; a slope or a few do not."""
    rows = np.arange(20)
    sizes = np.array([10.0] * 10 + [100.0] * 10)
    halves = [rows[:10].tolist(), rows[10:].tolist()]
    assert [part.tolist() for part in parts(rows, sizes)] == halves
    slope = np.geomspace(10, 1_000, 20)
    assert [part.tolist() for part in parts(rows, slope)] == [rows.tolist()]
    few = np.array([10.0] * 15 + [100.0] * 5)
    assert [part.tolist() for part in parts(rows, few)] == [rows.tolist()]


def seen(first: int, last: int, log_p: float) -> Ring:
    """Make a ring of accounts numbered from first to last."""
    keys = np.arange(first, last, dtype=np.uint64)
    none = np.zeros(keys.size)
    return Ring(keys, "group", 0.0, 99.0, 1e6, log_p, none, np.zeros((keys.size, 2)), none)


def test_the_whole_ring_takes_the_place_of_a_piece() -> None:
    """Sampled items say less of a thousand accounts than all of thirty: the thousand stand."""
    piece, whole, other = seen(0, 30, -500.0), seen(0, 1_000, -60.0), seen(2_000, 2_040, -80.0)
    assert across_views([piece, other], [whole]) == [other, whole]


def test_a_ring_that_loses_members_by_sampling_stays_whole() -> None:
    """Of the same ring the larger half stands, and rings that share a few members are two."""
    whole, part, beside = seen(0, 40, -500.0), seen(5, 38, -600.0), seen(35, 95, -70.0)
    assert across_views([whole], [part]) == [whole]
    assert across_views([whole], [beside]) == [whole]
    assert across_views([whole], [seen(90, 130, -70.0)])[0] is whole
    assert len(across_views([whole], [seen(90, 130, -70.0)])) == 2

"""Test how items are charged to the budgets of grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.exemption import Exemption
from ringfence.population.budgets import grant_bits, items_beyond, rooms_by_bit, surfaces_by_bit

START = datetime(2025, 1, 1, tzinfo=UTC)
GRANT = Exemption(1, "ann", START, START + timedelta(days=30), budget=10)

SETS = st.dictionaries(st.integers(1, 15), st.integers(1, 40))
BUDGETS = st.fixed_dictionaries(
    {1 << n: st.one_of(st.none(), st.integers(0, 40)) for n in range(4)}
)


def rooms_of(grants: list[Exemption], bits: list[int]) -> dict[str, dict[int, int | None]]:
    """Return the rooms of grants that only their budgets limit."""
    return rooms_by_bit([one.account for one in grants], bits, [one.budget for one in grants])


@given(sets=SETS, budgets=BUDGETS)
def test_as_many_items_as_possible_have_room(
    sets: dict[int, int], budgets: dict[int, int | None]
) -> None:
    """By Hall's theorem: the worst group of grants says how many items have none."""
    limited = [bit for bit, budget in budgets.items() if budget is not None]
    groups = chain.from_iterable(combinations(limited, size) for size in range(len(limited) + 1))
    worst = max(
        sum(items for grants, items in sets.items() if not grants & ~sum(group))
        - sum(budgets[bit] or 0 for bit in group)
        for group in groups
    )
    assert items_beyond(sets, budgets) == worst


@given(
    items=st.dictionaries(st.integers(1, 3), st.integers(1, 40), min_size=1),
    budgets=st.tuples(st.one_of(st.none(), st.integers(0, 40)), st.integers(0, 40)),
    accesses=st.integers(0, 60),
)
def test_grants_of_one_surface_share_its_accesses(
    items: dict[int, int], budgets: tuple[int | None, int], accesses: int
) -> None:
    """Two grants have no more room together than there were accesses on their surface."""
    rooms = dict(zip((1, 2), budgets, strict=True))
    surfaces = {bit: frozenset({"metadata"}) for bit in rooms}
    beyond = items_beyond(items, rooms, surfaces, {"metadata": accesses})
    total = sum(items.values())
    assert beyond == max(items_beyond(items, rooms), total - accesses)


def test_accesses_on_another_surface_give_no_room() -> None:
    """The first grant is of metadata or streams, and the second of downloads."""
    surfaces = {1: frozenset({"metadata", "stream"}), 2: frozenset({"download"})}
    accesses = {"metadata": 5, "stream": 3, "download": 100}
    assert items_beyond({1: 20}, {1: None, 2: None}, surfaces, accesses) == 12
    assert items_beyond({3: 20}, {1: None, 2: 4}, surfaces, accesses) == 8
    assert items_beyond({1: 20}, {1: None}, {1: frozenset()}, {}) == 20


def test_a_bit_of_any_surface_permits_all() -> None:
    """The oldest of very many grants share a bit, and one of them names no surface."""
    grants = [
        replace(GRANT, grant=n, start=START + timedelta(days=n), surfaces=("stream",))
        for n in range(70)
    ]
    assert surfaces_by_bit(grants, grant_bits(grants))["ann"][1 << 61] == {"stream"}
    grants[0] = replace(grants[0], surfaces=())
    found = surfaces_by_bit(grants, grant_bits(grants))["ann"]
    assert 1 << 61 not in found
    assert len(found) == 61


def test_each_grant_of_an_account_has_its_own_bit() -> None:
    """Grants of other accounts may have the same one."""
    grants = [replace(GRANT, grant=n, start=START + timedelta(days=n)) for n in range(3)]
    bits = grant_bits([*grants, replace(GRANT, account="bob")])
    assert bits == [4, 2, 1, 1]


def test_the_oldest_of_very_many_grants_share_a_bit_and_their_budgets() -> None:
    """A number of 64 bits has room for 62 grants. The others are one grant with a larger budget."""
    grants = [replace(GRANT, grant=n, start=START + timedelta(days=n)) for n in range(70)]
    bits = grant_bits(grants)
    assert max(bits) == 1 << 61
    assert bits[:9] == [1 << 61] * 9
    budgets = rooms_of(grants, bits)["ann"]
    assert (len(budgets), budgets[1 << 61], budgets[1]) == (62, 90, 10)
    unlimited = [replace(GRANT, grant=99, budget=None, start=START - timedelta(days=1)), *grants]
    assert rooms_of(unlimited, grant_bits(unlimited))["ann"][1 << 61] is None

"""Stolen logins that divide one list are a ring of their foreign parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.changing_people import HONEST, Life, in_lockstep, in_one_place, people, thief

from ringfence.evidence import Context
from ringfence.model.ring import Ring
from ringfence.own_past import ForeignUse, measure_own_past, single_out_foreign_use
from ringfence.rings import find_lockstep, stolen_crews
from ringfence.rings.stolen_crews import (
    as_crews,
    find_crews_in_lockstep,
    find_stolen_crews,
    with_stolen_crews,
)
from ringfence.stats.arrays import Keys
from ringfence.testing import small_ledger

USERS: Mapping[str, tuple[int, Life]] = {
    "no change": (800, HONEST["no change"]),
    "examination": (20, HONEST["examination"]),
    "new work": (20, HONEST["new work"]),
}

TOGETHER = ("journey", "holidays", "new work", "examination", "moved student", "shared login")
"""Changes of life that several people may share in one place."""


@contextmanager
def ledger(seed: int, **thieves: tuple[int, Life]) -> Iterator[Context]:
    """Fold the events of users and thieves."""
    with small_ledger(people({**USERS, **thieves}, seed), kind="general") as context:
        yield context


def crews_in(context: Context) -> list[list[str]]:
    """Return the names of the members of each crew that divides a list."""
    engine = context.engine
    foreign = single_out_foreign_use(engine, measure_own_past(engine))
    order = np.sort(engine.columns("SELECT account_key FROM accounts")["account_key"])
    return members_of(context, find_stolen_crews(engine, order, foreign))


def crews_in_lockstep(context: Context) -> list[list[str]]:
    """Return the names of the members of each crew whose foreign parts move together."""
    engine = context.engine
    foreign = single_out_foreign_use(engine, measure_own_past(engine))
    return members_of(context, find_crews_in_lockstep(engine, foreign))


def members_of(context: Context, found: list[Ring]) -> list[list[str]]:
    """Return the names of the members of each ring."""
    rows = context.engine.rows("SELECT account_key, account FROM accounts")
    names = {int(key): str(name) for key, name in rows}
    assert all(one.is_foreign for one in found)
    return [[names[int(key)] for key in one.keys] for one in found]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_crew_that_works_through_one_list_is_found(seed: int) -> None:
    """Twenty articles per night of each of twenty logins, beside the use of their owners."""
    with ledger(seed, crew=(20, thief(14, 20, crew=True))) as context:
        (members,) = crews_in(context)
    stolen = [name for name in members if name.startswith("crew")]
    assert len(stolen) >= 10
    assert len(members) - len(stolen) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4])
def test_independent_thieves_and_changed_people_are_no_crew(seed: int) -> None:
    """Thieves that take what is popular share items, as people do."""
    with ledger(seed, alone=(20, thief(14, 40))) as context:
        assert crews_in(context) == []


def most_are(members: list[str], kind: str) -> bool:
    """Return whether at least half of twenty accounts are members, and at most two others."""
    own = sum(name.startswith(kind) for name in members)
    return own >= 10 and len(members) - own <= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
def test_a_network_of_its_own_betrays_a_quiet_crew(seed: int) -> None:
    """With ten articles per night, most members are too usual to be found from many networks."""
    life = thief(14, 10, crew=True)
    with ledger(seed, crew=(20, life)) as context:
        apart = [name for crew in crews_in(context) for name in crew if name.startswith("crew")]
    with ledger(seed, crew=(20, in_one_place(life, 20))) as context:
        (members,) = crews_in(context)
    assert most_are(members, "crew")
    assert len(apart) < len(members)


@pytest.mark.slow
def test_a_crew_that_divides_journals_is_found_in_most_cases() -> None:
    """Whole journals are compared with others who take whole journals, so one in four is missed."""
    life = in_one_place(thief(14, 10, journals=True), 20)
    found = 0
    for seed in (5, 6, 7):
        with ledger(seed, crew=(20, life)) as context:
            found += sum(most_are(members, "crew") for members in crews_in(context))
    assert found >= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_honest_groups_in_one_place_are_no_crew(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Families in a hotel, a class in a library, new staff: not even before the correction."""
    monkeypatch.setattr(stolen_crews, "CREW_PENALTY", 1)
    groups = {name: (60, in_one_place(HONEST[name], 20)) for name in TOGETHER}
    with small_ledger(people({**USERS, **groups}, seed), kind="general") as context:
        assert crews_in(context) == []
        assert len(linked_sets(context)) >= 8


def linked_sets(context: Context) -> list[Keys]:
    """Return the sets of accounts that share a foreign origin."""
    keys = np.sort(context.engine.columns("SELECT account_key FROM accounts")["account_key"])
    return stolen_crews.sets_of_one_origin(context.engine, keys)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [10, 11])
def test_foreign_parts_in_lockstep_are_a_crew(seed: int) -> None:
    """Their owners read enough that the whole accounts are not in lockstep."""
    life = in_one_place(in_lockstep(thief(14, 10), busy=30), 20)
    with ledger(seed, crew=(20, life)) as context:
        assert list(find_lockstep(context.engine)) == []
        (members,) = crews_in_lockstep(context)
    assert most_are(members, "crew")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [12, 13])
def test_a_class_that_opens_its_texts_together_abroad_is_no_crew(seed: int) -> None:
    """A lesson is an appointment, wherever it is."""
    lessons = in_lockstep(thief(14, 15, (9, 11)))
    groups = {"class": (30, in_one_place(lessons, 30))}
    with ledger(seed, **groups) as context:
        assert crews_in_lockstep(context) == []
        assert crews_in(context) == []


@pytest.mark.slow
def test_without_candidates_nothing_is_searched() -> None:
    """A ledger in which nothing changes has no table of foreign holdings, and no crew."""
    with small_ledger(people({"no change": (300, HONEST["no change"])}, 5)) as context:
        assert crews_in(context) == []
        assert crews_in_lockstep(context) == []


def test_a_crew_above_the_level_after_the_correction_is_none() -> None:
    """A p-value of 0.001 is one of 0.1 for both searches."""
    keys = np.arange(20, dtype=np.uint64)
    foreign = ForeignUse(keys, 20)
    certain, doubtful = a_ring(list(range(20))), a_ring(list(range(20)))
    doubtful = replace(doubtful, log_p=float(np.log(0.001)))
    (crew,) = as_crews([certain, doubtful], foreign)
    assert crew.is_foreign
    assert crew.log_p == certain.log_p + np.log(100)
    assert as_crews([a_ring(list(range(15, 60)))], foreign) == []


def a_ring(keys: list[int], *, is_foreign: bool = False) -> Ring:
    """Return a ring of accounts."""
    none = np.zeros(len(keys))
    return Ring(
        keys=np.array(keys, np.uint64),
        level="global",
        observed=0.0,
        expected=9.0,
        dispersion_k=8.0,
        log_p=-20.0,
        shared_items=none,
        member_collisions=np.column_stack([none, none]),
        member_log_p=none,
        is_foreign=is_foreign,
    )


def test_a_crew_replaces_its_own_ring_but_not_a_larger_one() -> None:
    """The same accounts are reported once."""
    crew = a_ring(list(range(20)), is_foreign=True)
    smaller, other, larger = a_ring(list(range(9))), a_ring([40, 41]), a_ring(list(range(60)))
    assert with_stolen_crews([smaller, other], [crew]) == [other, crew]
    (found,) = with_stolen_crews([larger], [crew])
    assert found.keys.tolist() == larger.keys.tolist()
    assert not found.is_foreign
    assert found.crew.tolist() == crew.keys.tolist()
    assert with_stolen_crews([other], [crew])[0].crew.size == 0
    assert with_stolen_crews([], [crew]) == [crew]

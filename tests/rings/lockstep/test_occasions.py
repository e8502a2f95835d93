"""Honest occasions of lockstep give no rings, and rings are found beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from numpy.random import Generator
from tests.rings.timed_accesses import DAY, Accesses, ledger, lockstep, together, users

from ringfence.rings.lockstep import find_lockstep
from ringfence.rings.lockstep.occasions import JointHabits

RING = 10_000
HOUR = 3_600
OWN_ITEMS = 20_000
"""The first of the items that only a group takes together."""


def rings_in(*crowds: Accesses) -> list[list[int]]:
    """Return the members of the rings of a population."""
    with ledger(together(*crowds)) as engine:
        return [ring.keys.astype(int).tolist() for ring in find_lockstep(engine)]


def sitting(  # noqa: PLR0913, PLR0917 - each is what an occasion differs in
    rng: Generator,
    accounts: int,
    first: int,
    items: int,
    hours: int,
    days: int = 20,
    within: float = 50.0,
) -> Accesses:
    """Draw accounts that take new items together, within some hours of each day."""
    when = rng.uniform(0, 0.9, (days, items)) + np.arange(items) % hours
    second = ((np.arange(days)[:, None] * 24 + 8 + when) * HOUR).ravel()
    account = np.repeat(first + np.arange(accounts), second.size)
    taken = np.tile(second, accounts) + rng.uniform(0, within, account.size)
    item = OWN_ITEMS + first + np.arange(second.size)
    return account, np.tile(item, accounts), taken.astype(int)


def school_class(rng: Generator, first: int) -> Accesses:
    """Draw a class of 10 to 30 with one to four texts per lesson, on most days."""
    return sitting(rng, int(rng.integers(10, 31)), first, int(rng.integers(1, 5)), 1)


def release(rng: Generator, first: int) -> Accesses:
    """Draw followers who take up to 25 new items within minutes or seconds, every night."""
    within = float(rng.choice([20.0, 300.0]))
    return sitting(rng, int(rng.integers(10, 61)), first, int(rng.integers(1, 26)), 2, 20, within)


def programme(rng: Generator, first: int) -> Accesses:
    """Draw shops that play one list of 300 to 3,000 tracks in random order, all day."""
    shops, days = int(rng.integers(8, 21)), 12
    start = np.arange(8 * HOUR, 19 * HOUR, 200) + np.arange(days)[:, None] * DAY
    track = OWN_ITEMS + first + rng.integers(0, rng.integers(300, 3_000), start.size)
    account = np.repeat(first + np.arange(shops), start.size)
    second = np.tile(start.ravel(), shops) + rng.uniform(0, 20, account.size)
    return account, np.tile(track, shops), second.astype(int)


KINDS: Final = {"class": school_class, "release": release, "programme": programme}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_p_values_of_honest_occasions_are_conservative(
    kind: Callable[[Generator, int], Accesses],
) -> None:
    """In eight small populations with two groups of the kind, no ring is found at any level."""
    for seed in range(8):
        rng = np.random.default_rng([3, seed])
        crowd = users(rng, int(rng.integers(30, 150)))
        assert rings_in(crowd, kind(rng, 1_000), kind(rng, 2_000)) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("members", "per_day"), [(8, 60), (12, 10), (40, 30)])
def test_rings_are_found_beside_honest_occasions(
    kind: Callable[[Generator, int], Accesses], members: int, per_day: int
) -> None:
    """All members of a planted ring are found, and no member of the honest groups."""
    rng = np.random.default_rng([4, members])
    honest = [kind(rng, 1_000), kind(rng, 2_000)]
    found = rings_in(users(rng, 150), *honest, lockstep(rng, members, RING, per_day=per_day))
    assert found == [list(range(RING, RING + members))]


@pytest.mark.parametrize(
    ("items", "hours", "rings"), [(20, 1, 0), (20, 3, 0), (30, 1, 1), (20, 8, 1), (8, 8, 1)]
)
def test_an_appointment_has_few_items_in_few_hours(items: int, hours: int, rings: int) -> None:
    """More than 25 items per day, or more than three hours of the day, are not an appointment."""
    rng = np.random.default_rng(items + hours)
    assert len(rings_in(users(rng, 100), sitting(rng, 12, RING, items, hours))) == rings


def repeated(rng: Generator, accesses: Accesses, share: float, later: int) -> Accesses:
    """Add accesses to some of an account's items again, some seconds later."""
    account, item, second = accesses
    again = rng.random(account.size) < share
    return together(accesses, (account[again], item[again], second[again] + later))


@pytest.mark.parametrize(
    ("share", "later", "rings"), [(0.3, 3 * DAY, 0), (0.03, 3 * DAY, 1), (1.0, 60, 1)]
)
def test_a_programme_is_played_again_on_later_days(share: float, later: int, rings: int) -> None:
    """Neither a few downloads tried again nor requests sent twice make a ring a programme."""
    rng = np.random.default_rng(7)
    ring = repeated(rng, lockstep(rng, 20, RING, per_day=60), share, later)
    assert len(rings_in(users(rng, 100), ring)) == rings


@pytest.mark.parametrize(("occasional", "rings"), [(400, 0), (0, 1), (20, 1)])
def test_an_event_of_the_item_draws_a_crowd(occasional: int, rings: int) -> None:
    """Regulars of a live programme are not a ring where most of its audience are others."""
    rng = np.random.default_rng(8)
    account, item, second = lockstep(rng, 12, RING, per_day=40)
    # Each visitor of the programme is there on two of 21 days.
    guests = np.repeat(np.arange(occasional), 2)
    days = rng.integers(0, 21, guests.size)
    one = account == RING
    day_items, day_seconds = item[one].reshape(21, 40), second[one].reshape(21, 40)
    visits = (
        np.repeat(20_000 + guests, 40),
        day_items[days].ravel(),
        day_seconds[days].ravel() + rng.integers(-15, 15, 40 * guests.size),
    )
    assert len(rings_in(users(rng, 100), (account, item, second), visits)) == rings


def test_what_is_taken_together_is_measured_exactly() -> None:
    """Two items per day in two hours, one of four taken again; what is taken alone is left out."""
    second = np.array([8.5, 9.5]) * HOUR + np.arange(4)[:, None] * DAY
    item = np.arange(8)
    shared = [(account, n, second.ravel()[n] + 10 * account) for account in range(3) for n in item]
    again = [(account, n, 9 * DAY) for account in range(3) for n in (0, 1)]
    alone = [(account, 100 + account, 5 * DAY) for account in range(3)]
    account, taken, when = np.array([*shared, *again, *alone]).T
    with ledger((account, taken, when)) as engine:
        engine.run("CREATE TEMP TABLE lockstep_group AS SELECT DISTINCT account_key FROM holdings")
        engine.run(
            "CREATE TEMP TABLE lockstep_takes AS SELECT account_key, item_key, "
            "CAST(first AS BIGINT) AS taken, CAST(last AS BIGINT) AS last FROM holdings"
        )
        engine.run(
            "CREATE TEMP TABLE lockstep_moments AS SELECT account_key, item_key, "
            "CAST(first // 120 AS INTEGER) AS moment FROM holdings"
        )
        habits = JointHabits.of(engine)
    assert habits == JointHabits(2.0, 2.0, 0.25, 0.0)

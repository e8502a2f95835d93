"""Logins that may be stolen are found by their own past, and changed lives are not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from benchmarks.changing_people import AT_OTHER_HOURS, HONEST, Life, people, thief

from ringfence.evidence import Context
from ringfence.own_past import OwnPast, measure_own_past
from ringfence.stats.arrays import Columns
from ringfence.testing import small_ledger
from ringfence.verdicts.error_control import MIN_SCAN_SIZE

USERS = 1_200
CHANGED = 40


def names_of(context: Context) -> dict[int, str]:
    """Return the names of all accounts by key."""
    return {
        int(k): str(n) for k, n in context.engine.rows("SELECT account_key, account FROM accounts")
    }


def found_in(events: Columns) -> tuple[set[str], dict[str, float]]:
    """Return the accounts whose logins may be stolen, and the p-values of all measured ones."""
    with small_ledger(events, kind="general") as context:
        past, names = measure_own_past(context.engine), names_of(context)
    p = {names[int(key)]: float(one) for key, one in zip(past.keys, past.p_values, strict=True)}
    return {name for name, one in p.items() if 2 * one * MIN_SCAN_SIZE <= 1}, p


def counted(found: set[str], kind: str) -> int:
    """Return how many of the accounts are of a kind."""
    return sum(1 for name in found if name.rsplit("-", 1)[0] == kind)


@cache
def changed_lives(seed: int) -> tuple[set[str], dict[str, float]]:
    """Return what is found among people with every change of life."""
    lives: Mapping[str, tuple[int, Life]] = {
        name: (USERS if name == "no change" else CHANGED, life) for name, life in HONEST.items()
    }
    return found_in(people(lives, seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_no_honest_change_of_life_is_found(seed: int) -> None:
    """Travellers, movers, new work, telephones, night shifts and examinations are not found."""
    assert changed_lives(seed)[0] == set()


def test_p_values_of_unchanged_people_are_not_too_small() -> None:
    """People whose lives do not change have small p-values at most as often as they may."""
    p = np.array(
        [
            one
            for seed in (11, 12, 13)
            for name, one in changed_lives(seed)[1].items()
            if name.startswith("no change")
        ]
    )
    assert p.size >= 10
    assert np.mean(p <= 0.05) <= 0.1


def test_most_logins_that_are_used_at_night_for_two_weeks_are_found() -> None:
    """At least half of the logins from which 40 articles are taken per night are found."""
    users = {"no change": (USERS, HONEST["no change"])}
    found, _ = found_in(people({**users, "stolen": (20, thief(14, 40))}, 5))
    assert counted(found, "stolen") >= 10
    assert counted(found, "no change") == 0


def test_a_bolder_thief_is_rarer() -> None:
    """A thief that takes more on more nights has a smaller p-value."""
    users = {"no change": (USERS, HONEST["no change"])}
    thieves = {"mild": (20, thief(3, 20)), "bold": (20, thief(14, 80))}
    _, p = found_in(people({**users, **thieves}, 6))
    mild, bold = (
        np.median([one for name, one in p.items() if name.startswith(kind)])
        for kind in ("mild", "bold")
    )
    assert bold < mild / 10


def test_an_assistant_abroad_looks_like_a_thief() -> None:
    """A known limit: someone abroad who works for the owner at night is found."""
    users = {"no change": (USERS, HONEST["no change"])}
    found, _ = found_in(people({**users, "assistant": (20, AT_OTHER_HOURS["assistant abroad"])}, 7))
    assert counted(found, "assistant") > 0


@pytest.mark.slow
def test_names_do_not_matter() -> None:
    """New names of accounts, items, networks and clients change no p-value."""
    users = {"no change": (400, HONEST["no change"]), "stolen": (10, thief(14, 60))}
    events = people(users, 8)
    renamed = dict(events)
    for column in ("account", "item", "group", "client"):
        renamed[column] = np.array([f"<{one}>"[::-1] for one in events[column]], dtype=object)
    _, before = found_in(events)
    _, after = found_in(renamed)
    assert sorted(before.values()) == pytest.approx(sorted(after.values()))


@pytest.mark.slow
def test_slices_do_not_matter() -> None:
    """A log that is folded in slices gives the same p-values."""
    users = {"no change": (400, HONEST["no change"]), "stolen": (10, thief(14, 60))}
    events = people(users, 9)
    third = events["ts"].size // 3
    parts = [
        {name: values[begin:end] for name, values in events.items()}
        for begin, end in ((0, third), (third, third + 1), (third + 1, None))
    ]
    _, whole = found_in(events)
    with small_ledger(*parts, kind="general") as context:
        past, names = measure_own_past(context.engine), names_of(context)
    again = {names[int(key)]: float(p) for key, p in zip(past.keys, past.p_values, strict=True)}
    assert again == pytest.approx(whole)


@pytest.mark.parametrize("column", ["ip", "client"])
def test_without_networks_or_clients_nobody_is_measured(column: str) -> None:
    """A log that lacks addresses or clients shows no foreign places."""
    users = {"no change": (300, HONEST["no change"]), "stolen": (10, thief(14, 60))}
    events = {name: values for name, values in people(users, 10).items() if name != column}
    assert found_in(events) == (set(), {})


def test_few_accounts_are_no_comparison() -> None:
    """In a small log nobody is measured."""
    users = {"no change": (50, HONEST["no change"]), "stolen": (10, thief(14, 60))}
    assert found_in(people(users, 10)) == (set(), {})


def test_the_sentence_has_the_numbers_of_both_parts() -> None:
    """The evidence says how much was taken from foreign places, and how much before."""
    users = {"no change": (400, HONEST["no change"]), "stolen": (10, thief(14, 60))}
    with small_ledger(people(users, 8), kind="general") as context:
        past = measure_own_past(context.engine)
    evidence = past.evidence(int(past.keys[np.argmin(past.p_values)]))
    assert evidence is not None
    assert evidence.test == "own_past"
    assert "On 14 days it was used from networks and with clients" in evidence.sentence
    assert past.evidence(3) is None


def test_nothing_measured_is_aligned_with_all_accounts() -> None:
    """Without any measurement, no account has a p-value."""
    assert np.isnan(OwnPast.nothing().aligned(np.array([1, 2], np.uint64))).all()

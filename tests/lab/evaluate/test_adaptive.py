"""The adaptive attacker and what its work is worth, in a small population."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.adaptive import (
    FAMILIES,
    BestResponse,
    Choice,
    Family,
    Range,
    best_response,
)
from ringfence.lab.evaluate.adaptive.trial import LEAST_AT_ONCE, MOST_SHARE, Stage
from ringfence.lab.evaluate.adaptive.troupe import Troupe
from ringfence.lab.evaluate.population import Population, open_population
from ringfence.lab.evaluate.work_factor import FRONTIER, Lifetime, curve, mimicry_limit
from ringfence.lab.simulate.extractors import Mimic, Replaying
from ringfence.lab.simulate.permutation import key_of
from ringfence.settings import Settings
from ringfence.testing import users, write_events

DAYS = 5

QUIET = Replaying(days=DAYS, a_day=8, repeats=0.5, clock="human")
BOLD = Replaying(days=DAYS, a_day=1500, repeats=0.0, clock="even")


@dataclass(frozen=True)
class Place:
    """A hundred and seventy users over six days, and room for files."""

    population: Population
    scratch: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Write and open the users."""
    scratch = tmp_path_factory.mktemp("adaptive")
    write_events(scratch / "users.parquet", users(170, days=6, uses=60))
    settings = Settings.model_validate({"engine": {"threads": 1}})
    return Place(open_population(str(scratch / "users.parquet"), settings, scratch), scratch)


@pytest.fixture(scope="module")
def found(place: Place) -> BestResponse:
    """Search one family for one generation."""
    family = Family("replaying", (Range("a_day", 5, 1500, log=True, whole=True),))
    return best_response(
        place.population, DAYS, scratch=place.scratch, seed=3, generations=1, families=(family,)
    )


def test_ranges_and_choices() -> None:
    """Places in the unit interval become values: evenly, by equal factors, whole, or words."""
    assert [Range("a", 2, 4).at(place) for place in (0.0, 0.5, 1.0)] == [2, 3, 4]
    assert [round(Range("a", 1, 100, log=True).at(place)) for place in (0, 0.5, 1)] == [1, 10, 100]
    assert isinstance(Range("a", 1, 100, log=True, whole=True).at(0.3), int)
    assert [Choice("a", ("x", "y")).at(place) for place in (0.0, 0.49, 0.5, 1.0)] == list("xxyy")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_every_corner_of_a_family_is_a_strategy(family: Family) -> None:
    """At both ends of all its ranges a family makes a strategy of one account and so many days."""
    for corner in (0.0, 1.0):
        strategy = family.strategy(np.full(len(family.parameters), corner), 7)
        assert (strategy.name, strategy.accounts, strategy.days) == (family.name, 1, 7)


def test_a_troupe_is_its_members_side_by_side(place: Place) -> None:
    """Each member is an account of its own, does what it would alone, and copies nobody."""
    members = (QUIET, Mimic(days=DAYS), QUIET)
    troupe, shelf = Troupe.of(members, DAYS), place.population.shelf
    for number, member in enumerate(members):
        day = troupe.day(shelf, 5, 4)
        alone = member.day(shelf, key_of(5, number), 4)
        assert np.array_equal(day.second[day.account == number], alone.second)
        assert np.array_equal(day.item[day.account == number], alone.item)
    assert not np.array_equal(day.second[day.account == 0], day.second[day.account == 2])


def test_trials_see_the_bold_and_not_the_quiet(place: Place) -> None:
    """Items are those taken by the end; only the bold account is a finding, with more evidence."""
    stage = Stage(place.population, DAYS, place.scratch)
    with stage.held() as fields:
        bold, quiet, again = stage.tries(fields, (BOLD, QUIET, QUIET), 1)
    assert bold.seen
    assert not quiet.seen
    assert not again.seen
    assert bold.strength > 3 > quiet.strength
    assert bold.items == min(DAYS * 1500, place.population.shelf.items)
    assert quiet.items == pytest.approx(4 * DAYS, abs=2)
    assert bold.evidence["volume"] < 1e-6 < quiet.evidence["volume"]


def test_passing_looks_daily_and_holds_nothing(place: Place) -> None:
    """The fresh look goes day by day in the first week; held and passing agree where both look."""
    stage = Stage(place.population, DAYS, place.scratch)
    with stage.held() as held:
        glances = [moment for moment, _ in held]
        first = stage.tries(held, (BOLD, QUIET), 2)
    with stage.passing() as passing:
        seen: list[int] = []

        def noting() -> Iterator[tuple[int, object]]:
            for moment, folding in passing:
                seen.append(moment)
                yield moment, folding

        second = stage.tries(noting(), (BOLD, QUIET), 2)  # type: ignore[arg-type]
    assert set(glances) < set(seen)
    assert np.array_equal(np.diff(seen), np.full(DAYS - 1, 86_400))
    assert [t.items for t in first] == [t.items for t in second]
    for held_one, passed in zip(first, second, strict=True):
        assert held_one.evidence == pytest.approx(passed.evidence, nan_ok=True)


def test_best_response(found: BestResponse) -> None:
    """It gets many items, never a finding in the fresh seeds, and its history only improves."""
    assert found.unseen == 1.0
    assert found.items > 100
    assert found.parameters["a_day"] < 1500
    assert found.parameters["days"] == found.days == DAYS
    assert [g.number for g in found.history] == [0, 1]
    items = [g.items for g in found.history]
    assert items == sorted(items)
    assert found.searched <= items[-1]
    assert set(found.evidence) >= {"volume"}


def test_a_search_is_reproducible(place: Place, found: BestResponse) -> None:
    """The same seed finds the same."""
    family = Family("replaying", (Range("a_day", 5, 1500, log=True, whole=True),))
    again = best_response(
        place.population, DAYS, scratch=place.scratch, seed=3, generations=1, families=(family,)
    )
    assert again == found


def test_too_small_or_too_short(place: Place) -> None:
    """A population that candidates would shift, or that ends too early, is refused in one line."""
    with pytest.raises(SettingsError, match="needs 7 days, but there are 6"):
        best_response(place.population, 7, scratch=place.scratch)
    few = int(LEAST_AT_ONCE / MOST_SHARE) - 1
    small = Population(**{**vars(place.population), "accounts": few})
    with pytest.raises(SettingsError, match=rf"needs 167 users, but there are {few}"):
        best_response(small, DAYS, scratch=place.scratch)


def test_the_incident_is_the_unit() -> None:
    """A million items in 33 account-months is a work factor of 1; nothing got is without end."""
    assert Lifetime(180, 6e6 / 33).work_factor == pytest.approx(1)
    assert Lifetime(30, 0).work_factor == math.inf
    assert [Lifetime(days, 1).account_months for days in (1, 30, 31, 365)] == [1, 1, 2, 13]


def test_mimicry_limit() -> None:
    """The most voracious person cost 18 times the incident's work over 180 days."""
    limits = {limit.days: limit for limit in mimicry_limit()}
    assert limits.keys() == FRONTIER.keys()
    assert round(limits[180].work_factor) == 18
    assert min(limits.values(), key=lambda limit: limit.work_factor).days == 30


def test_curve_puts_responses_beside_the_limit(found: BestResponse) -> None:
    """A lifetime that was measured on people has them beside it; any other stands alone."""
    other = BestResponse(**{**vars(found), "days": 7, "items": 500.0})
    five, week = curve((found, other))
    assert (week.best, week.voracious) == (Lifetime(7, 500.0), Lifetime(7, FRONTIER[7]))
    assert (five.best.days, five.voracious) == (DAYS, None)

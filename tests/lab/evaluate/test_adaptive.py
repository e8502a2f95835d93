"""Test the adaptive attacker and its work factor in a small population."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.adaptive import (
    STRATEGY_FAMILIES,
    BestResponse,
    Choice,
    Range,
    StrategyFamily,
    best_response,
)
from ringfence.lab.evaluate.adaptive.candidates import CandidateStrategies
from ringfence.lab.evaluate.adaptive.trials import LEAST_CANDIDATES, MOST_SHARE, TrialCampaign
from ringfence.lab.evaluate.population import Population, open_population
from ringfence.lab.evaluate.work_factor import FRONTIER, Lifetime, compare_lifetimes, mimicry_limit
from ringfence.lab.simulate.extractors import Mimic, Replaying
from ringfence.lab.simulate.permutation import key_of
from ringfence.settings import Settings
from ringfence.testing import users, write_events

DAYS = 5

QUIET = Replaying(days=DAYS, per_day=8, repeats=0.5, clock="human")
BOLD = Replaying(days=DAYS, per_day=1500, repeats=0.0, clock="even")


@dataclass(frozen=True)
class Place:
    """170 users over six days, and a folder for files."""

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
    """Return the best response of one family after one generation."""
    family = StrategyFamily("replaying", (Range("per_day", 5, 1500, log=True, whole=True),))
    return best_response(
        place.population, DAYS, scratch=place.scratch, seed=3, generations=1, families=(family,)
    )


def test_ranges_and_choices() -> None:
    """Places in [0, 1] become numbers on a linear or logarithmic scale, or words."""
    assert [Range("a", 2, 4).at(place) for place in (0.0, 0.5, 1.0)] == [2, 3, 4]
    assert [round(Range("a", 1, 100, log=True).at(place)) for place in (0, 0.5, 1)] == [1, 10, 100]
    assert isinstance(Range("a", 1, 100, log=True, whole=True).at(0.3), int)
    assert [Choice("a", ("x", "y")).at(place) for place in (0.0, 0.49, 0.5, 1.0)] == list("xxyy")


@pytest.mark.parametrize("family", STRATEGY_FAMILIES, ids=lambda f: f.name)
def test_every_corner_of_a_family_is_a_strategy(family: StrategyFamily) -> None:
    """Both ends of all ranges give a strategy of one account with the given lifetime."""
    for corner in (0.0, 1.0):
        strategy = family.strategy(np.full(len(family.parameters), corner), 7)
        assert (strategy.name, strategy.accounts, strategy.days) == (family.name, 1, 7)


def test_candidates_act_as_if_alone(place: Place) -> None:
    """Each strategy is an account that does what it would do alone, with its own seed."""
    strategies = (QUIET, Mimic(days=DAYS), QUIET)
    candidates, item_pool = CandidateStrategies.of(strategies, DAYS), place.population.item_pool
    for number, strategy in enumerate(strategies):
        day = candidates.day(item_pool, 5, 4)
        alone = strategy.day(item_pool, key_of(5, number), 4)
        assert np.array_equal(day.second[day.account == number], alone.second)
        assert np.array_equal(day.item[day.account == number], alone.item)
    assert not np.array_equal(day.second[day.account == 0], day.second[day.account == 2])


@pytest.mark.slow
def test_trials_find_the_bold_account_only(place: Place) -> None:
    """Only the bold account is a finding; items are counted at the end."""
    campaign = TrialCampaign(place.population, DAYS, place.scratch)
    with campaign.stored_ledgers() as ledgers:
        bold, quiet, again = campaign.run(ledgers, (BOLD, QUIET, QUIET), 1)
    assert bold.seen
    assert not quiet.seen
    assert not again.seen
    assert bold.strength > 3 > quiet.strength
    assert bold.items == min(DAYS * 1500, place.population.item_pool.items)
    assert quiet.items == pytest.approx(4 * DAYS, abs=2)
    assert bold.evidence["volume"] < 1e-6 < quiet.evidence["volume"]


@pytest.mark.slow
def test_the_final_trial_judges_daily(place: Place) -> None:
    """The final trial judges daily in the first week, and agrees with the search at the end."""
    campaign = TrialCampaign(place.population, DAYS, place.scratch)
    with campaign.stored_ledgers() as stored:
        search_moments = [moment for moment, _ in stored]
        first = campaign.run(stored, (BOLD, QUIET), 2)
    with campaign.advancing_ledger() as advancing:
        seen: list[int] = []

        def recorded() -> Iterator[tuple[int, object]]:
            for moment, ledger in advancing:
                seen.append(moment)
                yield moment, ledger

        second = campaign.run(recorded(), (BOLD, QUIET), 2)  # type: ignore[arg-type]
    assert set(search_moments) < set(seen)
    assert np.array_equal(np.diff(seen), np.full(DAYS - 1, 86_400))
    assert [t.items for t in first] == [t.items for t in second]
    for during, final in zip(first, second, strict=True):
        assert during.evidence == pytest.approx(final.evidence, nan_ok=True)


@pytest.mark.slow
def test_best_response(found: BestResponse) -> None:
    """It takes many items without a finding, and the search only improves."""
    assert found.unseen == 1.0
    assert found.items > 100
    assert found.parameters["per_day"] < 1500
    assert found.parameters["days"] == found.days == DAYS
    assert [g.number for g in found.history] == [0, 1]
    items = [g.items for g in found.history]
    assert items == sorted(items)
    assert found.searched <= items[-1]
    assert set(found.evidence) >= {"volume"}


@pytest.mark.slow
def test_a_search_is_reproducible(place: Place, found: BestResponse) -> None:
    """The same seed gives the same result."""
    family = StrategyFamily("replaying", (Range("per_day", 5, 1500, log=True, whole=True),))
    again = best_response(
        place.population, DAYS, scratch=place.scratch, seed=3, generations=1, families=(family,)
    )
    assert again == found


def test_too_small_or_too_short(place: Place) -> None:
    """A population with too few users or days raises one line."""
    with pytest.raises(SettingsError, match="needs 7 days, but there are 6"):
        best_response(place.population, 7, scratch=place.scratch)
    few = int(LEAST_CANDIDATES / MOST_SHARE) - 1
    small = Population(**{**vars(place.population), "accounts": few})
    with pytest.raises(SettingsError, match=rf"needs 167 users, but there are {few}"):
        best_response(small, DAYS, scratch=place.scratch)


def test_the_incident_is_the_unit() -> None:
    """A million items in 33 account-months are a work factor of 1; no items are infinite."""
    assert Lifetime(180, 6e6 / 33).work_factor == pytest.approx(1)
    assert Lifetime(30, 0).work_factor == math.inf
    assert [Lifetime(days, 1).account_months for days in (1, 30, 31, 365)] == [1, 1, 2, 13]


def test_mimicry_limit() -> None:
    """The most voracious person costs 18 times the incident's work over 180 days."""
    limits = {limit.days: limit for limit in mimicry_limit()}
    assert limits.keys() == FRONTIER.keys()
    assert round(limits[180].work_factor) == 18
    assert min(limits.values(), key=lambda limit: limit.work_factor).days == 30


@pytest.mark.slow
def test_responses_stand_beside_the_limit(found: BestResponse) -> None:
    """A lifetime measured on people has a limit beside it; other lifetimes have none."""
    other = BestResponse(**{**vars(found), "days": 7, "items": 500.0})
    five, week = compare_lifetimes((found, other))
    assert (week.best, week.voracious) == (Lifetime(7, 500.0), Lifetime(7, FRONTIER[7]))
    assert (five.best.days, five.voracious) == (DAYS, None)

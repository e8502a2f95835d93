"""Test how situations are measured and summarised, on small variants of the permanent ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.engine import open_engine
from ringfence.errors import SettingsError
from ringfence.lab.evaluate import (
    SITUATIONS,
    SituationOutcome,
    measure_situation,
    measure_situations,
    named_situations,
    summarize_situations,
)
from ringfence.lab.evaluate.situations import HELD_ITEMS, VERIFIED, settings_of
from ringfence.lab.simulate import Scenario, load_scenario
from ringfence.pipeline import Progress
from ringfence.settings import Settings

OUTCOME = SituationOutcome(
    "archives-800", 0, accounts=4, users=100, found=4, together=3, honest_together=1,
    honest_found=2, honest_accused=0, verdict="suspect", held=800, cpu=2.0,
)  # fmt: skip


def small(name: str, **users: object) -> Scenario:
    """Return a situation with 150 honest users."""
    scenario = load_scenario(name)
    section = scenario.users.model_copy(update={"accounts": 150, **users})
    return scenario.model_copy(update={"users": section, "days": scenario.attack[0].start_day + 7})


class Steps(Progress):
    """Record the steps of a measurement."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.expected = 0

    def begin(self, steps: int, within: object) -> None:
        """Record the expected number of steps."""
        del within
        self.expected = steps

    def step(self, name: str) -> None:
        """Record a step."""
        self.names.append(name)


def test_one_account_is_found_with_what_it_took(tmp_path: Path, settings: Settings) -> None:
    """The counts agree with the truth and with the events of the attack."""
    scenario = small("archives-800", kinds={"albums": 20, "searcher": 30})
    outcome = measure_situation(scenario, 0, settings, tmp_path)
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT count(DISTINCT item) FROM '{tmp_path}/events/*.parquet' "
            f"JOIN '{tmp_path}/truth.parquet' USING (account) "
            "WHERE attack IS NOT NULL AND status = 200"
        ).fetchone()
    assert row == (outcome.held,)
    assert outcome.held > 0
    assert (outcome.accounts, outcome.users) == (1, 150)
    assert (outcome.found, outcome.together, outcome.verdict) == (1, 1, "suspect")
    assert (outcome.honest_together, outcome.honest_found, outcome.honest_accused) == (0, 0, 0)


def test_an_attack_that_is_not_found_holds_nothing(tmp_path: Path, settings: Settings) -> None:
    """Among few people a stolen login is not found. Each run is a step, and no file is left."""
    steps = Steps()
    scenario = small("stolen-nights-40", kinds={})
    (outcome,) = measure_situations([scenario], settings, tmp_path, progress=steps)
    assert (outcome.accounts, outcome.found, outcome.together, outcome.held) == (1, 0, 0, 0)
    assert (outcome.verdict, outcome.honest_share) == ("", 0.0)
    assert (steps.names, steps.expected) == (["stolen-nights-40, seed 0"], 1)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("foreign", "items"), [(False, 3), (True, 1)])
def test_items_held_are_those_of_the_attack(foreign: bool, items: int) -> None:
    """Refused requests and strangers do not count, nor an owner's own use of a stolen login."""
    rows = [
        ("owner", "a", "10.0.0.1", 200),
        ("owner", "b", "100.64.0.1", 200),
        ("owner", "b", "100.64.0.1", 200),
        ("owner", "c", "100.64.0.1", 404),
        ("owner", "d", None, 200),
        ("stranger", "e", "100.64.0.1", 200),
    ]
    names = ("account", "item", "ip", "status")
    columns = {
        n: np.array(c, dtype=object) for n, c in zip(names, zip(*rows, strict=True), strict=True)
    }
    with open_engine() as engine:
        engine.table("situation", {**columns, "status": columns["status"].astype(np.int64)})
        engine.table("found_accounts", {"account": np.array(["owner"], dtype=object)})
        assert engine.rows(HELD_ITEMS, {"foreign": foreign}) == [(items,)]


def test_verdicts_are_the_operators_and_the_log_is_not(tmp_path: Path) -> None:
    """Settings of judging count; those of an operator's log and files would not fit the events."""
    given = Settings.model_validate(
        {"verdicts": {"false_accusation_rate": 0.2}, "account": {"ipv6_prefix": 48}}
    )
    chosen = settings_of("ids-36000", given, tmp_path)
    assert chosen.verdicts == given.verdicts
    assert (chosen.account, chosen.robots) == (Settings().account, Settings().robots)
    assert Path(settings_of(VERIFIED, given, tmp_path).robots.networks).parent == tmp_path


def test_situations_are_named_once() -> None:
    """All stands for every situation, a repeated name for one, and no name for none."""
    assert [one.name for one in named_situations(["all", "ids-36000"])] == [*SITUATIONS]
    assert [one.name for one in named_situations(["ids-36000"] * 2)] == ["ids-36000"]
    assert named_situations([]) == []
    for names in (["ids-3600"], ["all", "ids-3600"]):
        with pytest.raises(SettingsError, match="there is no situation 'ids-3600'"):
            named_situations(names)


def test_a_summary_has_means_and_sums() -> None:
    """Shares and items are means over seeds, with intervals from three on; people are summed."""
    unfound = replace(
        OUTCOME, seed=1, found=0, together=0, honest_together=0, honest_found=1, verdict="", held=0
    )
    other = replace(OUTCOME, situation="ids-36000")
    first, second = summarize_situations([unfound, other, OUTCOME])
    assert (first.situation, second.situation) == ("archives-800", "ids-36000")
    assert (first.found.mean, first.together.mean, first.held.mean) == (0.5, 0.375, 400)
    assert (first.honest_together.mean, first.found.low) == (0.125, None)
    assert first.verdicts == ("none", "suspect")
    assert (first.users, first.honest_found, first.honest_accused) == (200, 3, 0)
    (three,) = summarize_situations([OUTCOME, unfound, replace(OUTCOME, seed=2)])
    assert three.found.low is not None
    assert three.found.low < three.found.mean

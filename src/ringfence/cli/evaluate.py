"""The command ``ringfence evaluate``, which measures how good the detection is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ringfence.cli.config import Config, settings_from
from ringfence.cli.consoles import progress_console
from ringfence.cli.evaluate_situations import evaluate_situations, measured_situations
from ringfence.cli.evaluation_output import output_results
from ringfence.cli.evaluation_tables import render
from ringfence.cli.progress import watched
from ringfence.errors import SettingsError
from ringfence.lab.evaluate import (
    Population,
    document,
    named_situations,
    open_population,
    parse_interval,
    write_page,
)
from ringfence.lab.evaluate import evaluate as run_evaluation
from ringfence.lab.evaluate.adaptive import best_response
from ringfence.lab.evaluate.detectors import Detector, Ringfence, RingfenceWithRings, baselines
from ringfence.lab.evaluate.detectors import leave_one_out as detectors_without_one
from ringfence.lab.evaluate.work_factor import LifetimeResult, compare_lifetimes
from ringfence.lab.simulate.attacks import Attack, attack_names, load_attack
from ringfence.pipeline import check_folder, scratch_folder

ADAPTIVE: Final = "adaptive"
"""The attack that is searched for instead of planted."""

LIFETIMES: Final = (1, 7, 30, 90, 180, 365)
"""Days that an adaptive attacker's account lives; those that fit in the population are tried."""


PopulationOption = Annotated[
    str | None,
    typer.Option(
        "--population",
        metavar="FILE|SCENARIO",
        show_default=False,
        help="Users: a log in any format that scan reads, a scenario's name, or its TOML file. "
        "Needed, except with --situation alone.",
    ),
]
AttackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--attack",
        metavar="NAME",
        show_default=False,
        help="The attack to plant; may be repeated. all: every attack; adaptive: an attacker "
        "that tries and improves (takes minutes); none: only count the accused users. Needed, "
        "except with --situation.",
    ),
]
BaselinesOption = Annotated[
    bool, typer.Option("--baselines", help="Compare with rate limits and other detectors in use.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of tables.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Write evaluation.json and evaluation.html, a page of plots, here."
    ),
]
SeedsOption = Annotated[
    int,
    typer.Option(
        min=1, help="Number of times each attack is planted, each time with another seed."
    ),
]
EveryOption = Annotated[
    str,
    typer.Option(
        metavar="STEP",
        help="Time between verdicts: minute, 10min, hour or day; auto is one hour for two "
        "days, then one day.",
    ),
]
DaysOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Most days of each attack to replay.")
]
MonthsOption = Annotated[
    bool,
    typer.Option("--account-months", help="Split each account into accounts of 30 days."),
]
SituationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--situation",
        metavar="NAME",
        show_default=False,
        help="Scan a crawl or theft that operators report, among simulated users of its own; "
        "may be repeated. all: every situation. Each takes 5 to 20 CPU-seconds per seed, "
        "so all take about 2 minutes.",
    ),
]
LeaveOneOutOption = Annotated[
    bool, typer.Option("--leave-one-out", help="Also judge without each evidence test in turn.")
]


def evaluate(  # noqa: PLR0913, PLR0917 - one parameter per option
    population: PopulationOption = None,
    attack: AttackOption = None,
    with_baselines: BaselinesOption = False,
    as_json: JsonOption = False,
    out: OutOption = None,
    config: Config = None,
    seeds: SeedsOption = 1,
    every: EveryOption = "auto",
    days: DaysOption = None,
    account_months: MonthsOption = False,
    leave_one_out: LeaveOneOutOption = False,
    situation: SituationOption = None,
) -> None:
    """Plant attacks among users, replay them over time, and report what got out.

    For each attack and detector the report shows the accounts found and when, the items taken by
    then, their cost to the attacker, and the users accused.
    """
    settings, attacks, step = settings_from(config), _attacks(attack or ()), parse_interval(every)
    situations = named_situations(situation or ())
    folder = check_folder(out) if out else None
    of_a_replay = (with_baselines, days, account_months, leave_one_out, every != "auto")
    name = _population(population, attack, situation, replays=any(of_a_replay))
    if name is None:
        evaluate_situations(situations, settings, seeds, folder, as_json=as_json)
        return
    detectors = _detectors(baseline=with_baselines, without_one=leave_one_out)
    console = progress_console()
    with scratch_folder(settings) as scratch:
        users = open_population(name, settings, scratch, account_months=account_months)
        lifetimes = _lifetimes(users, days) if ADAPTIVE in (attack or ()) else []
        with watched(console) as progress:
            result = run_evaluation(
                users,
                attacks,
                detectors,
                scratch=scratch,
                seeds=seeds,
                every=step,
                days=days,
                progress=progress,
            )
        if lifetimes:
            adaptive = _best_responses(users, scratch, lifetimes, console)
            result = replace(result, adaptive=adaptive)
        if situations:
            measured = measured_situations(situations, settings, scratch, seeds)
            result = replace(result, situations=measured)
    page, table = partial(write_page, result), partial(render, result)
    output_results(document(result), folder, page, table, as_json=as_json)


def _population(
    population: str | None, attack: list[str] | None, situation: list[str] | None, *, replays: bool
) -> str | None:
    """Return the name of the population; None if only situations are measured.

    Args:
        population: as given.
        attack: as given.
        situation: as given.
        replays: an option is given that has no effect without a population.

    Raises:
        SettingsError: users or attacks are missing.
    """
    if situation and population is None and not attack:
        if replays:
            raise SettingsError(
                "--baselines, --every, --days, --account-months and --leave-one-out need users",
                where="--situation",
                hint="leave them out, or name users with --population",
            )
        return None
    if population is None or not (attack or situation):
        raise SettingsError(
            "is missing",
            where="--attack" if population else "--population",
            hint="name users with --population and attacks with --attack, or only a --situation",
        )
    return population


def _lifetimes(users: Population, days: int | None) -> list[int]:
    """Return the lifetimes to search: all that fit the population, or the one asked for.

    Raises:
        SettingsError: the population is shorter than any of them.
    """
    lifetimes = [days] if days else [life for life in LIFETIMES if life <= users.days]
    if not lifetimes:
        raise SettingsError(
            f"needs a population of at least {LIFETIMES[0]} day, but this one has {users.days}",
            where="--attack adaptive",
            hint="choose a shorter lifetime with --days",
        )
    return lifetimes


def _best_responses(
    users: Population, scratch: Path, lifetimes: Sequence[int], console: Console
) -> tuple[LifetimeResult, ...]:
    """Return the best response for every lifetime."""
    responses = []
    for life in lifetimes:
        with watched(console) as progress:
            responses.append(best_response(users, life, scratch=scratch, progress=progress))
    return compare_lifetimes(responses)


def _attacks(names: Sequence[str]) -> list[Attack]:
    """Return the named attacks, each once.

    Raises:
        SettingsError: an attack does not exist, or ``none`` is combined with others.
    """
    if "none" in names:
        if set(names) != {"none"}:
            raise SettingsError("none cannot be combined with other attacks", where="--attack")
        return []
    chosen = attack_names() if "all" in names else names
    return [load_attack(name) for name in dict.fromkeys(chosen) if name != ADAPTIVE]


def _detectors(*, baseline: bool, without_one: bool) -> list[Detector]:
    detectors: list[Detector] = [Ringfence(), RingfenceWithRings()]
    if baseline:
        detectors += baselines()
    if without_one:
        detectors += detectors_without_one()
    return detectors

"""``ringfence evaluate``: how good the detection is, on the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ringfence.cli.config import Config, settings_from
from ringfence.cli.evaluated import render
from ringfence.cli.progress import watched
from ringfence.errors import SettingsError
from ringfence.lab.evaluate import (
    Evaluation,
    Population,
    document,
    every_named,
    open_population,
    write_page,
)
from ringfence.lab.evaluate import evaluate as run_evaluation
from ringfence.lab.evaluate.adaptive import best_response
from ringfence.lab.evaluate.detectors import Detector, Ringfence, RingfenceWithRings, baselines
from ringfence.lab.evaluate.leave_one_out import leave_one_out as left_out
from ringfence.lab.evaluate.work_factor import CurvePoint, curve
from ringfence.lab.simulate.attacks import Attack, attack_names, load_attack
from ringfence.pipeline import prepare_folder, scratch_folder
from ringfence.report.atomic import write_text
from ringfence.settings import Settings

ADAPTIVE: Final = "adaptive"
"""Name of the attack that is searched for, not planted."""

LIVES: Final = (1, 7, 30, 90, 180, 365)
"""Days an adaptive attacker's account may live; those that fit into the population are tried."""


def evaluate(  # noqa: PLR0913, PLR0917 - one parameter an option
    population: Annotated[
        str,
        typer.Option(
            metavar="FILE|SCENARIO",
            show_default=False,
            help="Users: a log in any format that scan reads, a scenario's name, or its TOML file.",
        ),
    ],
    attack: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="What to plant; may be repeated. all: every attack; adaptive: an attacker that "
            "tries and improves (takes minutes); none: only count the users accused.",
        ),
    ],
    with_baselines: Annotated[
        bool,
        typer.Option(
            "--baselines", help="Compare with rate limits and other detectors people use."
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where evaluation.json and evaluation.html, a page of plots, go."
        ),
    ] = None,
    config: Config = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="How often each attack is planted, each time differently.")
    ] = 1,
    every: Annotated[
        str,
        typer.Option(
            metavar="STEP",
            help="How often verdicts are given: minute, 10min, hour, day; auto is hourly for two "
            "days, then daily.",
        ),
    ] = "auto",
    days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Days of each attack to replay, at most.")
    ] = None,
    account_months: Annotated[
        bool,
        typer.Option(
            "--account-months", help="Make every 30 days of an account an account of its own."
        ),
    ] = False,
    leave_one_out: Annotated[
        bool,
        typer.Option("--leave-one-out", help="Also judge without each evidence test in turn."),
    ] = False,
) -> None:
    """Plant attacks among users, replay them in time, and report what got out.

    Says for each attack and detector how many of its accounts were found and when, what they had
    taken by then, what that cost the attacker, and which users were accused.
    """
    settings, attacks, step = settings_from(config), _attacks(attack), every_named(every)
    folder = prepare_folder(out) if out else None
    watching = _detectors(settings, baseline=with_baselines, left=leave_one_out)
    console = Console(stderr=True, highlight=False)
    with scratch_folder(settings) as scratch:
        users = open_population(population, settings, scratch, account_months=account_months)
        lives = _lives(users, days) if ADAPTIVE in attack else []
        with watched(console) as progress:
            result = run_evaluation(
                users,
                attacks,
                watching,
                scratch=scratch,
                seeds=seeds,
                every=step,
                days=days,
                progress=progress,
            )
        if lives:
            result = replace(result, adaptive=_adapted(users, scratch, lives, console))
    if folder:
        _write(result, folder)
    if as_json:
        typer.echo(json.dumps(document(result), indent=2))
    else:
        render(result, Console(highlight=False))


def _lives(users: Population, days: int | None) -> list[int]:
    """Return the lifetimes to search: all that fit the population, or the one asked for.

    Raises:
        SettingsError: the population is shorter than any of them.
    """
    lives = [days] if days else [life for life in LIVES if life <= users.days]
    if not lives:
        raise SettingsError(
            f"needs a population of {LIVES[0]} days or more, this one has {users.days}",
            where="--attack adaptive",
            hint="name a shorter life with --days",
        )
    return lives


def _adapted(
    users: Population, scratch: Path, lives: Sequence[int], console: Console
) -> tuple[CurvePoint, ...]:
    """Search once for every lifetime."""
    responses = []
    for life in lives:
        with watched(console) as progress:
            responses.append(best_response(users, life, scratch=scratch, progress=progress))
    return curve(responses)


def _attacks(names: Sequence[str]) -> list[Attack]:
    """Return the attacks named, each once.

    Raises:
        SettingsError: there is no such attack, or ``none`` is not alone.
    """
    if "none" in names:
        if set(names) != {"none"}:
            raise SettingsError("none goes with no other attack", where="--attack")
        return []
    chosen = attack_names() if "all" in names else names
    return [load_attack(name) for name in dict.fromkeys(chosen) if name != ADAPTIVE]


def _detectors(settings: Settings, *, baseline: bool, left: bool) -> list[Detector]:
    detectors: list[Detector] = [Ringfence(), RingfenceWithRings()]
    if baseline:
        detectors += baselines()
    if left:
        detectors += left_out(settings.verdicts.false_accusation_rate)
    return detectors


def _write(result: Evaluation, folder: Path) -> None:
    write_text(folder / "evaluation.json", [json.dumps(document(result), indent=2), "\n"])
    write_page(result, folder / "evaluation.html")

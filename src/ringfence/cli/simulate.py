"""``ringfence simulate``: a service with users and extractors, as files to try things on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli.progress import watched
from ringfence.errors import SettingsError
from ringfence.lab.simulate import (
    ScenarioFiles,
    load_attack,
    load_scenario,
    scenario_names,
    write_scenario,
)
from ringfence.lab.simulate.attacks import attack_names
from ringfence.visible import visible


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            show_default=False,
            help="Permanent name of a scenario, or a TOML file.",
        ),
    ] = "",
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where events, catalogue and truth go.")
    ] = Path("ringfence-simulated"),
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Instead of the scenario's own seed."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    list_names: Annotated[
        bool, typer.Option("--list", help="List scenarios and attacks by name, and leave.")
    ] = False,
) -> None:
    """Make a service that never was: its users' events, the attacks on it, and the truth.

    Nothing is asked of any service; the records are drawn at random. The same scenario and seed
    give the same files.
    """
    if list_names:
        _list(as_json=as_json)
        return
    if not scenario:
        raise SettingsError("names no scenario", where="simulate", hint="--list shows their names")
    chosen = load_scenario(scenario).with_seed(seed)
    with watched(Console(stderr=True, highlight=False)) as progress:
        written = write_scenario(chosen, out, progress=progress)
    if as_json:
        typer.echo(json.dumps(_as_json(written), indent=2))
    else:
        _render(written)


def _list(*, as_json: bool) -> None:
    named = {
        "scenarios": {name: load_scenario(name).description for name in scenario_names()},
        "attacks": {name: load_attack(name).description for name in attack_names()},
    }
    if as_json:
        typer.echo(json.dumps(named, indent=2))
        return
    console = Console(highlight=False)
    for title, described in named.items():
        table = _table(title.capitalize())
        for name, description in described.items():
            table.add_row(name, Text(description))
        console.print(table, "")


def _render(written: ScenarioFiles) -> None:
    console = Console(highlight=False)
    table = _table(Text(visible(written.name, 60)))
    extractors = f", {written.extractors:,} of them extractors" if written.extractors else ""
    table.add_row("accounts", f"{written.accounts:,}{extractors}")
    table.add_row("events", f"{written.events:,}")
    table.add_row("items", f"{written.items:,}")
    console.print(table)
    for kind, path in written.files.items():
        console.print(Text(f"{kind:>9}  {path}"), soft_wrap=True)
    for note in written.notes:
        console.print(Text(note))


def _table(title: str | Text) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _as_json(written: ScenarioFiles) -> dict[str, object]:
    return {
        "scenario": written.name,
        "accounts": written.accounts,
        "extractors": written.extractors,
        "events": written.events,
        "items": written.items,
        "files": written.files,
        "notes": list(written.notes),
    }

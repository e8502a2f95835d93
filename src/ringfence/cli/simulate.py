"""``ringfence simulate``: write the events of an invented service, with known attacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ringfence.cli.consoles import output_console, progress_console
from ringfence.cli.progress import watched
from ringfence.errors import SettingsError
from ringfence.lab.simulate import (
    LOG_COLUMNS,
    Scenario,
    ScenarioFiles,
    attack_names,
    load_attack,
    load_scenario,
    scenario_names,
    write_access_log,
    write_scenario,
)
from ringfence.visible import visible


def simulate(  # noqa: PLR0913, PLR0917 - one parameter per option
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            show_default=False,
            help="Permanent name of a scenario, or a TOML file.",
        ),
    ] = "",
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for events, catalogue and truth.")
    ] = Path("ringfence-simulated"),
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed to use instead of the scenario's own."),
    ] = None,
    log: Annotated[
        bool,
        typer.Option("--log", help="Also write the events as access.log (combined format)."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    list_names: Annotated[
        bool, typer.Option("--list", help="List scenarios and attacks, and exit.")
    ] = False,
) -> None:
    """Write the events of an invented service, its catalogue, and the truth about its accounts.

    The records are random; no request is sent to any service. The same scenario and seed give the
    same files.
    """
    if list_names:
        _list(as_json=as_json)
        return
    if not scenario:
        raise SettingsError(
            "a scenario is missing",
            where="simulate",
            hint="--list shows the names of all scenarios",
        )
    chosen = load_scenario(scenario).with_seed(seed)
    written = _write(chosen.with_columns(LOG_COLUMNS) if log else chosen, out, log=log)
    if as_json:
        typer.echo(json.dumps(_as_json(written), indent=2))
    else:
        _render(written)


def _write(scenario: Scenario, out: Path, *, log: bool) -> ScenarioFiles:
    """Write the files of a scenario and, if asked for, its access log."""
    shown = progress_console()
    with watched(shown) as progress:
        written = write_scenario(scenario, out, progress=progress)
    if not log:
        return written
    path = out / "access.log"
    with watched(shown) as progress:
        write_access_log(out, path, progress=progress)
    return replace(written, files=written.files | {"log": str(path)})


def _list(*, as_json: bool) -> None:
    named = {
        "scenarios": {name: load_scenario(name).description for name in scenario_names()},
        "attacks": {name: load_attack(name).description for name in attack_names()},
    }
    if as_json:
        typer.echo(json.dumps(named, indent=2))
        return
    console = output_console()
    for title, described in named.items():
        table = _table(title.capitalize())
        for name, description in described.items():
            table.add_row(name, Text(description))
        console.print(table, "")


def _render(written: ScenarioFiles) -> None:
    console = output_console()
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

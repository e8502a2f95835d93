"""``ringfence canary``: items that no user can reach."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.case_options import AsJson
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.errors import SettingsError

canary_app = plain_app(help="Items that no user can reach: make a list, check for exposure.")

ListFile = Annotated[
    Path, typer.Argument(metavar="LIST", show_default=False, help="The secret list of canaries.")
]
"""The argument with the list."""


@canary_app.command()
def make(
    file: ListFile,
    catalogue: Annotated[
        Path,
        typer.Option(metavar="FILE", show_default=False, help="Table with all items."),
    ],
    count: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="Number of canaries.")
    ] = 200,
    config: Config = None,
) -> None:
    """Invent entries in the style of a catalogue, and write them to a new secret list.

    Add their rows to the catalogue (see ringfence canary rows), and to no search index, page,
    recommendation, sitemap or feed.
    """
    if os.path.lexists(file):
        raise SettingsError("exists already", where=str(file), hint="name a new file")
    from ringfence.catalogue.canary_list import write_canaries  # noqa: PLC0415
    from ringfence.leaks.canaries import invent_canaries  # noqa: PLC0415

    canaries = invent_canaries(catalogue, count, settings_from(config))
    write_canaries(file, canaries)
    typer.echo(f"{len(canaries):,} canaries are in {file}. Only you can read it; keep it secret.")


@canary_app.command()
def rows(file: ListFile) -> None:
    """Print the rows of all canaries as csv, with the columns of the catalogue."""
    from ringfence.catalogue.canary_list import read_canaries  # noqa: PLC0415

    canaries = read_canaries(file)
    names = list(dict.fromkeys(name for one in canaries for name in one.row))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(canaries_row.row for canaries_row in canaries)


@canary_app.command()
def check(
    file: ListFile,
    exports: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            show_default=False,
            help="Exported search results, recommendations, sitemaps, feeds or access logs.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check that no search, recommendation or feed shows a canary.

    Exit status: 0 if none is shown; 1 if one is; 2 if a file cannot be read.
    """
    from ringfence.catalogue.canary_list import read_canaries  # noqa: PLC0415
    from ringfence.leaks.canaries import find_exposed  # noqa: PLC0415
    from ringfence.visible import visible  # noqa: PLC0415

    found = find_exposed(exports, read_canaries(file))
    if as_json:
        typer.echo(json.dumps([vars(one) for one in found], indent=2))
    elif not found:
        typer.echo("No file shows a canary.")
    else:
        for one in found:
            typer.echo(
                f"{visible(one.file)}: {visible(one.surface)} shows {len(one.canaries):,} "
                f"{'canary' if len(one.canaries) == 1 else 'canaries'} in {one.lines:,} "
                f"{'line' if one.lines == 1 else 'lines'}, first in line {one.first_line:,}"
            )
    if found:
        raise typer.Exit(1)


@canary_app.command()
def used(
    file: ListFile,
    ledger: Annotated[
        Path, typer.Option(metavar="FILE", show_default=False, help="Ledger of all accounts.")
    ],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Find the canaries that accounts have used, in a ledger. No other canary is printed.

    Exit status: 0 if none was used; 1 if one was; 2 if a file cannot be read.
    """
    from ringfence.catalogue.canary_list import read_canaries  # noqa: PLC0415
    from ringfence.leaks.canaries import canary_uses  # noqa: PLC0415
    from ringfence.visible import visible  # noqa: PLC0415

    canaries = read_canaries(file)
    found = canary_uses(ledger, canaries, settings_from(config))
    if as_json:
        document = [
            {
                "item": one.item,
                "holders": one.holders,
                "first": f"{one.first:%Y-%m-%dT%H:%M:%SZ}",
                "accounts": [name for name, _ in one.accounts],
            }
            for one in found
        ]
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo(f"{len(found):,} of {len(canaries):,} canaries were used.")
        for one in found:
            names = ", ".join(visible(name) for name, _ in one.accounts)
            more = one.holders - len(one.accounts)
            others = f" and {more:,} others" if more else ""
            typer.echo(f"{visible(one.item)}, first on {one.first:%Y-%m-%d}: {names}{others}")
    if found:
        raise typer.Exit(1)

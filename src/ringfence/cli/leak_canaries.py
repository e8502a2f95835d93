"""``ringfence leak canaries``: whether a published copy has items that exist here only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_marks import AsDocument
from ringfence.errors import SettingsError

_SHOWN = 20


def canaries(
    dump: Annotated[
        Path,
        typer.Argument(
            metavar="DUMP", show_default=False, help="The copy, in any format of leak assess."
        ),
    ],
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default=False, help="Ledger, to name the accounts that took them."
        ),
    ] = None,
    item_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the copy with the item.")
    ] = "item",
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Find the canaries of canaries.file in a published copy. One proves its origin.

    Exit status: 0 if the copy has a canary; 1 if it has none; 2 if a file cannot be used.
    """
    settings = settings_from(config)
    if not settings.canaries.file:
        raise SettingsError("no list of canaries is given", hint="set canaries.file")
    from ringfence.catalogue.canary_list import read_canaries  # noqa: PLC0415
    from ringfence.leaks.canaries import canaries_in_dump  # noqa: PLC0415
    from ringfence.visible import visible  # noqa: PLC0415

    found = canaries_in_dump(
        dump,
        read_canaries(settings.canaries.file),
        item=item_column,
        ledger=ledger,
        settings=settings,
    )
    if as_json:
        document = {
            "found": list(found.found),
            "planted": found.planted,
            "items": found.items,
            "unreadable": found.unreadable.count,
            "holders": [{"account": name, "canaries": count} for name, count in found.holders],
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo(
            f"{len(found.found):,} of {found.planted:,} canaries are among the {found.items:,} "
            "items of the copy."
        )
        if found.found:
            typer.echo("The copy was made from this catalogue: a canary exists nowhere else.")
        if found.unreadable.count:
            typer.echo(found.unreadable.sentence)
        for name, count in found.holders[:_SHOWN]:
            typer.echo(f"{visible(name)} took {count:,} of them.")
    if not found.found:
        raise typer.Exit(1)

"""``ringfence leak``: what a published copy of the catalogue contains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_attribute import attribute
from ringfence.cli.leak_canaries import canaries
from ringfence.cli.leak_links import links_app
from ringfence.cli.leak_marks import mark_key, marks
from ringfence.cli.leak_notices import notice, notice_check, notice_key
from ringfence.cli.leak_overview import overview

leak_app = plain_app(help="Assess a published copy of the catalogue.")


@leak_app.callback()
def _leak() -> None:
    """Make ``leak`` a group, however many commands it has."""


@leak_app.command()
def assess(  # noqa: PLR0913, PLR0917 - one parameter per option
    dumps: Annotated[
        list[Path],
        typer.Argument(
            metavar="DUMP...",
            show_default=False,
            help="Files of the copy: SQLite, csv, tsv, JSON lines, Parquet, listings of files, "
            "torrent metainfo. Text may be .gz or .zst.",
        ),
    ],
    catalogue: Annotated[
        Path,
        typer.Option(metavar="FILE", show_default=False, help="Catalogue file, one row per item."),
    ],
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ledger, to say what known accounts took of it."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the report and machine-readable files."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME",
            show_default=False,
            help="Column of the dumps with this role, such as item=track_id. Repeatable.",
        ),
    ] = None,
    catalogue_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME",
            show_default=False,
            help="Column of the catalogue with this role, such as date=added_on.",
        ),
    ] = None,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
) -> None:
    """Report what a published copy contains, its share of all use, and what is missing.

    Nothing in the dumps is executed, and nothing is fetched.

    Exit status: 0 if a dump is related to the catalogue; 1 if none is; 2 if the options or a
    file cannot be used.
    """
    from ringfence.cli.consoles import output_console, progress_console  # noqa: PLC0415
    from ringfence.cli.leak_result import render_leak  # noqa: PLC0415 - loads Rich
    from ringfence.cli.progress import watched  # noqa: PLC0415
    from ringfence.leaks.assess import assess_leak  # noqa: PLC0415
    from ringfence.leaks.outputs import write_assessment  # noqa: PLC0415
    from ringfence.pipeline.folders import check_folder, prepare_folder  # noqa: PLC0415

    if out:
        check_folder(out)
    with watched(progress_console()) as progress:
        result = assess_leak(
            dumps,
            catalogue=catalogue,
            ledger=ledger,
            columns=column or (),
            catalogue_columns=catalogue_column or (),
            settings=settings_from(config),
            progress=progress,
        )
    if out:
        result = write_assessment(result, prepare_folder(out))
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        render_leak(result, output_console())
    if not result.related:
        raise typer.Exit(1)


leak_app.command("overview")(overview)
leak_app.command("marks")(marks)
leak_app.command("mark-key")(mark_key)
leak_app.command("attribute")(attribute)
leak_app.command("canaries")(canaries)
leak_app.add_typer(links_app, name="links")
leak_app.command("notice")(notice)
leak_app.command("notice-key")(notice_key)
leak_app.command("notice-check")(notice_check)

"""``ringfence scan``: the main job on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from ringfence.cli.config import Config, settings_from
from ringfence.cli.progress import watched
from ringfence.cli.result import render
from ringfence.errors import SettingsError
from ringfence.pipeline import scan as run_scan
from ringfence.settings import FormatName


def scan(  # noqa: PLR0913, PLR0917 - one parameter an option
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            show_default=False,
            help="Logs to read: files, globs, folders, or - for standard input; plain, .gz "
            "or .zst.",
        ),
    ],
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="F",
            show_default=False,
            help="combined, ezproxy, caddy, cloudfront, ndjson, csv or parquet. "
            "Without it the content is looked at.",
        ),
    ] = "",
    catalogue: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="List of all items (csv, parquet, ndjson). Without it, the catalogue "
            "is what the log shows.",
        ),
    ] = None,
    config: Config = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep what was read, so that tomorrow's scan sees months. Each source "
            "is read once.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Where report.html, findings.jsonl, accounts.parquet, rings.parquet and "
            "quarantine.jsonl go.",
        ),
    ] = Path("ringfence-out"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    fail_on_findings: Annotated[
        bool, typer.Option(help="End with status 1 if anything was found.")
    ] = False,
) -> None:
    """Read access logs and find the accounts that extract the catalogue.

    Nothing is done to anybody: the result is a report with evidence and advice.
    Ends with status 0 whatever was found (1 with --fail-on-findings and a finding), 2 if the
    input cannot be used.
    """
    settings, form = settings_from(config), _format(format_name)
    console = Console(stderr=True, highlight=False)
    with watched(console) as progress:
        result = run_scan(
            *sources,
            settings=settings,
            format=form,
            catalogue=catalogue,
            ledger=ledger,
            out=out,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        render(result, Console(highlight=False))
    if fail_on_findings and result.findings:
        raise typer.Exit(1)


def _format(name: str) -> FormatName | None:
    """Return the format named, None if none is.

    Raises:
        SettingsError: there is no such format.
    """
    if not name:
        return None
    names: tuple[FormatName, ...] = get_args(FormatName)
    if name not in names:
        raise SettingsError(
            f"there is no format {name!r}", where="--format", hint=f"one of {', '.join(names)}"
        )
    return name

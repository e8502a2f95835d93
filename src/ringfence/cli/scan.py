"""``ringfence scan``: the main job on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import ringfence
from ringfence.cli.config import Config, config_file, settings_from
from ringfence.cli.format import named_format
from ringfence.cli.status import IMPLAUSIBLE
from ringfence.cli.unread import Strict, end_if_unread
from ringfence.errors import SettingsError


def scan(  # noqa: PLR0913, PLR0917 - one parameter per option
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            show_default=False,
            help="Logs to read: files, globs, folders, or - for standard input. "
            "Plain, .gz or .zst.",
        ),
    ],
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="F",
            show_default=False,
            help="combined, ezproxy, caddy, w3c, cloudfront, ndjson, logfmt, csv, parquet or one "
            "more of the reference. Default: detected from the content.",
        ),
    ] = "",
    catalogue: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="List of all items: csv, parquet or ndjson. Default: the items in the logs.",
        ),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table of accounts: csv, parquet or JSON. Created, plan, country, payment token, "
            "device, display name and status, joined where the logs lack them.",
        ),
    ] = None,
    config: Config = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File that keeps what was read, so that a daily scan sees months. "
            "Each source is read once. :memory: keeps nothing.",
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="If the ledger knows a file's name with other content, count the new content "
            "instead. Without --replace or --add, the scan stops.",
        ),
    ] = False,
    add: Annotated[
        bool,
        typer.Option(
            "--add",
            help="If the ledger knows a file's name with other content, count the new content as "
            "well. Of a file that has grown, each line counts once.",
        ),
    ] = False,
    cases: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default=False,
            help="Case store: a file, or postgresql://user@host/database. Says which findings are "
            "new, and leaves accounts within a grant alone.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder for report.html, findings.jsonl, accounts.parquet, rings.parquet and "
            "quarantine.jsonl.",
        ),
    ] = Path("ringfence-out"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    fail_on_findings: Annotated[
        bool,
        typer.Option("--fail-on-findings", help="Exit with status 1 if there is a finding."),
    ] = False,
    fail_on_new: Annotated[
        bool,
        typer.Option(
            "--fail-on-new",
            help="Exit with status 1 if a finding is new or has changed. Needs --cases.",
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Judge accounts even if the input is not plausible."),
    ] = False,
    strict: Strict = False,
) -> None:
    """Read access logs and find the accounts that extract the catalogue.

    The result is a report with evidence and advice. No account is blocked or changed.

    Exit status: 0 if the scan is complete, with or without findings; 1 with --fail-on-findings and
    a finding, or with --fail-on-new and one that is new or has changed; 2 if the options or the
    input cannot be used; 3 if the input was read, but is not plausible. No account is judged then,
    unless --force is given.

    A source that cannot be read is reported, the others are scanned, and the status is 2. With
    --strict, the first such source ends the scan.
    """
    form = named_format(format_name)
    if fail_on_new and not (cases or settings_from(config).cases.url):
        raise SettingsError("--fail-on-new needs a case store", hint="give --cases")
    # Loaded here, because help and wrong usage do not need them.
    from ringfence.cli.consoles import output_console, progress_console  # noqa: PLC0415
    from ringfence.cli.progress import watched  # noqa: PLC0415
    from ringfence.cli.result import render  # noqa: PLC0415

    with watched(progress_console()) as progress:
        result = ringfence.scan(
            *sources,
            config=config_file(config),
            format=form,
            catalogue=catalogue,
            accounts=accounts,
            ledger=ledger,
            cases=cases,
            out=out,
            replace=replace,
            add=add,
            progress=progress,
            force=force,
            strict=strict,
        )
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        render(result, output_console())
    end_if_unread(result.unread)
    if result.withheld:
        raise typer.Exit(IMPLAUSIBLE)
    new = fail_on_new and any(one.case and one.case.status != "known" for one in result.findings)
    if new or (fail_on_findings and result.findings):
        raise typer.Exit(1)

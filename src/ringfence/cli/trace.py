"""``ringfence trace``: which accounts a complaint is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, cast

import typer

import ringfence
from ringfence.cli.config import Config, config_file, settings_from
from ringfence.cli.format import named_format
from ringfence.cli.unread import end_if_unread
from ringfence.pseudonym_key import name_in_use


def trace(  # noqa: PLR0913, PLR0917 - one parameter per option
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            show_default=False,
            help="Kept logs: files, globs, folders, or - for standard input. Plain, .gz or .zst.",
        ),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ledger of earlier scans, for times without logs."),
    ] = None,
    item: Annotated[
        str, typer.Option(metavar="I", show_default=False, help="An item, or a URL of it.")
    ] = "",
    address: Annotated[
        str,
        typer.Option(metavar="A", show_default=False, help="An IP address or network (CIDR)."),
    ] = "",
    time: Annotated[
        str,
        typer.Option(
            metavar="T",
            show_default=False,
            help="ISO 8601, such as 2026-03-09T08:02:00+01:00. UTC without a zone. A date means "
            "that day.",
        ),
    ] = "",
    within: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            show_default=False,
            help="How far the time may be off: 90s, 10m, 2h or 1d. Default: 10m, and nothing for "
            "a date.",
        ),
    ] = None,
    audience: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="WHO",
            show_default=False,
            help="Print only the text for complainant, holder or reviewer.",
        ),
    ] = "",
    account: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="With --for holder: whose holder, if several accounts fit.",
        ),
    ] = None,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="F",
            show_default=False,
            help="Format of the logs, as for ringfence scan. Default: detected from the content.",
        ),
    ] = "",
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
) -> None:
    """Find the accounts that a complaint is about, and say how sure that is.

    Give at least one of --item, --address and --time, and kept logs, a ledger, or both. Nothing is
    written.

    Exit status: 0 if an account fits; 1 if none does; 2 if the options or the input cannot be used,
    or a log cannot be read.
    """
    form = named_format(format_name)
    from ringfence.cli.consoles import output_console, progress_console  # noqa: PLC0415
    from ringfence.cli.progress import watched  # noqa: PLC0415
    from ringfence.cli.trace_result import render_trace  # noqa: PLC0415 - loads Rich
    from ringfence.pipeline.tracing.disclosure import Audience, check_audience  # noqa: PLC0415

    check_audience(audience)
    with watched(progress_console()) as progress:
        result = ringfence.trace(
            *(sources or ()),
            item=item,
            address=address,
            time=time,
            within=within,
            ledger=ledger,
            config=config_file(config),
            format=form,
            progress=progress,
        )
    if audience and audience != "reviewer":
        if account is not None:
            account = name_in_use(account, settings_from(config).privacy.pseudonym_key)
        text = result.text_for(cast("Audience", audience), account)
        typer.echo(json.dumps({"for": audience, "text": text}, indent=2) if as_json else text)
    elif as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        render_trace(result, output_console())
    end_if_unread(result.unread)
    if not result.accounts:
        raise typer.Exit(1)

"""``ringfence check``: show what a scan would read."""

from __future__ import annotations

import json
from typing import Annotated

import typer

import ringfence
from ringfence.cli.config import Config, config_file
from ringfence.cli.format import named_format
from ringfence.cli.status import IMPLAUSIBLE
from ringfence.cli.unread import Strict, end_if_unread


def check(
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
            help="Format of the logs, as for ringfence scan. Default: detected from the content.",
        ),
    ] = "",
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    strict: Strict = False,
) -> None:
    """Read a sample of access logs and show what a scan would read. Nothing is written.

    The first lines of a log are shown beside what was read from them. Then follow numbers,
    warnings, and settings that would help.

    Exit status: 0 if the logs are read and plausible; 2 if the options or the input cannot be used;
    3 if the logs are read, but findings from them would be worthless.

    A source that cannot be read is reported, the others are checked, and the status is 2. With
    --strict, the first such source ends the check.
    """
    form = named_format(format_name)
    from ringfence.cli.check_result import render_check  # noqa: PLC0415 - loads Rich

    result = ringfence.check(*sources, config=config_file(config), format=form, strict=strict)
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        render_check(result)
    end_if_unread(result.unread)
    if not result.plausible:
        raise typer.Exit(IMPLAUSIBLE)

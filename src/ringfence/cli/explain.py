"""``ringfence explain``: one account or ring in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.consoles import output_console
from ringfence.cli.explanation import render
from ringfence.report import look_up


def explain(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", show_default=False, help="The folder of a scan, its --out."),
    ],
    name: Annotated[
        str,
        typer.Argument(metavar="ID", show_default=False, help="An account, or the id of a ring."),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="List all members of a ring, not the first 20.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the JSON record instead of words.")
    ] = False,
) -> None:
    """Explain in words what a scan found out about an account or a ring.

    For an account that is not a finding, this lists the answer of each test. Ends with status 2 if
    the folder does not hold a scan, or the scan does not know the name.
    """
    subject = look_up(folder, name)
    if as_json:
        typer.echo(json.dumps(subject.to_json(), indent=2))
    else:
        render(subject, output_console(), every=every)

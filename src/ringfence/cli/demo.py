"""``ringfence demo``: the main job on a log it makes itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ringfence.cli.progress import watched
from ringfence.cli.result import render
from ringfence.lab.simulate import write_access_log
from ringfence.pipeline import prepare_folder, scan

LINES = 200_000
"""Enough listeners for a population, few enough for half a minute."""


def demo(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the log and the report go.")
    ] = Path("ringfence-demo"),
    seed: Annotated[int, typer.Option(help="Another seed makes another log.")] = 7,
) -> None:
    """Make a week's access log of a music service, hide extractors in it, and scan it."""
    prepare_folder(out)
    log = out / "access.log"
    console = Console(highlight=False)
    console.print(
        f"Making {log}: {LINES:,} lines of listeners, and of some who only pretend ...",
        markup=False,
    )
    write_access_log(log, lines=LINES, seed=seed)
    with watched(Console(stderr=True, highlight=False)) as progress:
        result = scan(log, out=out, progress=progress)
    render(result, console)

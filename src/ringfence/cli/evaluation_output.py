"""Print the results of ``ringfence evaluate``, and write them into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import typer
from rich.console import Console

from ringfence.cli.consoles import output_console
from ringfence.pipeline import prepare_folder
from ringfence.report.atomic import write_text


def output_results(
    document: Mapping[str, object],
    folder: Path | None,
    write_page: Callable[[Path], None],
    render: Callable[[Console], None],
    *,
    as_json: bool,
) -> None:
    """Print and write the results of an evaluation.

    Args:
        document: all results as JSON values.
        folder: receives ``evaluation.json`` and ``evaluation.html``; None writes nothing.
        write_page: writes the page of plots into a file.
        render: prints the tables.
        as_json: print the document instead of the tables.

    Raises:
        OutputError: a file cannot be written.
    """
    text = json.dumps(document, indent=2)
    if folder:
        write_text(prepare_folder(folder) / "evaluation.json", [text, "\n"])
        write_page(folder / "evaluation.html")
    if as_json:
        typer.echo(text)
    else:
        render(output_console())

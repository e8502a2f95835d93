"""``ringfence doctor``: what is installed, what is missing, and which command adds it."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

NEEDED = (
    "duckdb",
    "sqlglot",
    "numpy",
    "scipy",
    "pydantic",
    "typer",
    "rich",
    "jinja2",
    "altair",
    "vl-convert-python",
    "counter-robots",
    "crawler-user-agents",
    "threadpoolctl",
    *(("zstandard",) if sys.version_info < (3, 14) else ()),
)
"""Packages without which Ringfence does not work."""

TOOLS = {
    "goaccess": ("benchmarks compare with it", "apt-get install goaccess"),
    "fail2ban-regex": ("benchmarks compare with it", "apt-get install fail2ban"),
    "chromium": ("tests look at the report with it", "apt-get install chromium"),
}
"""Programs that only development uses: what for, and how to get them."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say what is installed, what is missing and which command adds it.

    Ends with status 2 if something is missing that Ringfence cannot work without.
    """
    rows = [_python(), *map(_package, NEEDED), *map(_tool, TOOLS)]
    if as_json:
        typer.echo(
            json.dumps(
                [dict(zip(("part", "found", "needed", "hint"), row, strict=True)) for row in rows],
                indent=2,
            )
        )
    else:
        _print(rows)
    if any(needed and not found for _, found, needed, _ in rows):
        raise typer.Exit(2)


def _python() -> tuple[str, str, bool, str]:
    return ("python", platform.python_version(), True, "")


def _package(name: str) -> tuple[str, str, bool, str]:
    try:
        return (name, version(name), True, "")
    except PackageNotFoundError:
        return (name, "", True, f"pip install {name}")


def _tool(name: str) -> tuple[str, str, bool, str]:
    purpose, command = TOOLS[name]
    path = shutil.which(name)
    return (name, "installed" if path else "", False, "" if path else f"{purpose}: {command}")


def _print(rows: list[tuple[str, str, bool, str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("part", "found", "if missing"):
        table.add_column(column)
    for name, found, needed, hint in rows:
        missing = "[red]missing[/red]" if needed else "not installed"
        table.add_row(name, found or missing, hint)
    Console(highlight=False).print(table)

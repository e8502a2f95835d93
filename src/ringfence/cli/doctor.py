"""``ringfence doctor``: the parts that are installed, and the commands that add the others."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Final, NamedTuple

import typer

REQUIRED: Final = (
    "adbc-driver-manager",
    "adbc-driver-sqlite",
    "alembic",
    "altair",
    "anyascii",
    "argon2-cffi",
    "arro3-core",
    "counter-robots",
    "crawler-user-agents",
    "cryptography",
    "duckdb",
    "fastbencode",
    "granian",
    "httpx",
    "idna",
    "jinja2",
    "joserfc",
    "numpy",
    "prometheus-client",
    "pydantic",
    "rich",
    "scipy",
    "sqlalchemy",
    "sqlglot",
    "standardwebhooks",
    "starlette",
    "threadpoolctl",
    "typer",
    *(("uvloop",) if sys.platform != "win32" else ()),
    "vl-convert-python",
    *(("zstandard",) if sys.version_info < (3, 14) else ()),
)
"""Packages that Ringfence does not work without."""

EXTRAS: Final = {
    "scikit-learn": ("lab", "one baseline of ringfence evaluate"),
    "pandas": ("pandas", "results as pandas frames"),
    "polars": ("polars", "results as Polars frames"),
    "pyarrow": ("arrow", "results as PyArrow tables"),
    "confluent-kafka": ("kafka", "events from Kafka into the live service"),
    "psycopg": ("postgresql", "a case store in PostgreSQL"),
    "stix2": ("stix", "rings as a STIX bundle"),
    "opentelemetry-exporter-otlp-proto-http": (
        "telemetry",
        "traces and metrics of the live service",
    ),
    "opentelemetry-sdk": ("telemetry", "measurements of the live service"),
}
"""Optional packages: the extra that installs each, and what it is for."""

TOOLS: Final = {
    "goaccess": ("benchmarks compare with it", "apt-get install goaccess"),
    "fail2ban-regex": ("benchmarks compare with it", "apt-get install fail2ban"),
    "chromium": ("tests view the report with it", "apt-get install chromium"),
}
"""Programs for the development of Ringfence: what each is for, and the command that adds it."""


class Part(NamedTuple):
    """One part that may be installed.

    Attributes:
        part: name.
        found: its version, or ``installed``; empty if it is missing.
        needed: whether Ringfence does not work without it.
        hint: what it is for and the command that adds it; empty if it is installed.
    """

    part: str
    found: str
    needed: bool
    hint: str


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show which parts are installed, and which command adds each missing part.

    Exit status: 2 if a part is missing that Ringfence does not work without, else 0.
    """
    parts = list(_installed())
    if as_json:
        typer.echo(json.dumps([part._asdict() for part in parts], indent=2))
    else:
        _print(parts)
    if any(part.needed and not part.found for part in parts):
        raise typer.Exit(2)


def _installed() -> Iterator[Part]:
    yield Part("python", platform.python_version(), True, "")
    for name in REQUIRED:
        found = _version(name)
        yield Part(name, found, True, "" if found else f"pip install {name}")
    for name, (extra, purpose) in EXTRAS.items():
        found = _version(name)
        hint = f"{purpose}: pip install 'ringfence[{extra}]'"
        yield Part(name, found, False, "" if found else hint)
    for name, (purpose, command) in TOOLS.items():
        found = "installed" if shutil.which(name) else ""
        yield Part(name, found, False, "" if found else f"{purpose}: {command}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _print(parts: list[Part]) -> None:
    from rich.table import Table  # noqa: PLC0415 - not needed for JSON

    from ringfence.cli.consoles import output_console  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("part", "found", "if missing"):
        table.add_column(column)
    for name, found, needed, hint in parts:
        missing = "[red]missing[/red]" if needed else "not installed"
        table.add_row(name, found or missing, hint.replace("[", r"\["))
    output_console().print(table)

"""Inject faults while decisions are made and delivered, and count what is lost.

    python -m benchmarks.enforcement_faults [--small] [--write docs/threat-model.md] [DATABASE...]

Kills a process at every step of decide-and-deliver, and at random moments; lets a receiver on this
machine hang, fail, answer nothing, redirect, and be away; fills the disk; and lets several
processes work on one store. The table has one row per fault and database. Lines before it name what
was wrong. If anything was, the exit status is 1. A run takes about six processor minutes per
database.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.enforcement_faults.disks import full_disks
from benchmarks.enforcement_faults.kills import kills_at_every_step, kills_at_random
from benchmarks.enforcement_faults.outcome import HEADINGS, Outcome
from benchmarks.enforcement_faults.processes import processes_at_once
from benchmarks.enforcement_faults.sinks import (
    away_for_a_day,
    away_for_a_week,
    failing_receivers,
    private_names,
)
from benchmarks.enforcement_faults.workplace import NewStore
from benchmarks.faults.disks import can_mount
from benchmarks.page import publish, table
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from tests.cases.postgresql import server

from ringfence.cases import open_store


@contextmanager
def sqlite(folder: Path) -> Iterator[NewStore]:
    """Give a function that makes empty stores in SQLite."""
    open_store(folder / "empty.sqlite").close()
    numbers = count()

    def new() -> str:
        return str(shutil.copy(folder / "empty.sqlite", folder / f"{next(numbers)}.sqlite"))

    yield new


@contextmanager
def postgresql(_: Path) -> Iterator[NewStore]:
    """Give a function that makes empty stores in Debian's PostgreSQL, which runs until the end."""
    numbers = count()
    with server() as address:
        url = make_url(address).set(drivername="postgresql+psycopg")

        def new() -> str:
            name = f"store_{next(numbers)}"
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return url.set(drivername="postgresql", database=name).render_as_string(False)

        yield new


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}


def outcomes(database: str, new: NewStore, folder: Path, *, small: bool) -> Iterator[Outcome]:
    """Yield the outcome of each fault in one database."""
    # First those that copy the process, as long as it has no threads.
    yield from kills_at_every_step(database, new, folder, 25 if small else 1)
    yield kills_at_random(database, new, folder, 3 if small else 100)
    for processes in (2, 4):
        yield processes_at_once(database, new, folder, processes, 5 if small else 50)
    if database == "SQLite" and can_mount():
        yield full_disks(new, folder, 16 if small else 120)
    yield from failing_receivers(database, new, 2 if small else 20)
    yield private_names(database, new, 5 if small else 20)
    yield away_for_a_day(database, new, 1 if small else 3)
    yield away_for_a_week(database, new, 1 if small else 3)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="*", choices=[[], *DATABASES], help="all by default")
    parser.add_argument("--small", action="store_true", help="few trials, for a quick check")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    console, wrong = Console(), 0
    for database in options.database or DATABASES:
        with tempfile.TemporaryDirectory() as name, DATABASES[database](Path(name)) as new:
            found = list(_told(console, outcomes(database, new, Path(name), small=options.small)))
        rows = [outcome.row() for outcome in found]
        shown = Table(*HEADINGS)
        for row in rows:
            shown.add_row(*row)
        console.print(shown)
        if options.write:
            publish(f"faults of delivery, {database}", table(HEADINGS, rows), options.write)
        wrong += sum(len(outcome.found.wrong) for outcome in found)
    return int(wrong > 0)


def _told(console: Console, found: Iterator[Outcome]) -> Iterator[Outcome]:
    """Print what was wrong as soon as it is known."""
    for outcome in found:
        console.print(f"{outcome.fault}: {outcome.struck} of {outcome.trials}", markup=False)
        for sentence in outcome.found.wrong[:20]:
            console.print(f"  {sentence}", markup=False)
        yield outcome


if __name__ == "__main__":
    sys.exit(main())

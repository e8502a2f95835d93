"""Check the figures of docs/evaluation.md: is an attack still found when that page says?

    python -m benchmarks.evaluation_again [--attack NAME ...] [--keep FILE]
        [--write docs/evaluation.md]

The whole page takes many hours. This script plants one seed of each attack among the same 2,000
users, or among real people. It scans once, at the day on which the page says that the accounts of
the attack are found. If all that the page counts are found by then, the work factor is at least
that of the page. A scan takes less than a minute. With ``--keep``, the rows of earlier calls are in
a file, and the table has those too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.fairness import earlier_rows
from benchmarks.inputs import COLUMNS, LISTENERS
from benchmarks.page import publish, table

import ringfence
from ringfence.lab.evaluate import Population, open_population
from ringfence.lab.evaluate.planting import plant
from ringfence.lab.simulate.attacks import load_attack
from ringfence.settings import Settings, load_settings
from ringfence.stats.seconds import DAY

REPLAYED: Final = 14
"""Last days of the population, in which attacks take place, as in ``evaluate --days 14``."""

PEOPLE: Final = "real people: "
"""Stands before the name of an attack that is planted among them."""

FOUND: Final = "## What is found, and when"
RINGS: Final = "Among 2,000 simulated users:"
RINGS_OF_PEOPLE: Final = "\nAmong real people, 884 account-months:"
"""Lines of docs/evaluation.md before its tables of single verdicts and of rings."""

CHECKS: Final = (
    ("ring-by-artist", 1),
    ("ring-by-artist", 2),
    ("stolen", 14),
    ("ring-bursts", 10),
    ("ring-played", 5),
    ("ring-restless", 6),
    ("ring-interleaved", 1),
    ("even-ring-1000", 1),
    ("waking-ring-1000", 2),
    ("ring-tail", 3),
    ("ring-tail", 4),
    ("replay", 1),
    *(("bought-collisions", days) for days in (1, 2, 3, 5, 7, 14)),
    ("small-shares-200", 2),
    ("small-shares-200", 3),
    ("ring-lockstep", 5),
    ("metadata-only", 1),
    ("week-and-replaced", 14),
    ("slow-start", 14),
    ("mimic", 14),
    *((name, days) for name in ("ring-blocks", "ring-random") for days in (1, 14)),
    *((PEOPLE + "ring-by-artist", days) for days in (2, 3, 4, 5, 7)),
    (PEOPLE + "ring-interleaved", 1),
    (PEOPLE + "bought-collisions", 1),
    (PEOPLE + "bought-collisions", 3),
    (PEOPLE + "ring-tail", 5),
    (PEOPLE + "small-shares-200", 2),
)
"""Attacks, and the days after which the page says that its accounts are found."""

HEADER: Final = (
    "attack", "days", "items each, at most", "accused", "the page", "suspect or accused",
    "the page", "in rings", "the page", "users accused", "users in rings",
)  # fmt: skip


@dataclass(frozen=True)
class ScanCounts:
    """The verdicts of one scan on the accounts of an attack and on the users.

    Attributes:
        members: accounts of the attack.
        most: most items that one of them holds.
        accused: those with the verdict extracting.
        noticed: those with either verdict of their own.
        in_rings: those in any ring.
        users_accused: users with the verdict extracting.
        users_in_rings: users in any ring.
    """

    members: int
    most: int
    accused: int
    noticed: int
    in_rings: int
    users_accused: int
    users_in_rings: int


def check(population: Population, name: str, days: int, scratch: Path) -> ScanCounts:
    """Plant an attack, scan everything up to a day of it, and count the verdicts."""
    attack = load_attack(name)
    planted = plant(
        population, name, attack.strategy, seed=0, first_day=population.days - REPLAYED,
        days=REPLAYED, scratch=scratch, links=attack.links,
    )  # fmt: skip
    events = scratch / f"{name}.parquet"
    with duckdb.connect() as connection:
        both = (
            f"SELECT * FROM {population.relation} "
            f"UNION ALL BY NAME SELECT * FROM read_parquet('{planted.events}')"
        )
        end = planted.start + days * DAY
        connection.execute(
            f"COPY (SELECT * FROM ({both}) WHERE epoch(ts) < {end}) TO '{events}' (FORMAT parquet)"
        )
    result = ringfence.scan(str(events))
    verdicts = dict(
        zip(result.accounts.column("account"), result.accounts.column("verdict"), strict=True)
    )
    items = dict(
        zip(result.accounts.column("account"), result.accounts.column("items"), strict=True)
    )
    rings = [found for found in result.findings if found.kind == "ring"]
    in_rings = {account for ring in rings for account in ring.accounts}
    members = {str(account) for account in planted.names}
    accused = {account for account, verdict in verdicts.items() if verdict == "extracting"}
    suspects = {account for account, verdict in verdicts.items() if verdict == "suspect"}
    users = {account for account in verdicts if not population.has_bulk_access(account)} - members
    return ScanCounts(
        members=len(members),
        most=max((int(items[account]) for account in members & set(items)), default=0),
        accused=len(members & accused),
        noticed=len(members & (accused | suspects)),
        in_rings=len(members & in_rings),
        users_accused=len(users & accused),
        users_in_rings=len(users & in_rings),
    )


def opened(scratch: Path, *, people: bool) -> Population:
    """Open the simulated users, or one account per month of each real person."""
    if not people:
        return open_population("small", Settings(), scratch)
    (scratch / "columns.toml").write_text(COLUMNS, encoding="utf-8")
    settings = load_settings(scratch / "columns.toml")
    return open_population(str(LISTENERS), settings, scratch, account_months=True)


def earlier(page: str, line: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of the first table after a line of a page, by their first cell."""
    _, _, rest = page.partition(line)
    found: dict[str, tuple[str, ...]] = {}
    for row in rest.splitlines():
        cells = tuple(cell.strip() for cell in row.strip("| ").split(" | "))
        if row.startswith("|"):
            found[cells[0]] = cells
        elif found:
            break
    return found


def row_of(name: str, days: int, seen: ScanCounts, page: str) -> tuple[str, ...]:
    """Return one row of the table: the scan beside the page, which counts three seeds."""
    attack, people = name.removeprefix(PEOPLE), name.startswith(PEOPLE)
    alone = None if people else earlier(page, FOUND).get(attack)
    rings = earlier(page, RINGS_OF_PEOPLE if people else RINGS).get(attack)
    return (
        name,
        str(days),
        f"{seen.most:,}",
        f"{seen.accused} / {seen.members}",
        alone[1] if alone else "–",
        f"{seen.noticed}",
        alone[2] if alone else "–",
        f"{seen.in_rings} / {seen.members}",
        f"{rings[2]}, first after {rings[3]}" if rings else "–",
        str(seen.users_accused),
        str(seen.users_in_rings),
    )


def measured(attacks: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Check the attacks one after the other, and yield a row for each."""
    page = Path("docs/evaluation.md").read_text(encoding="utf-8")
    for people in (False, True):
        chosen = [
            (name, days)
            for name, days in CHECKS
            if name in attacks and name.startswith(PEOPLE) == people
        ]
        if not chosen or (people and not LISTENERS.exists()):
            continue
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            population = opened(scratch, people=people)
            for name, days in chosen:
                seen = check(population, name.removeprefix(PEOPLE), days, scratch)
                yield row_of(name, days, seen, page)


def main() -> None:
    """Check the attacks one after the other, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = sorted({name for name, _ in CHECKS})
    parser.add_argument("--attack", nargs="*", choices=names, default=names)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="rows, one JSON list per line")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    rows = earlier_rows(options.keep)
    for row in measured(options.attack):
        print("|", " | ".join(row), "|", flush=True)
        rows.append(row)
        if options.keep is not None:
            with options.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    publish("evaluation again", table(HEADER, rows), options.write)


if __name__ == "__main__":
    main()

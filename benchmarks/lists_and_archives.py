"""Measure at which size a walk through search results, or a copy by archives, is found.

    python -m benchmarks.lists_and_archives [--seeds 3] [--write docs/evaluation.md]

The users are those of the scenario ``search-16000``: a music service with people who search, and
with people who download albums as archives. They are read as the access log of a Subsonic server,
so pages of results are not items, and nothing tells the number of tracks of an archive. People's
apps show 20 results per page; the attack asks for 100. Each cell is one number of pages or archives
per day, for one number of days. Only single accounts are judged, at the end of the last day.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from benchmarks.planted_verdicts import LABELS, label_beside, user_labels

from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate.growing_ledger import GrowingLedger
from ringfence.lab.evaluate.planting import plant
from ringfence.lab.evaluate.population import Population, open_population
from ringfence.lab.simulate.attacks import load_attack
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY

SCENARIO: Final = "search-16000"
RATES: Final = {
    "search-16000": (100, 200, 400, 800, 1_600),
    "archives-800": (5, 10, 20, 40, 80),
}
NOUNS: Final = {"search-16000": "pages", "archives-800": "archives"}
DAYS: Final = (1, 3, 10)
NEW_TABLES: Final = ("listings", "large_answers")

SHOWN_TO_PEOPLE: Final = 20
SHOWN_TO_PROGRAMS: Final = 100


@dataclass
class Measurement:
    """Verdicts over all seeds.

    Attributes:
        extractors: number of seeds by (attack, days, rate, verdict).
        users: number of users by (kind, verdict), without an attack.
        without: the same from a ledger without lists and large answers.
        accounts: number of users of each kind.
        beside: users with the verdict *extracting* beside any of the attacks.
    """

    extractors: Counter[tuple[str, int, int, str]] = field(default_factory=Counter)
    users: Counter[tuple[str, str]] = field(default_factory=Counter)
    without: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    beside: int = 0


def as_log(relation: str, *, per_page: int, pages: int) -> str:
    """Return a SELECT of events as an access log of a Subsonic server has them.

    Args:
        relation: what follows FROM.
        per_page: results that a page of a list shows.
        pages: pages of each search, whose numbers follow each other.
    """
    number = "CAST(substr(item, 8) AS BIGINT)"
    search = (
        f"concat('/rest/search3?query=q', {number} // {pages}, '&songCount={per_page}&songOffset=',"
        f" {number} % {pages} * {per_page})"
    )
    method = (
        "CASE surface WHEN 'download' THEN 'download' WHEN 'metadata' THEN 'getSong' "
        "ELSE 'stream' END"
    )
    return (
        "SELECT ts, account, ip, client, status, bytes, CASE "
        f"WHEN starts_with(item, 'search-') THEN {search} "
        f"ELSE concat('/rest/', {method}, '?id=', item) END AS url FROM {relation}"
    )


def measure_seed(found: Measurement, seed: int, scratch: Path) -> None:
    """Add the verdicts of one seed."""
    settings = Settings.model_validate({"items": {"preset": "subsonic"}})
    population = open_population(SCENARIO, settings, scratch, seed=seed)
    end = population.start + population.days * DAY
    log = as_log(population.relation, per_page=SHOWN_TO_PEOPLE, pages=3)
    with GrowingLedger(log, settings) as users:
        users.advance(end)
        found.accounts.update(population.kinds.values())
        found.users.update(user_labels(population, users))
        for attack, rates in RATES.items():
            for days in DAYS:
                for rate in rates:
                    _add_cell(found, population, users, (attack, days, rate), seed, scratch)
        for name in NEW_TABLES:
            users.engine.run(f"DELETE FROM aged_{name}")
        found.without.update(user_labels(population, users))


def _add_cell(  # noqa: PLR0913, PLR0917 - the cell and the users
    found: Measurement,
    population: Population,
    users: GrowingLedger,
    cell: tuple[str, int, int],
    seed: int,
    scratch: Path,
) -> None:
    """Plant one account, judge it beside the users, and count its verdict."""
    name, days, rate = cell
    attack = load_attack(name, {"per_day": rate, "days": days})
    planted = plant(
        population,
        f"{name}-{days}-{rate}",
        attack.strategy,
        seed=seed,
        first_day=population.days - days,
        days=days,
        scratch=scratch,
    )
    events = f"read_parquet({path_sql(planted.events)})"
    log = as_log(events, per_page=SHOWN_TO_PROGRAMS, pages=200)
    label, accused = label_beside(population, users, log, str(planted.names[0]))
    found.extractors[(*cell, label)] += 1
    found.beside += accused


def text(found: Measurement, seeds: int) -> str:
    """Return the tables as Markdown."""
    cells = seeds * len(DAYS) * sum(map(len, RATES.values()))
    return "\n\n".join(
        (
            *(_curve(found, attack, seeds) for attack in RATES),
            f"Users accused beside these {cells} attacks: {found.beside}.",
            _kinds(found),
        )
    )


def _curve(found: Measurement, attack: str, seeds: int) -> str:
    header = ("days", *(f"{rate:,} {NOUNS[attack]} per day" for rate in RATES[attack]))
    rows = [
        (str(days), *(_cell(found, (attack, days, rate), seeds) for rate in RATES[attack]))
        for days in DAYS
    ]
    return table(header, rows)


def _cell(found: Measurement, cell: tuple[str, int, int], seeds: int) -> str:
    extracting, suspect = (found.extractors[(*cell, label)] for label in LABELS)
    if extracting == seeds:
        return "extracting"
    if suspect == seeds:
        return "suspect"
    return f"{extracting} extracting, {suspect} suspect" if extracting + suspect else "–"


def _kinds(found: Measurement) -> str:
    """Return the verdicts on users by kind, with and without the new tables."""
    header = (
        *("kind", "users", "extracting", "suspect"),
        *("extracting, lists and archives deleted", "suspect, lists and archives deleted"),
    )
    rows = [
        (
            kind,
            f"{number:,}",
            *(
                f"{counts[kind, label]:,}"
                for counts in (found.users, found.without)
                for label in LABELS
            ),
        )
        for kind, number in sorted(found.accounts.items())
    ]
    return table(header, rows)


def main() -> None:
    """Run all seeds and publish the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    found = Measurement()
    for seed in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            measure_seed(found, seed, Path(folder))
    publish("lists_and_archives", text(found, arguments.seeds), arguments.write)


if __name__ == "__main__":
    main()

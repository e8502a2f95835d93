"""Measure at which size a walk through search results, or a copy by archives, is found.

    python -m benchmarks.lists_and_archives [--seeds 3] [--write docs/evaluation.md]

The users are those of the scenario ``search-16000``: a music service with people who search, and
with people who download albums as archives. They are read as the access log of a Subsonic server,
so pages of results are not items, and nothing tells the number of tracks of an archive. People's
apps show 20 results per page; the attack asks for 100. Each cell is one number of pages or archives
per day, for one number of days. Only single accounts are judged, at the end of the last day.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.page import table
from benchmarks.planted_verdicts import Measurement, label_beside, publish_seeds, user_labels

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
            found.users_table("lists and archives"),
        )
    )


def _curve(found: Measurement, attack: str, seeds: int) -> str:
    header = ("days", *(f"{rate:,} {NOUNS[attack]} per day" for rate in RATES[attack]))
    rows = [
        (str(days), *(found.verdict_on((attack, days, rate), seeds) for rate in RATES[attack]))
        for days in DAYS
    ]
    return table(header, rows)


if __name__ == "__main__":
    publish_seeds("lists_and_archives", __doc__, measure_seed, text)

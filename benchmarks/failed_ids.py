"""Measure at which size an enumeration of ids is found, and how honest failures are judged.

    python -m benchmarks.failed_ids [--seeds 3] [--write docs/evaluation.md]

The users are those of the scenario ``ids-36000``: a music service with importers, whose tracks are
often gone, and with programs that ask for missing pictures again and again. One account tries ids
for three days. Each cell of the table is one share of ids that do not exist, at one number of ids
per day. Only single accounts are judged, at the end of the last day.
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

SCENARIO: Final = "ids-36000"
DAYS: Final = 3
SHARES: Final = (0.3, 0.5, 0.6, 0.8, 0.9, 0.98)
RATES: Final = (300, 600, 1_200, 3_000, 12_000)


def measure_seed(found: Measurement, seed: int, scratch: Path) -> None:
    """Add the verdicts of one seed."""
    population = open_population(SCENARIO, Settings(), scratch, seed=seed)
    end = population.start + population.days * DAY
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as users:
        users.advance(end)
        found.accounts.update(population.kinds.values())
        found.users.update(user_labels(population, users))
        for share in SHARES:
            for rate in RATES:
                _add_cell(found, population, users, share, rate, seed, scratch)
        users.engine.run("DELETE FROM aged_failures")
        found.without.update(user_labels(population, users))


def _add_cell(  # noqa: PLR0913, PLR0917 - the cell and the users
    found: Measurement,
    population: Population,
    users: GrowingLedger,
    share: float,
    rate: int,
    seed: int,
    scratch: Path,
) -> None:
    """Plant one account, judge it beside the users, and count its verdict."""
    attack = load_attack(SCENARIO, {"per_day": rate, "days": DAYS, "missing": share})
    planted = plant(
        population,
        f"{SCENARIO}-{share}-{rate}",
        attack.strategy,
        seed=seed,
        first_day=population.days - DAYS,
        days=DAYS,
        scratch=scratch,
    )
    select = f"SELECT * FROM read_parquet({path_sql(planted.events)})"
    label, accused = label_beside(population, users, select, str(planted.names[0]))
    found.extractors[share, rate, label] += 1
    found.beside += accused


def text(found: Measurement, seeds: int) -> str:
    """Return the tables as Markdown."""
    curve = [
        (f"{share:.0%}", *(found.verdict_on((share, rate), seeds) for rate in RATES))
        for share in SHARES
    ]
    beside = (
        f"Users accused beside these {len(curve) * len(RATES) * seeds} attacks: {found.beside}."
    )
    return "\n\n".join(
        (
            table(("ids that fail", *(f"{rate:,} per day" for rate in RATES)), curve),
            beside,
            found.users_table("failures"),
        )
    )


if __name__ == "__main__":
    publish_seeds("failed_ids", __doc__, measure_seed, text)

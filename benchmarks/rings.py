"""Which rings are found, and that none is where there is none.

``python -m benchmarks.rings`` plants rings one at a time among 20,000 simulated readers (scenario
``incident``) and, where the data is there, among person-months of real listeners, searches once at
the end, and says how many members were found, how many readers were with them, and what was
observed and expected. The last ten days of a population are the ring's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.evaluation import COLUMNS, LISTENERS
from benchmarks.page import publish, table

from ringfence.evaluate import Population, open_population
from ringfence.evaluate.folding import Folding, looked_at
from ringfence.evaluate.planting import plant
from ringfence.evaluate.replay import events_of
from ringfence.evidence import Context
from ringfence.rings import Ring, find_rings, load_holdings
from ringfence.settings import Settings, load_settings
from ringfence.simulate.extractors import STRATEGIES
from ringfence.verdicts import judge

DAYS: Final = 10

HUMAN: Final[dict[str, Any]] = {"clock": "human", "played": "human", "days": DAYS}

RINGS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "40 × 300, most used first": ("shares", {"accounts": 40, "least": 300, "most": 300}),
    "40 × 100": ("shares", {"accounts": 40, "least": 100, "most": 100}),
    "40 × 50": ("shares", {"accounts": 40, "least": 50, "most": 50}),
    "200 × 100": ("shares", {"accounts": 200, "least": 100, "most": 100}),
    "1,000 × 50": ("shares", {"accounts": 1000, "least": 50, "most": 50}),
    "40 × 20 to 300": ("shares", {"accounts": 40, "least": 20, "most": 300}),
    "40 × 250, 40 % replays": ("replaying", {"accounts": 40, "a_day": 42, "repeats": 0.4}),
    "200 × 100, 30 % bought": ("colliding", {"accounts": 200, "a_day": 10, "bought": 0.3}),
    "40 × 300, by artist": ("by_group", {"accounts": 40, "a_day": 30}),
    "200 × 100, at random": ("tail", {"accounts": 200, "a_day": 10}),
}
"""What is planted: a strategy of the simulator and its parameters."""

PEOPLE: Final = tuple(name for name in RINGS if "1,000" not in name and "200" not in name)
"""Those that are planted among 884 person-months."""


@dataclass(frozen=True)
class Searched:
    """What one search came to.

    Attributes:
        rings: found.
        names: account names by key.
        seconds: of loading and searching.
    """

    rings: tuple[Ring, ...]
    names: dict[int, str]
    seconds: float


def searched(context: Context) -> Searched:
    """Judge a population and look for rings in it, as a scan does."""
    judged = judge(context, lambda _: None)
    begin = time.perf_counter()
    rings = find_rings(load_holdings(context.engine), judged.oddest_first())
    seconds = time.perf_counter() - begin
    keys = judged.accounts["account_key"].tolist()
    return Searched(rings, dict(zip(keys, judged.accounts["account"], strict=True)), seconds)


def rows(population: Population, where: str, planted: tuple[str, ...]) -> Iterator[list[str]]:
    """Search a population without a ring, then with each, and lay out what was found."""
    end = population.start + population.days * 86_400
    select = f"SELECT * FROM {population.relation}"
    with tempfile.TemporaryDirectory() as scratch, Folding(select, population.settings) as readers:
        readers.advance(end)
        with looked_at(readers) as context:
            yield row(where, "none", frozenset(), searched(context))
        for name in planted:
            strategy, parameters = RINGS[name]
            attack = plant(
                population,
                "ring",
                STRATEGIES[strategy](**{**HUMAN, **parameters}),
                seed=0,
                first_day=max(population.days - DAYS, 0),
                days=DAYS,
                scratch=Path(scratch),
            )
            with Folding(events_of(population, attack), population.settings) as ring:
                ring.advance(end)
                with looked_at(readers, ring) as context:
                    yield row(where, name, frozenset(attack.names), searched(context))


def row(where: str, ring: str, members: frozenset[str], result: Searched) -> list[str]:
    """Lay out one search; of several rings, members count together and numbers are the first's."""
    named = [{result.names[int(key)] for key in one.keys} for one in result.rings]
    found = set().union(*named)
    first = result.rings[0] if result.rings else None
    return [
        where,
        ring,
        f"{len(result.rings)}",
        f"{len(found & members):,} / {len(members):,}",
        f"{len(found - members):,}",
        f"{first.observed:,.0f} / {first.expected:,.0f}" if first else "–",
        f"{first.log_p / np.log(10):,.0f}" if first else "–",
        f"{result.seconds:.0f}",
    ]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the table into")
    options = parser.parse_args()
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if LISTENERS.exists():
            (scratch / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
            settings = load_settings(scratch / "listeners.toml")
            people = open_population(str(LISTENERS), settings, scratch)
            lines += rows(people, "48 people", ())
            months = open_population(str(LISTENERS), settings, scratch, account_months=True)
            lines += rows(months, "884 person-months", PEOPLE)
        crowd = open_population("incident", Settings(), scratch)
        lines += rows(crowd, "20,000 simulated", tuple(RINGS))
    header = ["among", "ring (accounts × items)", "rings found", "members", "readers in them"]
    numbers = ["in common / expected", "log10 p", "search, s"]
    publish("rings", table([*header, *numbers], lines), options.write)


if __name__ == "__main__":
    main()

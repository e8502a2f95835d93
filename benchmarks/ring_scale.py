"""Search for rings among a million simulated users, with and without planted rings.

    python -m benchmarks.ring_scale [--accounts 1_000_000] [--ring TEXT] [--write FILE]

Simulates three days of users with about 200 events each. They include all special kinds (families,
followers of lists, collectors, shops and others), campus and mobile networks, devices and means of
payment. The search is that of a scan, links included. It runs on the users alone, with each planted
ring, and on the users in markets with disjoint catalogues. Peak memory is that of the process.
``--ring``, which may be repeated, selects rows whose names contain the text; the users alone are
the row "none".
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from benchmarks.ring_nobody import MARKETS, in_markets
from benchmarks.ring_plans import RingPlan, RingSearch, bought, by_artist, search_rings, shares

from ringfence.lab.evaluate import Population, open_population
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.replay import attack_events
from ringfence.settings import Settings

DAYS: Final = 3
"""Days of the simulation; the median user has 67 plays per day."""

SCENARIO: Final = """
description = "Users of three days, with many special kinds."
seed = 4
days = {days}
columns = ["group", "ip", "device", "payment"]
[catalogue]
items = 10_000_000
[users]
accounts = {accounts}
[users.kinds]
collector = 0.02
shop = 0.01
family = 0.05
newcomer = 0.05
binger = 0.03
shuffler = 0.02
follower = 0.08
granted = 0
crawler = 0
"""
"""The shares of the scenario ``city``."""

MEMORY: Final = "4GB"
"""The database's part of the target of 8 GB."""

PLANS: Final = (
    shares(40, 300, DAYS),
    shares(200, 100, DAYS),
    shares(1000, 50, DAYS),
    shares(1000, 300, DAYS),
    by_artist(DAYS),
    bought(0.3, DAYS),
)

HEADER: Final = [
    *("ring (accounts × items)", "rings found", "members", "users in them", "folding, s"),
    *("evidence and search, s", "of it search, s", "peak GB"),
]

ALONE: Final = "none"
APART: Final = f"none, in {MARKETS} disjoint markets"
"""Names of rows without a ring."""


class Clock:
    """A clock that counts seconds since the last reading."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def read(self) -> str:
        """Return the seconds since the last reading."""
        now = time.perf_counter()
        past, self._last = now - self._last, now
        return f"{past:,.0f}"


def rows(population: Population, named: Sequence[str], folder: Path) -> Iterator[list[str]]:
    """Yield a row for users alone, with each ring, and in markets.

    Args:
        population: the users.
        named: texts; a row needs one of them in its name. Without any, all rows are measured.
        folder: an existing folder for planted events.
    """

    def wanted(name: str) -> bool:
        return not named or any(one in name for one in named)

    plans = [plan for plan in PLANS if wanted(plan.name)]
    if plans or wanted(ALONE):
        yield from among(population, plans, folder, alone=wanted(ALONE))
    if wanted(APART):
        clock, apart = Clock(), in_markets(population)
        with GrowingLedger(f"SELECT * FROM {apart.relation}", apart.settings) as users:
            users.advance(_end(population))
            yield _alone(APART, users, clock)


def among(
    population: Population, plans: Sequence[RingPlan], folder: Path, *, alone: bool
) -> Iterator[list[str]]:
    """Fold the users once, and search them alone if wanted and with each ring."""
    clock, end = Clock(), _end(population)
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as users:
        users.advance(end)
        if alone:
            yield _alone(ALONE, users, clock)
        for plan in plans:
            clock.read()
            planted = plan.plant(population, folder)
            with GrowingLedger(attack_events(population, planted), population.settings) as attack:
                attack.advance(end)
                with joint_context(users, attack) as context:
                    found = search_rings(context, population.settings)
            yield row(plan.name, frozenset(planted.names), found, "", clock.read())


def _alone(name: str, users: GrowingLedger, clock: Clock) -> list[str]:
    folded = clock.read()
    with joint_context(users) as context:
        found = search_rings(context, users.ledger.settings)
    return row(name, frozenset(), found, folded, clock.read())


def _end(population: Population) -> int:
    return population.start + population.days * 86_400


def row(
    name: str, names: frozenset[str], found: RingSearch, folded: str, searched: str
) -> list[str]:
    """Return the row of one search."""
    inside = frozenset().union(*found.members)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return [
        name,
        f"{len(found.rings)}",
        f"{len(inside & names):,} / {len(names):,}",
        f"{len(inside - names):,}",
        folded or "–",
        searched,
        f"{found.seconds:,.0f}",
        f"{peak:.1f}",
    ]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000, help="users")
    parser.add_argument("--ring", action="append", default=[], help="only rows whose names have it")
    parser.add_argument("--write", type=Path, help="page to put the table into")
    options = parser.parse_args()
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = {"memory_limit": MEMORY, "temp_directory": str(folder)}
        settings = Settings.model_validate({"engine": engine})
        scenario = folder / "users.toml"
        text = SCENARIO.format(accounts=options.accounts, days=DAYS)
        scenario.write_text(text, encoding="utf-8")
        population = open_population(str(scenario), settings, folder)
        note = f"{population.accounts:,} users, {population.events:,} events in {DAYS} days."
        for line in rows(population, options.ring, folder):
            lines.append(line)
            # After every row, because a run takes an hour and may be interrupted.
            publish("ring_scale", f"{note}\n\n{table(HEADER, lines)}", options.write)


if __name__ == "__main__":
    main()

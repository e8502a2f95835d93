"""Measure the cost of the search for rings, and its growth with the number of accounts.

    python -m benchmarks.ring_speed [--accounts 20_000 60_000 200_000] [--write docs/benchmarks.md]

Simulates two days of users with about 100 holdings each, and plants a ring of 200 accounts with 100
items each. It times the search alone: loading the holdings, all four levels, and lockstep. No item
is left out, although a scan samples items above ten million holdings. Each size is a process of its
own. Its peak memory includes the database; the table also shows the memory before the search.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from benchmarks.ring_plans import shares
from benchmarks.ring_scale import SCENARIO

from ringfence.evidence import Context
from ringfence.lab.evaluate import open_population
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.replay import attack_events
from ringfence.rings import find_collision_rings, find_lockstep, load_holdings
from ringfence.settings import Settings
from ringfence.verdicts import judge

SIZES: Final = (20_000, 60_000, 200_000)
DAYS: Final = 2
ALL: Final = 1_000_000_000
"""More holdings than exist, so that nothing is sampled."""

Row = dict[str, float]


def search(context: Context) -> Row:
    """Time one search."""
    order = judge(context, lambda _: None).most_suspicious_first()
    before, begin = _peak(), time.perf_counter()
    holdings = load_holdings(context.engine, order, ALL)
    loaded = time.perf_counter()
    rings = find_collision_rings(holdings, order)
    found = time.perf_counter()
    find_lockstep(context.engine)
    return {
        "accounts": holdings.accounts.size,
        "holdings": holdings.matrix.nnz,
        "loading": loaded - begin,
        "searching": found - loaded,
        "lockstep": time.perf_counter() - found,
        "before": before,
        "peak": _peak(),
        "members": sum(ring.keys.size for ring in rings),
    }


def measure(accounts: int) -> Row:
    """Simulate users, plant a ring, and time a search."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "users.toml").write_text(
            SCENARIO.format(accounts=accounts, days=DAYS), encoding="utf-8"
        )
        engine = {"memory_limit": "2GB", "temp_directory": name}
        settings = Settings.model_validate({"engine": engine})
        population = open_population(str(folder / "users.toml"), settings, folder)
        ring = shares(200, 100, DAYS).plant(population, folder)
        end = population.start + population.days * 86_400
        with (
            GrowingLedger(f"SELECT * FROM {population.relation}", settings) as users,
            GrowingLedger(attack_events(population, ring), settings) as attack,
        ):
            users.advance(end)
            attack.advance(end)
            with joint_context(users, attack) as context:
                return search(context)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _alone(accounts: int) -> Row:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ring_speed", "--one", str(accounts)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    row: Row = json.loads(done.stdout)
    return row


def _line(row: Row) -> list[str]:
    seconds = row["loading"] + row["searching"] + row["lockstep"]
    return [
        f"{row['accounts']:,.0f}",
        f"{row['holdings'] / 1e6:,.1f}",
        *(f"{row[part]:,.0f}" for part in ("loading", "searching", "lockstep")),
        f"{seconds:,.0f}",
        f"{1e6 * seconds / row['holdings']:.1f}",
        f"{row['before']:.1f}",
        f"{row['peak']:.1f}",
        f"{row['members']:,.0f} / 200",
    ]


def main() -> None:
    """Measure every size and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=SIZES, help="sizes to measure")
    parser.add_argument("--one", type=int, help="measure one size and print it as JSON")
    parser.add_argument("--write", type=Path, help="page to put the table into")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one)))
        return
    header = ["accounts", "million holdings", "loading, s", "four levels, s", "lockstep, s"]
    numbers = ["all, s", "s per million holdings", "GB before", "peak GB", "members found"]
    rows = table([*header, *numbers], [_line(_alone(size)) for size in options.accounts])
    targets = "Targets: 200,000 accounts with 20 million holdings in under 120 s and 8 GB."
    publish("ring_speed", f"{rows}\n\n{targets}", options.write)


if __name__ == "__main__":
    main()

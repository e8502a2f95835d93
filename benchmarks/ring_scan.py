"""Measure a whole scan of a million accounts with three rings, from Parquet to the report.

    python -m benchmarks.ring_scan [--accounts 1_080_000] [--days 2] [--write docs/benchmarks.md]

Simulates the users of ``benchmarks.ring_scale`` (all special kinds, networks, devices and means
of payment) with rings of 40 × 300, 200 × 100 and 1,000 × 50 items: 187 million events. Then
``ringfence scan`` reads these files with default settings and more memory. The simulation is not
timed. The measured time excludes two costs. Files are divided by account, so nothing is merged. The
period is too short for the lockstep test, so it does not run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.measure import Cost, ringfence_command, run
from benchmarks.page import publish, table
from benchmarks.ring_scale import SCENARIO

RINGS: Final = ((40, 300), (200, 100), (1_000, 50))
"""Accounts of each ring, and items per account."""

CONFIG: Final = '[engine]\nmemory_limit = "5GB"\n'
"""With 2 GB, the default, groups by account and artist are spilled to disk. The search for rings
needs about 3 GB more."""

ATTACK: Final = """
[[attack]]
name = "small-shares-200"
[attack.parameters]
accounts = {accounts}
least = {each}
most = {each}
days = {days}
"""

HEADER: Final = (
    *("accounts", "events", "wall s", "CPU s", "peak GB of the largest process"),
    *("rings found", "members of 40 × 300", "of 200 × 100", "of 1,000 × 50", "users in any"),
)

TARGETS: Final = "Target: 200 million events in under 600 s."


def main() -> None:
    """Simulate, scan, compare with the truth, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_080_000, help="users")
    parser.add_argument("--days", type=int, default=2, help="days of the simulation")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario, events = simulate(folder, options.accounts, options.days)
        cost, rings = scan(folder, scenario)
        line = row(scenario, events, cost, rings)
    publish("ring_scan", f"{table(HEADER, [line])}\n\n{TARGETS}", options.write)


def simulate(folder: Path, accounts: int, days: int) -> tuple[Path, int]:
    """Write the scenario and its events; return their folder and the number of events."""
    scenario, out, log = folder / "million.toml", folder / "scenario", folder / "simulate.txt"
    attacks = [ATTACK.format(accounts=many, each=each, days=days) for many, each in RINGS]
    text = SCENARIO.format(accounts=accounts, days=days) + "".join(attacks)
    scenario.write_text(text, encoding="utf-8")
    run([_command(), "simulate", str(scenario), "--out", str(out), "--json"], log)
    return out, int(json.loads(log.read_text(encoding="utf-8"))["events"])


def scan(folder: Path, scenario: Path) -> tuple[Cost, list[set[str]]]:
    """Scan the events; return the cost, and the accounts of each ring found."""
    out = folder / "out"
    config = folder / "ringfence.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = [_command(), "scan", str(scenario / "events"), "--config", str(config)]
    command += ["--out", str(out), "--json"]
    cost = run(command, folder / "scan.txt")
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    findings = [json.loads(line) for line in lines]
    return cost, [set(one["accounts"]) for one in findings if one["kind"] == "ring"]


def row(scenario: Path, events: int, cost: Cost, rings: list[set[str]]) -> list[str]:
    """Return the row of one scan; planted rings are distinguished by their size."""
    with duckdb.connect() as connection:
        truth = connection.execute(
            "SELECT account, ring FROM read_parquet(?)", [str(scenario / "truth.parquet")]
        ).fetchall()
    planted: dict[str, set[str]] = {}
    for account, ring in truth:
        planted.setdefault(ring or "", set()).add(account)
    users = planted.pop("")
    found = set().union(*rings)
    by_size = {len(members): members for members in planted.values()}
    return [
        f"{len(truth):,}",
        f"{events:,}",
        f"{cost.wall:,.0f}",
        f"{cost.cpu:,.0f}",
        f"{cost.peak / 1e9:.1f}",
        f"{len(rings)}",
        *(f"{len(found & by_size[many]):,}" for many, _ in RINGS),
        f"{len(found & users):,}",
    ]


def _command() -> str:
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    return command


if __name__ == "__main__":
    main()

"""Measure what a scan at default settings finds in a log whose truth is known.

``python -m benchmarks.detection_log`` scans a simulated log of two million lines. For each kind of
user and each attack it counts the accounts that were found extracting by themselves, as members of
a ring, or not at all. Beside it stands what the one-line query accuses at a threshold of 262
distinct requests per day.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from benchmarks.inputs import access_log
from benchmarks.measure import ringfence_command, run
from benchmarks.one_line_query import flagged
from benchmarks.page import publish, table

from ringfence.lab.simulate import Truth

Finding = dict[str, Any]


@dataclass(frozen=True)
class ScanOutput:
    """The output of a scan.

    Attributes:
        findings: one record per finding.
        scored: names of the accounts that the scan scored.
    """

    findings: list[Finding]
    scored: frozenset[str]


def main() -> None:
    """Scan, compare with the truth, print the table, and write it where asked."""
    options = _options()
    log = access_log(options.lines)
    output = _scan(log.path)
    over = flagged(log.path)
    header = ("accounts", "number", "extracting", "in a ring", "suspect", "not found",
              "one-line query, > 262 per day")  # fmt: skip
    rows = [
        _row(name, accounts & output.scored, output.findings, over)
        for name, accounts in _groups(log.truth).items()
    ]
    note = f"{log.lines:,} lines; accounts without a usable access are left out."
    publish("detection_log", f"{table(header, rows)}\n\n{note}", options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000, help="lines of the log, about")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _scan(log: Path) -> ScanOutput:
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        run([command, "scan", str(log), "--out", str(out), "--json"], Path(folder) / "scan.txt")
        lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        scored = duckdb.execute(f"SELECT account FROM '{out / 'accounts.parquet'}'").fetchall()
    return ScanOutput([json.loads(line) for line in lines], frozenset(name for (name,) in scored))


def _groups(truth: Truth) -> dict[str, frozenset[str]]:
    """Return the accounts of each kind of user and of each attack, by its name."""
    kinds = {truth.kinds[account] for account in truth.users}
    attacks = set(truth.attacks.values())
    return {kind: truth.of_kind(kind) for kind in sorted(kinds)} | {
        attack: truth.of_attack(attack) for attack in sorted(attacks)
    }


def _row(
    name: str, accounts: frozenset[str], findings: list[Finding], over: set[str]
) -> tuple[str, ...]:
    alone = {f["id"]: f["verdict"] for f in findings if f["kind"] == "account"}
    verdicts = Counter(alone.get(account, "none") for account in accounts)
    rings = [accounts & set(f["accounts"]) for f in findings if f["kind"] == "ring"]
    in_rings = " + ".join(f"{len(ring):,}" for ring in rings if ring) or "0"
    missed = accounts - alone.keys() - {account for ring in rings for account in ring}
    return (
        name,
        f"{len(accounts):,}",
        f"{verdicts['extracting']:,}",
        in_rings,
        f"{verdicts['suspect']:,}",
        f"{len(missed):,}",
        f"{len(accounts & over):,}",
    )


if __name__ == "__main__":
    main()

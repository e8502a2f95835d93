"""What a scan at default settings finds in a log whose truth is known.

``python -m benchmarks.detection_log`` scans the simulated log of two million lines and says, for
every part that accounts play in it, how many were found extracting by themselves, as members of a
ring, or not at all; beside it, what the one-line query accuses, with a threshold of 262 distinct
tracks a day.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, get_args

from benchmarks.inputs import access_log
from benchmarks.measure import ringfence_command, run
from benchmarks.one_line_query import flagged
from benchmarks.page import publish, table

from ringfence.lab.simulate import Part, Truth

Finding = dict[str, Any]


def main() -> None:
    """Scan, compare with the truth, print the table, and write it where asked."""
    options = _options()
    log, truth = access_log(options.lines)
    findings = _findings(log)
    strangers = {name for one in findings for name in one["accounts"]} - truth.parts.keys()
    if strangers:
        raise SystemExit(f"found accounts that are not in the log: {sorted(strangers)[:5]}")
    over = flagged(log)
    header = ("part", "accounts", "extracting", "in a ring", "suspect", "not found")
    rows = [_row(part, truth, findings, over) for part in get_args(Part)]
    publish("detection_log", table((*header, "one-line query, > 262 a day"), rows), options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000, help="lines of the log")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _findings(log: Path) -> list[Finding]:
    """Scan the log and return what was found."""
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        run([command, "scan", str(log), "--out", str(out), "--json"], Path(folder) / "scan.txt")
        lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _row(part: Part, truth: Truth, findings: list[Finding], over: set[str]) -> tuple[str, ...]:
    accounts = truth.accounts(part)
    alone = {f["id"]: f["verdict"] for f in findings if f["kind"] == "account"}
    found = Counter(alone.get(account, "none") for account in accounts)
    rings = [accounts & set(f["accounts"]) for f in findings if f["kind"] == "ring"]
    in_rings = " + ".join(f"{len(ring):,}" for ring in rings if ring) or "0"
    missed = accounts - alone.keys() - {name for ring in rings for name in ring}
    return (
        part.replace("_", " "),
        f"{len(accounts):,}",
        f"{found['extracting']:,}",
        in_rings,
        f"{found['suspect']:,}",
        f"{len(missed):,}",
        f"{len(accounts & over):,}",
    )


if __name__ == "__main__":
    main()

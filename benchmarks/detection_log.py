"""What a scan at default settings finds in a log whose truth is known.

``python -m benchmarks.detection_log`` scans the simulated log of two million lines and says, for
every part that accounts play in it, how many were found extracting, suspect, or not at all; beside
it, what the one-line query accuses, with a threshold of 262 distinct tracks a day.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import get_args

from benchmarks.inputs import access_log
from benchmarks.measure import ringfence_command, run
from benchmarks.one_line_query import flagged
from benchmarks.page import publish, table

from ringfence.simulate import Part, Truth


def main() -> None:
    """Scan, compare with the truth, print the table, and write it where asked."""
    options = _options()
    log, truth = access_log(options.lines)
    verdicts = _verdicts(log)
    strangers = verdicts.keys() - truth.parts.keys()
    if strangers:
        raise SystemExit(f"found accounts that are not in the log: {sorted(strangers)[:5]}")
    over = flagged(log)
    header = (
        "part",
        "accounts",
        "extracting",
        "suspect",
        "not found",
        "one-line query, > 262 a day",
    )
    rows = [_row(part, truth, verdicts, over) for part in get_args(Part)]
    publish("detection_log", table(header, rows), options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000, help="lines of the log")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _verdicts(log: Path) -> dict[str, str]:
    """Scan the log and return the verdict on each account found."""
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        run([command, "scan", str(log), "--out", str(out), "--json"], Path(folder) / "scan.txt")
        lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    findings = map(json.loads, lines)
    return {account: found["verdict"] for found in findings for account in found["accounts"]}


def _row(part: Part, truth: Truth, verdicts: dict[str, str], over: set[str]) -> tuple[str, ...]:
    accounts = truth.accounts(part)
    found = Counter(verdicts.get(account, "none") for account in accounts)
    counts = (len(accounts), found["extracting"], found["suspect"], found["none"],
              len(accounts & over))  # fmt: skip
    return (part.replace("_", " "), *(f"{count:,}" for count in counts))


if __name__ == "__main__":
    main()

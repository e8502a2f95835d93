"""Inject faults into the program and its input, and count the losses.

    python -m benchmarks.faults [--small] [FAMILY...]

Families: kills, lines, texts, tables, bombs, disks, rejected, names. Without ``--small`` there are
510 kills, 1,000,000 mutated lines and rows, bombs of 8 GiB, 20 positions at which the disk is full,
and 400,000 rejected lines in logs of nine kinds. This takes more than an hour. The table has one
row per fault. Lines before it name each loss. If there is a loss, the exit
status is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.faults.bombs import bombs
from benchmarks.faults.disks import can_mount, full_disks
from benchmarks.faults.kills import killed_scans
from benchmarks.faults.lines import mutated_lines
from benchmarks.faults.long_lines import long_lines
from benchmarks.faults.names import NAMES, hostile_names
from benchmarks.faults.outcome import HEADINGS, Outcome
from benchmarks.faults.rejected import KINDS, rejected_lines
from benchmarks.faults.tables import mutated_rows

FAMILIES: Final[Mapping[str, Callable[[Path, bool], list[Outcome]]]] = {
    "kills": lambda folder, small: killed_scans(folder, 3 if small else 510),
    "lines": lambda _, small: [mutated_lines(5_000 if small else 900_000)],
    "texts": lambda _, small: [long_lines(small=small)],
    "tables": lambda folder, small: [mutated_rows(folder, 2_000 if small else 100_000)],
    "bombs": lambda folder, small: [bombs(folder, (1 << 28) if small else (1 << 33))],
    "disks": lambda folder, small: [full_disks(folder, 2 if small else 20)] if can_mount() else [],
    "rejected": lambda folder, small: (
        rejected_lines(folder, 2_000, 40, KINDS[:2])
        if small
        else [
            *rejected_lines(folder, 200_000, 40, KINDS),
            *rejected_lines(folder, 1_000, 100_000, KINDS),
        ]
    ),
    "names": lambda folder, small: [hostile_names(folder, NAMES[:4] if small else NAMES)],
}
"""The families of faults: functions of a folder, and whether the run is small."""


def strike(family: str, *, small: bool) -> list[Outcome]:
    """Run one family of faults in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return FAMILIES[family](Path(folder), small)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("family", nargs="*", choices=[[], *FAMILIES], help="all by default")
    parser.add_argument("--small", action="store_true", help="few trials, for a quick check")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    for family in options.family or FAMILIES:
        outcomes += strike(family, small=options.small)
        for outcome in outcomes[-2:]:
            print(*outcome.wrong[:20], sep="\n", flush=True)
    print("| " + " | ".join(HEADINGS) + " |", "|---|" + "--:|" * (len(HEADINGS) - 1), sep="\n")
    for outcome in outcomes:
        print("| " + " | ".join(outcome.row()) + " |")
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())

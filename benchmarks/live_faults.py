"""Break the live service under load in several ways, and see what it says, and when it is back.

    python -m benchmarks.live_faults [--only full-disk idle] [--write docs/benchmarks.md]

The service is ``ringfence serve``, with clients that post, a log file that is followed, and a
gateway that asks. In each trial, all events that were acknowledged, and all lines, must be counted
once. Disks need the right to mount, the trial of the clock needs a C compiler, and the flood needs
``wrk``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.page import publish, table
from benchmarks.service_faults import client_faults, disk_faults, process_faults
from benchmarks.service_faults.trial import HEADER, TrialFunction

TRIALS: Final[Mapping[str, TrialFunction]] = {
    "full-disk": disk_faults.full,
    "read-only": disk_faults.read_only,
    "hung": process_faults.hung,
    "clock": process_faults.clock,
    "poison": client_faults.poison,
    "idle": client_faults.idle,
    "large": client_faults.large,
    "flood": client_faults.flood,
}


def main() -> None:
    """Make each fault once, and publish the table.

    Raises:
        SystemExit: an event was lost or counted twice.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=tuple(TRIALS), default=[*TRIALS])
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    rows, wrong = [], []
    for name in options.only:
        with TemporaryDirectory(ignore_cleanup_errors=True) as home:
            trial = TRIALS[name](Path(home))
        rows.append(trial.row)
        print(*trial.row, sep="\n  ", flush=True)
        if trial.count is None or trial.count.lost or trial.count.twice:
            wrong.append(name)
    loads = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    said = f"Load averages of the machine at the end: {loads} on {os.cpu_count()} cores."
    publish("live_faults", f"{table(HEADER, rows)}\n\n{said}", options.write)
    if wrong:
        raise SystemExit(f"events were lost or counted twice: {', '.join(wrong)}")


if __name__ == "__main__":
    main()

"""Measure what a report costs by its number of findings: ``python -m benchmarks.report_pages``.

The findings are those of a scan of the log that ``ringfence demo`` makes, with all their charts.
They are repeated under other names until there are enough. Each report is written in a new process,
which has loaded what a scan has loaded before it writes. CPU-seconds include loading what only
charts need. The code of an earlier commit (``--before COMMIT``) writes the same reports, each once.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.inputs import HERE
from benchmarks.page import publish, table

from ringfence import Settings, scan
from ringfence.cli.demo import make_demo_log
from ringfence.model.finding import Finding
from ringfence.report import Contents

BEFORE: Final = "0d4d021e"
"""The last commit whose charts were drawn with Vega."""

SIZES: Final = (10, 100, 1_000)
RUNS: Final = 3

_WRITER: Final = """
import json, pickle, sys, time
from pathlib import Path
import ringfence.verdicts
from ringfence.report import write_html
contents = pickle.loads(Path(sys.argv[1]).read_bytes())
begun = time.process_time()
write_html(contents, Path(sys.argv[2]))
print(json.dumps([time.process_time() - begun, Path(sys.argv[2]).stat().st_size]))
"""


@dataclass(frozen=True)
class ReportCost:
    """The cost of one report.

    Attributes:
        seconds: of processor time, the median of its runs.
        size: bytes.
    """

    seconds: float
    size: int


def contents_of_demo(folder: Path) -> Contents:
    """Scan the log of the demo, and return the contents of its report."""
    log = folder / "access.log"
    make_demo_log(log)
    result = scan(log, settings=Settings())
    items = np.sort(result.accounts.column("items"))
    ends = [2**power for power in range(20)]
    held = np.diff(np.searchsorted(items, [0, *ends], side="right"))
    return Contents(
        title="Report of the benchmark",
        version="0",
        generated=datetime.now(UTC),
        period=result.period,
        findings=result.findings,
        false_accusation_rate=0.01,
        counts={"accounts": len(result.accounts)},
        coverage_curve=result.catalogue.curve,
        population=tuple(zip(ends, map(int, held), strict=True)),
    )


def repeated(findings: tuple[Finding, ...], number: int) -> Iterator[Finding]:
    """Yield this many findings, each with an id of its own."""
    for place, one in enumerate(islice(cycle(findings), number)):
        yield replace(one, id=f"{one.id}-{place}")


def measure(contents: Contents, source: Path, folder: Path, runs: int) -> ReportCost:
    """Write a report as many times as ``runs`` says, with the code in the folder ``source``."""
    stored = folder / "contents.pickle"
    stored.write_bytes(pickle.dumps(contents))
    command = [sys.executable, "-c", _WRITER, str(stored), str(folder / "report.html")]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    measured = [
        json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
        for _ in range(runs)
    ]
    return ReportCost(statistics.median(seconds for seconds, _ in measured), measured[0][1])


def code_of(commit: str, folder: Path) -> Path:
    """Unpack the code of a commit, and return the folder to import it from."""
    archive = ["git", "archive", "--format=tar", commit, "src"]
    packed = subprocess.run(archive, cwd=HERE.parent, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder / "src"


def main() -> None:
    """Print the table, or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT")
    parser.add_argument("--write", type=Path, metavar="PAGE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        demo = contents_of_demo(folder)
        codes = {"before": code_of(options.before, folder), "now": HERE.parent / "src"}
        rows = [row(size, codes, folder, demo) for size in SIZES]
    header = ("findings", "pages", "CPU s before", "CPU s", "MB before", "MB")
    publish("report_pages", table(header, rows), options.write)


def row(size: int, codes: dict[str, Path], folder: Path, demo: Contents) -> list[str]:
    """Return the row of one number of findings."""
    contents = replace(demo, findings=tuple(repeated(demo.findings, size)))
    before = measure(contents, codes["before"], folder, 1)
    now = measure(contents, codes["now"], folder, RUNS)
    return [
        f"{size:,}",
        f"{min(size, 200):,}",
        f"{before.seconds:.2f}",
        f"{now.seconds:.2f}",
        f"{before.size / 1e6:.2f}",
        f"{now.size / 1e6:.2f}",
    ]


if __name__ == "__main__":
    main()

"""Assess a leak like the incident of December 2025, on a simulated catalogue of any size.

    python -m benchmarks.leak_assess [--items 2.56e6 ...] [--folder DIR] [--write FILE]

The inputs are those of ``benchmarks.leak_inputs``. The assessment is one run of the command. The
shares of items and of use come out of the dumps, not out of a constant.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.leak_inputs import MEMORY, leak_inputs
from benchmarks.measure import run
from benchmarks.page import publish, table


def measured(items: int, folder: Path) -> tuple[str, ...]:
    """Assess the dumps of a catalogue, and return one row of the table."""
    inputs = leak_inputs(items, folder)
    config = folder / "leak.toml"
    config.write_text(f'[engine]\nmemory_limit = "{MEMORY}"\ntemp_directory = "{folder}"\n')
    command = ["-m", "ringfence", "leak", "assess", str(inputs.files), str(inputs.metadata)]
    command += ["--catalogue", str(inputs.catalogue), "--config", str(config)]
    command += ["--json", "--out", str(folder / "out")]
    cost = run([sys.executable, *command], folder / "log")
    found = json.loads((folder / "out" / "leak.json").read_text(encoding="utf-8"))
    return (
        f"{items:,}", f"{inputs.size / 1e9:.1f}", f"{cost.wall:.0f}", f"{cost.cpu:.0f}",
        f"{cost.peak / 1e9:.1f}", f"{100 * found['files']['share']:.2f} %",
        f"{100 * found['files']['use']:.2f} %", f"{100 * found['metadata']['share']:.2f} %",
    )  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=float, nargs="+", default=[2.56e6])
    parser.add_argument(
        "--folder", type=Path, help="where inputs are made and kept; 32 GB for 256e6 items"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        rows = [measured(round(items), folder) for items in options.items]
    header = (
        "items", "GB of input", "wall s", "CPU s", "peak GB", "items with files", "their use",
        "items with metadata",
    )  # fmt: skip
    publish("leak_assess", table(header, rows), options.write)


if __name__ == "__main__":
    main()

"""Measure how long ``import ringfence`` and ``ringfence --help`` take.

    python benchmarks/import_time.py [--runs 9]

Each command runs in a new process. The table shows the median and the fastest of all runs, and the
fastest start of an empty Python program for comparison.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from typing import Final

COMMANDS: Final = {
    "empty program": ("-c", "pass"),
    "import ringfence": ("-c", "import ringfence"),
    "ringfence --help": ("-m", "ringfence", "--help"),
    "ringfence scan --help": ("-m", "ringfence", "scan", "--help"),
    "ringfence.scan": ("-c", "import ringfence; ringfence.scan"),
}
"""Arguments for Python, by the name in the table."""


def seconds(arguments: tuple[str, ...]) -> float:
    """Run Python once and return the wall-clock time."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    print("| command | median, s | fastest, s |\n| --- | ---: | ---: |")
    for name, arguments in COMMANDS.items():
        seconds(arguments)  # fills the cache of compiled modules
        times = [seconds(arguments) for _ in range(runs)]
        print(f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} |")


if __name__ == "__main__":
    main()

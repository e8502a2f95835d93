"""Kill the live service at random moments under load, and count the events that are found.

    python -m benchmarks.live_kills [--kills 200]

Two parts are killed: the writer of the append log, and the whole process that takes events while
four clients post to it. Every event that was acknowledged must be stored exactly once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.service.event_log import test_killed_writer
from tests.service.ingest import test_process

PARTS: Final[Mapping[str, Callable[[Path, int], None]]] = {
    "the writer of the append log": test_killed_writer.check_kills,
    "the process that takes events": test_process.check_kills,
}
"""Each raises an error if an acknowledged event is lost or stored twice."""


def main() -> None:
    """Kill each part, and print a line about it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    kills = parser.parse_args().kills
    for name, check in PARTS.items():
        begin = time.perf_counter()
        with TemporaryDirectory() as folder:
            check(Path(folder), kills)
        seconds = time.perf_counter() - begin
        print(f"{name}: {kills} kills, nothing lost and nothing twice, {seconds:.0f} s")


if __name__ == "__main__":
    main()

"""Kill the live service at random moments under load, and count the events that are found.

    python -m benchmarks.live_kills [--kills 200] [--only NAME] [--write docs/benchmarks.md]

The parts are the writer of the append log, the process that takes events while four clients post
to it, and the whole service under load. In the last one, a random process of the service is killed,
or all of them: clients post, a log file is followed and rotated, and a gateway asks. Every event
that was acknowledged must be counted once.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.page import publish, table
from benchmarks.service_faults.clients import Load
from benchmarks.service_faults.counting import count, wait_for_folds
from benchmarks.service_faults.running import (
    FORK_SERVER,
    SUPERVISOR,
    RunningService,
    running,
    wait_until,
    working,
)
from tests.service.event_log import test_killed_writer
from tests.service.ingest import test_process

PARTS: Final[Mapping[str, Callable[[Path, int], None]]] = {
    "the writer of the append log": test_killed_writer.check_kills,
    "the process that takes events": test_process.check_kills,
}
"""Each raises an error if an acknowledged event is lost or stored twice."""

WHOLE: Final = "the whole service"
EVERYTHING: Final = "all at once"
VICTIMS: Final = (
    *(
        "judge",
        "ingest",
        "authorize",
        "tailer",
        "scan",
        "screening",
        FORK_SERVER,
        SUPERVISOR,
        EVERYTHING,
    ),
)
"""A process that does not run at that moment is not killed; another one is chosen."""

TARGET_SECONDS: Final = 5.0
_PATIENCE: Final = 90.0

HEADER: Final = (*("killed", "kills", "back after s (median)", "s (most)", "longer than 5 s"),)


def kill(service: RunningService, dice: random.Random) -> str:
    """Kill a random process of the service, or all; return its name."""
    now = service.processes()
    while True:
        name = dice.choice(VICTIMS)
        if name in now or name == EVERYTHING:
            break
    for one in now.values() if name == EVERYTHING else [now[name]]:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    if name in {SUPERVISOR, EVERYTHING}:
        service.wait()
        service.start()
    return name


def whole_service(root: Path, kills: int, seed: int) -> str:
    """Kill the whole service again and again, and return the table and the count.

    Raises:
        SystemExit: an event was lost or counted twice, or the service does not come back.
    """
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    service = RunningService(root, "scan_every = 10\n")
    times: dict[str, list[float]] = {}
    with running(service):
        load = Load(service)
        try:
            for number in range(kills):
                time.sleep(dice.uniform(0.0, 3.0))
                name = kill(service, dice)
                spent = wait_until(lambda: working(service), _PATIENCE, service)
                times.setdefault(name, []).append(spent)
                print(f"{number + 1}: {name}, back after {spent:.1f} s", flush=True)
            sent = load.finish()
        finally:
            load.leave()
        wait_for_folds(service)
        accounts = service.status("authorize")
        if service.stop():
            raise SystemExit("the service did not stop gracefully")
    found = count(service, sent)
    if found.lost or found.twice or found.aside:
        raise SystemExit(f"lost or counted twice: {found}")
    rows = [_row(name, times[name]) for name in VICTIMS if name in times]
    rows.append(_row("together", [one for some in times.values() for one in some]))
    asked = load.gateway.statuses
    others = asked.total() - asked[200] - asked[0]
    return (
        f"{table(HEADER, rows)}\n\n{found.sent:,} events were acknowledged or written to the log "
        f"file. Lost: {found.lost}. Counted twice: {found.twice}. The gateway asked "
        f"{asked.total():,} times. It got no answer {asked[0]:,} times, and another answer than "
        f"200 {others:,} times. Its longest time without one was {load.gateway.longest:.1f} s. "
        f"{accounts['pairs']:,} pairs were charged to budgets."
    )


def _row(name: str, times: Sequence[float]) -> tuple[str, ...]:
    middle = sorted(times)[len(times) // 2]
    late = sum(one > TARGET_SECONDS for one in times)
    return name, f"{len(times)}", f"{middle:.1f}", f"{max(times):.1f}", f"{late}"


def main() -> None:
    """Kill each part, and print a line about it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--only", default="", help="parts whose name contains this text")
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    said = []
    for name, check in PARTS.items():
        if options.only not in name:
            continue
        begin = time.perf_counter()
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            check(Path(folder), options.kills)
        seconds = time.perf_counter() - begin
        said.append(
            f"- {name}: {options.kills} kills, nothing lost and nothing twice, {seconds:.0f} s"
        )
        print(said[-1])
    text = "\n".join(said)
    if options.only in WHOLE:
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            whole = whole_service(Path(folder), options.kills, options.seed)
        text = f"{text}\n\n{whole}".strip()
    publish("live_kills", text, options.write)


if __name__ == "__main__":
    main()

"""Processes that hang, and clocks that jump."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path
from typing import Final

from benchmarks.service_faults.running import RunningService, wait_until
from benchmarks.service_faults.trial import Trial, faulty, restarts
from benchmarks.service_faults.wording import answers_in_words

from ringfence.cases import open_store
from ringfence.cases.listing import list_cases
from ringfence.stats.seconds import DAY

_HUNG_PATIENCE: Final = 120.0
_SOURCE: Final = Path(__file__).with_name("shifted_clock.c")
_JUMPS: Final = (DAY, -2 * DAY, 400 * DAY, -3_000 * DAY, 0)
"""Seconds by which the clock differs from the right one, one after the other."""

_EACH: Final = 10.0


def hung(home: Path) -> Trial:
    """Stop all processes but the supervisor, as SIGSTOP does."""
    trial = Trial("processes that hang")
    service = RunningService(home)
    with faulty(trial, service):
        names = ("judge", "tailer", "authorize", "ingest")
        before = restarts(service)
        stopped = {name: service.processes()[name] for name in names}
        for one in stopped.values():
            os.kill(one, signal.SIGSTOP)
        spent = wait_until(
            lambda: restarts(service) >= before + len(stopped), _HUNG_PATIENCE, service
        )
        lines = service.said.count("gave no sign of life")
        trial.seen.append(f"{lines} lines about it; all were started again after {spent:.0f} s")
    return trial


def clock(home: Path) -> Trial:
    """Set the clock of all processes forward and back, by days and by years.

    Raises:
        SystemExit: there is no C compiler.
    """
    trial = Trial("clock jumps")
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("the trial of the clock needs a C compiler")
    library, shift = home / "shifted_clock.so", home / "shift"
    options = ["-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"]
    subprocess.run([compiler, *options], check=True)
    shift.write_bytes(struct.pack("d", 0))
    environment = {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(shift)}
    service = RunningService(home, "scan_every = 5\nkeep_days = 30\n", environment)
    with faulty(trial, service) as load:
        for jump in _JUMPS:
            with shift.open("r+b") as file:
                file.write(struct.pack("d", jump))
            time.sleep(_EACH)
            days = f"{jump / DAY:+,.0f} days" if jump else "right again"
            error = str(service.status("judge").get("error", ""))
            trial.seen.append(f"{days}: {error or 'no error'}")
        others = {one: count for one, count in load.gateway.statuses.items() if one != 200}
        trial.seen.append(f"answers to the gateway beside 200: {answers_in_words(others)}")
    with open_store(str(service.folder.cases)) as store, store.reading() as connection:
        trial.seen.append(f"cases: {len(list_cases(connection))}")
    return trial

"""Measure what it costs to follow a log, and to fold its lines.

    python -m benchmarks.live_tail --write docs/benchmarks.md

A log in the combined layout is there when the service starts. The tailer stores its lines, and the
judge folds them. The table has CPU seconds, because the machine may be shared.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table

from ringfence.ledger import open_writable
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.options import record_settings
from ringfence.service.tailer import run_tailer
from ringfence.settings import Settings

_ACCOUNTS: Final = 20_000
_ITEMS: Final = 1_000_000
_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def write_log(path: Path, lines: int) -> None:
    """Write an access log."""
    with path.open("w") as file:
        for number in range(lines):
            second = number * 80_000 // lines
            clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            account = number * 7919 % _ACCOUNTS
            file.write(
                f"203.0.{account // 250}.{account % 250} - user{account} [10/Nov/2026:{clock} "
                f'+0000] "GET /tracks/{number * 104_729 % _ITEMS} HTTP/1.1" 200 51234 '
                f'"https://music.example/" "{_AGENT}"\n'
            )


def settings_for(log: Path) -> Settings:
    """Return settings that follow one log."""
    service = {"files": [{"path": str(log)}], "lag_mb": 100_000}
    return Settings.model_validate({"service": service, "engine": {"threads": 1}})


def tail(root: Path, log: Path) -> None:
    """Follow the log in this process until SIGTERM."""
    run_tailer(ServiceFolder(root), settings_for(log))


def tailing_seconds(folder: ServiceFolder, log: Path, lines: int) -> tuple[float, float]:
    """Return the CPU and wall-clock seconds of a process that stores all lines of the log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    running = multiprocessing.get_context("spawn").Process(target=tail, args=(folder.root, log))
    running.start()
    while (read_status(folder, "tailer") or {}).get("lines", 0) < lines:
        time.sleep(0.1)
    wall = time.monotonic() - began
    running.terminate()
    running.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall


def folding_seconds(folder: ServiceFolder, log: Path) -> tuple[float, float, int]:
    """Return the CPU and wall-clock seconds of folding what was stored, and the events."""
    ledger = open_writable(folder.ledger, record_settings(settings_for(log)))
    used, began, events = time.process_time(), time.monotonic(), 0
    with ledger.engine:
        while outcome := SegmentFolder(folder, ledger, print).fold_waiting():
            events += outcome.events
    return time.process_time() - used, time.monotonic() - began, events


def main(lines: int, page: Path | None) -> None:
    """Measure once, and print the table."""
    with tempfile.TemporaryDirectory() as place:
        log, folder = Path(place, "access.log"), ServiceFolder(Path(place, "live"))
        folder.create()
        write_log(log, lines)
        size = log.stat().st_size
        tailed, wall = tailing_seconds(folder, log, lines)
        folded, fold_wall, events = folding_seconds(folder, log)
    rows = [
        ("tailer, with its start", f"{tailed:.1f}", f"{wall:.1f}", f"{lines / tailed:,.0f}"),
        ("judge, folding", f"{folded:.1f}", f"{fold_wall:.1f}", f"{lines / folded:,.0f}"),
    ]
    shown = table(("step", "CPU seconds", "seconds", "lines per CPU second"), rows)
    said = f"{lines:,} lines of {size / 1e6:,.0f} MB, which gave {events:,} events."
    publish("live_tail", f"{shown}\n\n{said}", page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    main(chosen.lines, chosen.write)

"""Start the command in a process that has loaded its libraries, so that kills hit the scan."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from benchmarks.faults.runs import Run

_SERVER: Final = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    ["ringfence.cli.main", "ringfence.cli.scan", "ringfence.pipeline.scan", "ringfence.report.page"]
)


def begin(arguments: Sequence[str | Path], folder: Path) -> ForkServerProcess:
    """Start the command; its scratch files go into a folder ``tmp`` beside its outputs."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    process = _SERVER.Process(target=_command, args=(list(map(str, arguments)), folder))
    process.start()
    return process


def end(process: ForkServerProcess, folder: Path) -> Run:
    """Wait for the command."""
    process.join()
    used = folder / "used"
    peak, cpu = used.read_text(encoding="ascii").split() if used.exists() else ("0", "0")
    return Run(
        process.exitcode or 0,
        (folder / "stderr").read_text(encoding="utf-8", errors="replace"),
        int(peak),
        float(cpu),
    )


def end_after(process: ForkServerProcess, seconds: float) -> bool:
    """Kill the command after some time; return whether it was still running."""
    process.join(seconds)
    if process.exitcode is not None:
        return False
    process.kill()
    process.join()
    return True


def _command(arguments: list[str], folder: Path) -> None:
    from ringfence.cli.main import main  # noqa: PLC0415 - the fork server has loaded it

    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder / "tmp")
    tempfile.tempdir = None
    with Path("stderr").open("wb") as errors, Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(errors.fileno(), 2)
    sys.argv = ["ringfence", *arguments]
    try:
        main()
    finally:
        kilo = 1 if sys.platform == "darwin" else 1024
        used = resource.getrusage(resource.RUSAGE_SELF)
        Path("used").write_text(
            f"{used.ru_maxrss * kilo} {used.ru_utime + used.ru_stime}", encoding="ascii"
        )

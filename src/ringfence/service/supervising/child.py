"""The beginning of each process of the service: it ends when its supervisor does.

The supervisor alone has the other end of a pipe, and writes nothing into it. When the supervisor
ends, however that happens, a thread reads the end of the pipe, and the process stops as at SIGTERM.
If that takes too long, it is killed with everything that it has started.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import beat
from ringfence.service.serving import ServiceLog, type_and_place
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.service.telemetry import telemetry_of
from ringfence.settings import load_settings

STOP_SECONDS: Final = 10.0
"""Seconds within which a process stops after SIGTERM. Then it is killed."""

_TOLD: Final = frozenset({"ingest", "judge"})
"""Processes whose work is reported. The one that answers gateways has no time for it."""

REFUSED: Final = 2
"""Exit status of a process that cannot work with its settings."""


def run_child(name: str, entry: str, root: str, config: str, handles: str) -> int:
    """Run one process of the service until it is asked to stop, and return its exit status.

    Args:
        name: of the process.
        entry: module and function, see :class:`ServiceProcess`.
        root: folder of the service.
        config: settings file; empty for none.
        handles: numbers of the pipe, of the lock file, and of the pipe for signs of life, joined by
            commas.
    """
    pipe, lock, heart = (int(one) for one in handles.split(","))
    for handle in (pipe, lock):
        # The commands that this process starts have neither.
        os.set_inheritable(handle, False)
    beat(heart)
    threading.Thread(target=_outlive_nobody, args=(pipe,), name="supervisor", daemon=True).start()
    log = ServiceLog(name, "text")
    try:
        settings = load_settings(config or None)
        log = ServiceLog(name, settings.service.log_format)
        log.listen()
        run = ServiceProcess(name, entry).load()
        with telemetry_of(name, log) if name in _TOLD else nullcontext():
            run(ServiceFolder(Path(root)), settings, log)
    except RingfenceError as error:
        log(str(error), "error")
        return REFUSED
    except Exception as error:  # noqa: BLE001 - the last place that can say it in one line
        # Its text may contain any value.
        log(f"unexpected {type_and_place(error)}", "error")
        return 1
    return 0


def _outlive_nobody(pipe: int) -> None:
    with suppress(OSError):
        os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    # The process leads a group of its own.
    os.killpg(os.getpid(), signal.SIGKILL)

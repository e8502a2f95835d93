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
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.settings import load_settings

STOP_SECONDS: Final = 10.0
"""Seconds within which a process stops after SIGTERM. Then it is killed."""

REFUSED: Final = 2
"""Exit status of a process that cannot work with its settings."""


def run_child(name: str, entry: str, root: str, config: str, handles: str) -> int:
    """Run one process of the service until it is asked to stop, and return its exit status.

    Args:
        name: of the process.
        entry: module and function, see :class:`ServiceProcess`.
        root: folder of the service.
        config: settings file; empty for none.
        handles: numbers of the pipe and of the lock file, joined by a comma.
    """
    pipe, lock = (int(one) for one in handles.split(","))
    for handle in (pipe, lock):
        # The commands that this process starts have neither.
        os.set_inheritable(handle, False)
    threading.Thread(target=_outlive_nobody, args=(pipe,), name="supervisor", daemon=True).start()
    try:
        run = ServiceProcess(name, entry).load()
        settings = load_settings(config or None)
        run(ServiceFolder(Path(root)), settings, partial(say, name))
    except RingfenceError as error:
        say(name, str(error))
        return REFUSED
    except Exception as error:  # noqa: BLE001 - the last place that can say it in one line
        say(name, f"unexpected {type(error).__name__}: {error}".partition("\n")[0])
        return 1
    return 0


def say(name: str, line: str) -> None:
    """Print a line about a process; without anybody who reads it, do nothing."""
    with suppress(OSError, ValueError):
        print(f"{name}: {line}", flush=True)  # noqa: T201 - for the operator


def _outlive_nobody(pipe: int) -> None:
    with suppress(OSError):
        os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    # The process leads a group of its own.
    os.killpg(os.getpid(), signal.SIGKILL)

"""Processes of a service for tests: each has the signature of a real one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import beat_in_loop
from ringfence.settings import Settings

Note = Callable[[str], None]


def idle(folder: ServiceFolder, _settings: Settings, note: Note) -> None:
    """Start a process of its own, say both numbers, and wait until it is stopped."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
        (folder.root / f"idle-{os.getpid()}").write_text(str(other.pid))
        note("is idle")
        try:
            _until_stopped()
        finally:
            other.kill()
    (folder.root / "graceful").write_text("yes")


def stubborn(_folder: ServiceFolder, _settings: Settings, note: Note) -> None:
    """Do not stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("is stubborn")
    time.sleep(600)


def blocked(_folder: ServiceFolder, _settings: Settings, note: Note) -> None:
    """Block an event loop for ever."""

    async def run() -> None:
        task = asyncio.create_task(beat_in_loop())
        await asyncio.sleep(0.1)
        note("is blocked")
        time.sleep(600)  # noqa: ASYNC251 - the fault
        await task

    asyncio.run(run())


def refuse(_folder: ServiceFolder, _settings: Settings, _note: Note) -> None:
    """Refuse a setting."""
    raise SettingsError("cannot be used", where="service.folder", hint="name another")


def crash(_folder: ServiceFolder, _settings: Settings, _note: Note) -> None:
    """End at once with an error that nobody expects."""
    raise ValueError("nobody knows why")


def _until_stopped() -> None:
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        time.sleep(0.05)

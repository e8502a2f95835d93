"""Run a service whose processes are those of the tests, as a process of its own."""

from __future__ import annotations

import errno
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising import ServiceProcess, Supervisor, forking

ENTRIES = "tests.service.supervising.entries"

START_PROGRAM = forking.start_program


def start_program(*words: Any, **options: Any) -> Any:  # noqa: ANN401 - as the other one
    """Start no program while there is a certain file, as if there were too many processes."""
    if Path(os.environ.get("NO_PROGRAMS", "none")).exists():
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return START_PROGRAM(*words, **options)


if __name__ == "__main__":
    forking.start_program = start_program
    root, *names = sys.argv[1:]
    modules = tuple(os.environ.get("MODULES", "").split())
    if os.environ.get("SYSTEM") == "macOS":
        del socket.SOCK_SEQPACKET
    processes = [
        ServiceProcess(
            f"{name}-{number}", f"tests.service.supervising.entries:{name}", None, modules
        )
        for number, name in enumerate(names)
    ]
    say = partial(print, flush=True)
    try:
        hung = float(os.environ.get("HUNG_SECONDS", "30"))
        service = Supervisor(ServiceFolder(Path(root)), processes, None, say, hung)
        service.run(lambda: say("ready"))
    except RingfenceError as error:
        say(error)
        sys.exit(2)

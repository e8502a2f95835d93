"""Run a service whose processes are those of the tests, as a process of its own."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising import ServiceProcess, Supervisor

if __name__ == "__main__":
    root, *names = sys.argv[1:]
    processes = [
        ServiceProcess(f"{name}-{number}", f"tests.service.supervising.entries:{name}")
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

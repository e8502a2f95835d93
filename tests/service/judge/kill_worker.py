"""Kill a fold before and after each of its steps, and let another process go on.

Prints one JSON line per kill: the step, and what became of the events in the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.service.judge.logs import add_segment, fed, fold, holdings, left, lines, service, take

from ringfence.ledger import Ledger
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import folding
from ringfence.service.judge.aside import lines_aside

SUBJECTS = (
    (folding, "write_plan"),
    (Ledger, "fold"),
    (folding, "feed_rows"),
    (folding, "write_feed"),
    (folding, "put_records_aside"),
    (Path, "unlink"),
)
"""The steps of a fold: objects, and the name of the function that does the step."""


def fill(folder: ServiceFolder) -> None:
    """Write three segments of two streams, one of which cannot be folded in one of them."""
    add_segment(folder, ("http", lines([take("ana", "a", 10), take("bo", "b", 20)])))
    add_segment(folder, ("http", lines([take("ana", "c", 200)])), ("tail", b"poison\n"))
    add_segment(folder, ("http", lines([take("ana", "a", 900)])))


def kill_at(step: int) -> None:
    """End this process before (even numbers) or after (odd numbers) a step."""
    done = [0]

    def watched(name: str, true: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on
            if done[0] == step:
                end(f"before {name}")
            done[0] += 1
            found = true(*arguments, **options)
            if done[0] == step:
                end(f"after {name}")
            done[0] += 1
            return found

        return run

    for owner, name in SUBJECTS:
        setattr(owner, name, watched(name, getattr(owner, name)))


def end(where: str) -> None:
    """Say where this process is, and kill it."""
    os.write(1, f"{where}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def child(work: Callable[[], None]) -> bool:
    """Run work in a child, and return whether it was killed."""
    process = os.fork()
    if not process:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    status = os.waitpid(process, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def outcome(folder: ServiceFolder) -> None:
    """Go on with the fold, let more events come, and print what became of all."""
    add_segment(folder, ("http", lines([take("cy", "d", 2000)])))
    fold(folder)
    rows = holdings(folder), fed(folder), left(folder), lines_aside(folder.aside)[1]
    os.write(1, (json.dumps(rows) + "\n").encode())


def main(root: Path) -> None:
    """Kill a fold at each step in turn, until one is not reached."""
    step, killed = 0, True
    while killed:
        folder = service(root / str(step))
        fill(folder)

        def die(folder: ServiceFolder = folder, step: int = step) -> None:
            kill_at(step)
            fold(folder)

        killed = child(die)
        child(lambda folder=folder: outcome(folder))  # type: ignore[misc] # bound now
        step += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))

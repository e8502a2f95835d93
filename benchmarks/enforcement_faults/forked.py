"""Run a function in a copy of this process, which may kill itself.

This process has no thread and no connection to a database, so a copy of it can go on.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Job = Callable[[], Any]
"""A function that returns a JSON value."""


@dataclass(frozen=True)
class Exit:
    """The end of a copy.

    Attributes:
        signal: the signal that has killed it; 0 if none has.
        value: what the function returned.
        error: the traceback, if it raised an error.
    """

    signal: int
    value: Any = None
    error: str = ""


@dataclass(frozen=True)
class Running:
    """A copy that runs.

    Attributes:
        process: its process id.
        answer: the end of the pipe to read its answer from.
    """

    process: int
    answer: int


def begin(job: Job) -> Running:
    """Start a copy of this process that runs a function."""
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        return Running(process, read)
    os.close(read)
    try:
        answer = {"value": job()}
    except BaseException:  # noqa: BLE001 - told to the first process
        answer = {"error": traceback.format_exc()}
    with os.fdopen(write, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0)


def end(running: Running) -> Exit:
    """Wait for the end of a copy."""
    with os.fdopen(running.answer) as pipe:
        text = pipe.read()
    status = os.waitpid(running.process, 0)[1]
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return Exit(killed, **(json.loads(text) if text and not killed else {}))


def run(job: Job) -> Any:  # noqa: ANN401 - any JSON value
    """Run a function in a copy of this process, and return its value.

    Raises:
        RuntimeError: it raised an error, or was killed.
    """
    ended = end(begin(job))
    if ended.signal or ended.error:
        raise RuntimeError(ended.error or f"killed by signal {ended.signal}")
    return ended.value

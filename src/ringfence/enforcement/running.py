"""Run a command of the operator: without a shell, with a time-out, in a stripped environment."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from ringfence.enforcement.sink import SinkError

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where a command without a folder is sought; the path of the caller may be anybody's."""


def run_command(command: Sequence[str], given: bytes, seconds: float, where: str) -> int:
    """Run a command to its end, and return its exit status.

    Its output is dropped, because nobody knows what is in it. At the time-out, it and the processes
    that it has started are killed.

    Args:
        command: the program and its arguments.
        given: its standard input.
        seconds: time-out.
        where: name of the sink, for errors.

    Raises:
        SinkError: it cannot be started, was killed, or takes longer than the time-out.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": _PATH, "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "its name is not valid"
        raise SinkError(f"the command cannot run: {said}", retry=True, where=where) from None
    try:
        process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise SinkError(
            f"the command took longer than {seconds:g} seconds", retry=True, where=where
        ) from None
    finally:
        _end(process)
    if process.returncode < 0:
        raise SinkError(
            f"the command was ended by signal {-process.returncode}", retry=True, where=where
        )
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and all that it has left behind; its process group is its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

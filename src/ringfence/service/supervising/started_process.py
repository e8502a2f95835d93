"""A process of the service as the supervisor sees it, and the command that starts one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

FORK_SERVER: Final = "fork-server"
"""First argument of the program of the fork server."""

ONE_PROCESS: Final = "one-process"
"""First argument of the program of one process of the service."""

_MODULE: Final = "ringfence.service.supervising"


def start_program(
    kind: str,
    words: Sequence[str],
    handles: Sequence[int],
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the fork server, or one process of the service, in a session of its own.

    Args:
        kind: :data:`FORK_SERVER` or :data:`ONE_PROCESS`.
        words: its arguments.
        handles: files that it gets open.
        environment: variables beside those of this process.

    Raises:
        OSError: the system cannot start another process.
    """
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", _MODULE, kind, *words],
        stdin=subprocess.DEVNULL,
        pass_fds=handles,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
    )


class StartedProcess:
    """A process whose start was ordered.

    Attributes:
        number: its process id; None as long as it does not run.
        status: its exit status, below 0 for a signal; None as long as it has not ended.
        ordered: when its start was ordered, in seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.status: int | None = None
        self.ordered = time.monotonic()
        self._is_asked = False

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once and if it runs."""
        if self.number is not None and self.status is None and not self._is_asked:
            self._is_asked = True
            with suppress(ProcessLookupError):
                os.kill(self.number, signal.SIGTERM)

    def kill_group(self) -> None:
        """Kill it, and what it has started."""
        if self.number is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.number, signal.SIGKILL)

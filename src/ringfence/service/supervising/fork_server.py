"""The process from which all processes of the service are forked, with their libraries loaded.

To start Python and load the libraries of a process takes about a second of processor time, and to
fork a process that has them takes some milliseconds. So they are loaded once for all processes, and
a process that was killed is back at once.

The fork server loads modules, forks, waits, tells what has ended, and gives signs of life. It opens
no file and no database. It has one thread: a lock that another thread held at the fork would stay
locked in the new process for ever. If there are more, or if the system cannot end processes
together with their parent, it refuses to fork, and the supervisor starts processes in another way.

If the fork server ends, the system kills the processes that it has forked, and the supervisor
starts all of them again.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from ringfence.service.serving import type_and_place
from ringfence.service.supervising.child import STOP_SECONDS, run_child
from ringfence.service.supervising.fork_order import (
    CANNOT_START,
    LONGEST_MESSAGE,
    WITHOUT_THREADS,
    ForkOrder,
)

_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2): chooses the signal that a process gets when its parent ends."""

_NO_SIGNAL: Final = 0
_SECOND: Final = 1.0
_STEP: Final = 0.05


def serve(handle: int, heart: int, modules: Sequence[str]) -> int:
    """Fork processes when the supervisor asks for them, until it ends; return an exit status.

    It returns in each forked process, too, when the work of that process has ended.

    Args:
        handle: of the socket whose other end the supervisor has.
        heart: of the pipe for signs of life.
        modules: to load first. One that cannot be loaded is left to the process that needs it.
    """
    # If all processes of the service get a signal to stop, the supervisor stops them gracefully.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    failed = _load(modules)
    gc.collect()
    gc.freeze()
    os.set_blocking(heart, False)
    with socket.socket(fileno=handle) as connection, _ended_processes() as ended:
        _tell(connection, refusal=_refusal(), failed=failed)
        order = _Forking(connection, heart, ended).run()
    return 0 if order is None else work(order.words, order.handles)


def work(words: Sequence[str], handles: Sequence[int]) -> int:
    """Be a process of the service, and return its exit status.

    Args:
        words: the arguments of :func:`run_child` but the last.
        handles: the files of the last argument.
    """
    name, entry, root, config = words
    with suppress(OSError):
        # The name in the lists of processes.
        Path("/proc/self/comm").write_text(name, encoding="utf-8")
    return run_child(name, entry, root, config, ",".join(map(str, handles)))


class _Forking:
    """Carries out orders.

    Args:
        connection: to the supervisor.
        heart: pipe for signs of life.
        ended: can be read when a forked process has ended.
    """

    def __init__(self, connection: socket.socket, heart: int, ended: int) -> None:
        self._connection = connection
        self._heart = heart
        self._ended = ended
        self._forked: dict[int, int] = {}

    def run(self) -> ForkOrder | None:
        """Fork until the supervisor ends, and return None; in a forked process, its order."""
        handle = self._connection.fileno()
        while True:
            with suppress(OSError):
                os.write(self._heart, b".")
            ready, _, _ = select.select([handle, self._ended], [], [], _SECOND)
            if self._ended in ready:
                self._tell_ended()
            if handle not in ready:
                continue
            order = ForkOrder.receive(self._connection)
            if order is None:
                self._wait_for_all()
                return None
            if self._carry_out(order):
                os.close(self._heart)
                return order

    def _carry_out(self, order: ForkOrder) -> bool:
        """Fork, and return whether this is the new process."""
        refusal, process = _refusal(), -1
        if not refusal:
            # Too many processes, or too little memory. The others must go on.
            with suppress(OSError):
                process = _fork()
        if not process:
            _restore_environment(order)
            return True
        order.close()
        if process < 0:
            _tell(self._connection, number=order.number, status=CANNOT_START, refusal=refusal)
        else:
            self._forked[process] = order.number
            _tell(self._connection, number=order.number, process=process)
        return False

    def _tell_ended(self) -> None:
        os.read(self._ended, LONGEST_MESSAGE)
        for process in list(self._forked):
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                number = self._forked.pop(process)
                _tell(self._connection, number=number, status=os.waitstatus_to_exitcode(status))

    def _wait_for_all(self) -> None:
        """Wait until all have seen that the supervisor has ended, and kill what does not stop."""
        end = time.monotonic() + STOP_SECONDS
        while self._forked and time.monotonic() < end:
            self._forked = {
                process: number for process, number in self._forked.items() if not _ended(process)
            }
            time.sleep(_STEP)
        for process in self._forked:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process, signal.SIGKILL)


def _ended(process: int) -> bool:
    """Return whether a forked process has ended."""
    try:
        return os.waitpid(process, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _load(modules: Sequence[str]) -> dict[str, str]:
    """Load modules, and return why some of them could not be loaded."""
    failed = {}
    for name in modules:
        try:
            import_module(name)
        except BaseException as error:  # noqa: BLE001 - a library may raise anything when loaded
            failed[name] = type_and_place(error)
    return failed


def _refusal() -> str:
    """Return why it is not safe to fork this process; empty if it is."""
    if not _end_with_parent(_NO_SIGNAL):
        return "the system does not end processes together with their parent"
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - the names are not needed
    except OSError:
        return "its threads cannot be counted"
    return f"it has {threads} threads" if threads > 1 else ""


def _end_with_parent(number: int) -> bool:
    """Choose the signal that this process gets when its parent ends; return whether it will."""
    try:
        return bool(ctypes.CDLL(None).prctl(_DEATH_SIGNAL, number) == 0)
    except (OSError, AttributeError):
        return False


def _fork() -> int:
    """Fork this process, and return the id of the new one; 0 in the new one.

    Raises:
        OSError: the system cannot start another process.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        server = os.getpid()
        process = os.fork()
        if not process:
            _begin_anew(server)
    finally:
        # A signal that has come meanwhile arrives now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
    return process


def _begin_anew(server: int) -> None:
    """Make a forked process one that ends with the fork server, and gets signals itself."""
    os.setsid()
    if not _end_with_parent(signal.SIGKILL):
        os._exit(CANNOT_START)
    if os.getppid() != server:
        os.kill(os.getpid(), signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _restore_environment(order: ForkOrder) -> None:
    for name in WITHOUT_THREADS:
        os.environ.pop(name, None)
    os.environ.update(order.environment)


@contextmanager
def _ended_processes() -> Iterator[int]:
    """Give a handle that can be read when a forked process has ended."""
    reading, writing = os.pipe()
    for one in (reading, writing):
        os.set_blocking(one, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reading)
        os.close(writing)


def _tell(connection: socket.socket, **values: object) -> None:
    # A supervisor that has ended is seen at the next look.
    with suppress(OSError):
        connection.send(json.dumps(values).encode())

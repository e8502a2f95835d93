"""Standard output and standard error that break no command.

If the reader goes away, as in ``ringfence scan … | head``, the rest of the output is dropped, and
the command ends as it would have. A full disk behind standard output is an error of one line.
Output that standard error does not take is dropped, because nobody could be told.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO

from ringfence.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_GONE: Final = frozenset({errno.EPIPE, errno.EBADF, errno.ECONNRESET})
"""Errors which say that nobody reads."""


class _Descriptor(io.RawIOBase):
    """The bytes of a standard stream.

    Args:
        descriptor: 1 or 2.
        name: what messages call the stream; empty for a stream whose errors are dropped.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self._gone = False

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor, from which Rich learns the width of the terminal."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of the data, or drop all of it if the stream cannot take any more.

        Raises:
            OutputError: the stream has a name and cannot be written, for example at a full disk.
        """
        if self._gone:
            return memoryview(data).nbytes
        try:
            return self._written(data)
        except OSError as error:
            # The rest of the buffers is dropped too.
            self._gone = True
            if self._name and error.errno not in _GONE:
                raise OutputError(
                    f"cannot be written: {error.strerror}",
                    where=self._name,
                    hint="free some space where it goes",
                ) from error
            return memoryview(data).nbytes

    def _written(self, data: ReadableBuffer) -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])


def guard_streams() -> None:
    """Replace the standard streams of this process by ones that break no command.

    A stream that a program has replaced is left alone. Closed descriptors are opened, so that no
    other file gets their number; output to them is dropped, and standard input stays closed.
    """
    with suppress(OSError):
        while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(spare)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _guarded(sys.stdout, 1, "standard output")
    if sys.stderr is sys.__stderr__:
        sys.stderr = _guarded(sys.stderr, 2, "")


def _guarded(stream: TextIO | None, descriptor: int, name: str) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Descriptor(descriptor, name)),
        encoding=stream.encoding if stream else "utf-8",
        # A terminal without a sign gets its number instead.
        errors="backslashreplace",
        line_buffering=descriptor == 2 or os.isatty(descriptor),
    )

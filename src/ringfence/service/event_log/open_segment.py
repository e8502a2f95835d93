"""The segment to which batches are appended."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ringfence.private_files import sync_folder
from ringfence.service.event_log.frames import SEGMENT_MARK
from ringfence.service.event_log.reading import CLOSED_ENDING, OPEN_ENDING, segment_path


class OpenSegment:
    """A new segment. Its file is made by the first call of :meth:`append`.

    Args:
        log: the folder of the log.
        number: of the segment.

    Attributes:
        number: of the segment.
        digests: the keys of its batches.
    """

    def __init__(self, log: Path, number: int) -> None:
        self._log = log
        self._path = segment_path(log, number, OPEN_ENDING)
        self._handle = -1
        self._end = 0
        self._began = 0.0
        self.number = number
        self.digests: list[bytes] = []

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was acknowledged in it."""
        return self._end <= len(SEGMENT_MARK)

    def is_due(self, seconds: float, size: int) -> bool:
        """Return whether it is older or larger than this."""
        old = time.monotonic() - self._began >= seconds
        return not self.is_empty and (old or self._end >= size)

    def append(self, data: bytes) -> None:
        """Append frames, and wait for the disk.

        Raises:
            OSError: the disk is full or fails. Nobody knows which of the bytes are on disk, so
                :meth:`close` must follow.
        """
        if self._handle < 0:
            self._create()
        _write_all(self._handle, data)
        # The size of the file is written with the data; its times need not be.
        getattr(os, "fdatasync", os.fsync)(self._handle)
        self._end += len(data)

    def close(self) -> None:
        """Give the segment its final name. A segment in which nothing was acknowledged is removed.

        It may be called again after an error.

        Raises:
            OSError: the file cannot be cut to what was acknowledged, or not renamed.
        """
        if self._handle < 0:
            return
        if os.fstat(self._handle).st_size > self._end:
            os.ftruncate(self._handle, self._end)
            os.fsync(self._handle)
        if self.is_empty:
            self._path.unlink()
        else:
            self._path.rename(self._path.with_suffix(CLOSED_ENDING))
        sync_folder(self._log)
        self.leave()

    def leave(self) -> None:
        """Close the file as it is. The next writer finds and closes the segment."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def _create(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._handle = os.open(self._path, flags, 0o600)
        self._began = time.monotonic()
        _write_all(self._handle, SEGMENT_MARK)
        self._end = len(SEGMENT_MARK)
        sync_folder(self._log)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]

"""Append batches to the log: a call returns when the disk has them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from ringfence.errors import FULL, reason
from ringfence.private_files import make_folder, sync_folder
from ringfence.service.event_log.frames import SEGMENT_MARK, Batch, frame_of, read_frames
from ringfence.service.event_log.log_errors import LogError, LogFullError
from ringfence.service.event_log.reading import (
    CLOSED_ENDING,
    OPEN_ENDING,
    closed_segments,
    segment_number,
    segment_path,
    segments_named,
)
from ringfence.service.event_log.recent_keys import RecentKeys, digest_of

SEGMENT_SECONDS: Final = 1.0
"""Age after which a segment is closed."""

SEGMENT_BYTES: Final = 8 << 20
"""Size after which a segment is closed."""

_LOCK: Final = "writer.lock"


class LogWriter:
    """The only writer of a log.

    It is not safe for several threads. When it is made, it closes what an earlier writer left. A
    frame that a crash has cut was never acknowledged, and is removed.

    Args:
        log: the folder of the log; it is created.
        seconds: age after which a segment is closed.
        size: bytes after which a segment is closed.

    Raises:
        LogError: another process writes this log, or its files cannot be used.
        LogFullError: the disk is full.
    """

    def __init__(
        self, log: Path, *, seconds: float = SEGMENT_SECONDS, size: int = SEGMENT_BYTES
    ) -> None:
        self._log = log
        self._seconds = seconds
        self._most = size
        self._handle = -1
        self._path = log
        self._number = 0
        self._end = 0
        self._began = 0.0
        self._digests: list[bytes] = []
        self._lock = -1
        try:
            make_folder(log)
            self._lock = _locked(log)
            self._keys = RecentKeys(log)
            self._recover()
        except OSError as error:
            self._release()
            raise _refusal(error, log) from error

    def append(self, batches: Sequence[Batch]) -> list[bool]:
        """Append batches with one wait for the disk.

        Args:
            batches: in any number. A batch with the key of a recent one is not appended again.

        Returns:
            For each batch, whether it is new. All of them are on disk.

        Raises:
            LogFullError: the disk is full. None of the batches is acknowledged.
            LogError: the disk fails otherwise. None of the batches is acknowledged.
            ValueError: a batch is too large.
        """
        new: dict[bytes, None] = {}
        is_new = []
        frames = []
        for batch in batches:
            digest = digest_of(batch)
            known = bool(digest) and (digest in self._keys or digest in new)
            is_new.append(not known)
            if not known:
                frames.append(frame_of(batch))
                if digest:
                    new[digest] = None
        if frames:
            self._write(b"".join(frames))
            self._digests.extend(new)
            self._keys.add(new)
        self.close_if_due()
        return is_new

    def close_if_due(self) -> None:
        """Close the segment if it is old or large enough. Call it when no batch comes, too.

        A segment that cannot be closed now, for the disk is full, is closed by a later call.
        """
        if self._handle < 0:
            return
        if self._end >= self._most or time.monotonic() - self._began >= self._seconds:
            with suppress(OSError):
                self._close_segment()

    def close(self) -> None:
        """Close the segment and let another process write the log."""
        with suppress(OSError):
            if self._handle >= 0:
                self._close_segment()
        self._release()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.close()

    def _write(self, data: bytes) -> None:
        try:
            if self._handle < 0:
                self._open_segment()
            _write_all(self._handle, data)
            _sync(self._handle)
        except OSError as error:
            self._undo()
            raise _refusal(error, self._log) from error
        self._end += len(data)

    def _undo(self) -> None:
        """Remove what was not acknowledged.

        After an error, nobody knows what the disk has. So the segment gets no further frame, even
        if the file cannot be cut: the frames that are then left behind are whole or removed at the
        next start, and the keys tell them from those that the client repeats.
        """
        if self._handle < 0:
            return
        try:
            os.ftruncate(self._handle, self._end)
            if self._end > len(SEGMENT_MARK):
                self._close_segment()
            else:
                self._path.unlink()
                self._forget()
        except OSError:
            self._forget()

    def _open_segment(self) -> None:
        self._number += 1
        self._path = segment_path(self._log, self._number, OPEN_ENDING)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._handle = os.open(self._path, flags, 0o600)
        self._began = time.monotonic()
        self._end = 0
        _write_all(self._handle, SEGMENT_MARK)
        self._end = len(SEGMENT_MARK)
        sync_folder(self._log)

    def _close_segment(self) -> None:
        self._keys.store(self._number, self._digests)
        self._path.rename(self._path.with_suffix(CLOSED_ENDING))
        sync_folder(self._log)
        self._forget()

    def _forget(self) -> None:
        handle, self._handle = self._handle, -1
        self._digests = []
        os.close(handle)

    def _recover(self) -> None:
        for path in segments_named(self._log, OPEN_ENDING):
            self._close_leftover(path)
        numbers = [segment_number(path) for path in closed_segments(self._log)]
        self._number = max([self._keys.last_number, *numbers])

    def _close_leftover(self, path: Path) -> None:
        """Remove the frame that a crash cut, and close the segment if there is anything in it."""
        end = 0
        digests = []
        with path.open("r+b") as file:
            for batch, end in read_frames(file):  # noqa: B007 - the last one is used
                digests.append(digest_of(batch))
            file.truncate(end)
            os.fsync(file.fileno())
        known = [one for one in digests if one]
        self._keys.store(segment_number(path), known)
        self._keys.add(known)
        if digests:
            path.rename(path.with_suffix(CLOSED_ENDING))
        else:
            path.unlink()
        sync_folder(self._log)

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _locked(log: Path) -> int:
    handle = os.open(log / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise LogError(
            "another process writes this log",
            where=str(log),
            hint="stop the other service, or name another service.folder",
        ) from error
    return handle


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync(handle: int) -> None:
    # The size of the file is written with the data; its times need not be.
    getattr(os, "fdatasync", os.fsync)(handle)


def _refusal(error: OSError, log: Path) -> LogError:
    if error.errno in FULL:
        return LogFullError(
            "the disk of the append log is full, so nothing is acknowledged",
            where=str(log),
            hint="free some space there; the service goes on by itself",
        )
    return LogError(
        f"the append log cannot be written: {reason(error)}",
        where=str(log),
        hint="check the disk and the owner of the folder",
    )

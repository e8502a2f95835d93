"""Append batches to the log: a call returns when the disk has them."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from ringfence.errors import FULL, reason
from ringfence.private_files import make_folder
from ringfence.service.event_log.frames import Batch, frame_of
from ringfence.service.event_log.log_errors import LogError, LogFullError
from ringfence.service.event_log.open_segment import OpenSegment
from ringfence.service.event_log.recent_keys import RecentKeys, digest_of
from ringfence.service.event_log.recovery import recover_log

SEGMENT_SECONDS: Final = 1.0
"""Age after which a segment is closed."""

SEGMENT_BYTES: Final = 8 << 20
"""Size after which a segment is closed."""

_MOST_UNCLOSED: Final = 8
"""Segments that may wait for a disk that fails. Each of them holds an open file."""

_LOCK: Final = "writer.lock"


class LogWriter:
    """The only writer of a log.

    It is not safe for several threads. When it is made, it closes what an earlier writer left. A
    frame that a crash has cut was never acknowledged, and is removed.

    Args:
        log: the folder of the log; it is created.
        seconds: age after which a segment is closed.
        size: bytes after which a segment is closed.
        before_close: called before segments are closed, so that what must outlive them is stored.
            If it raises an OSError, they are closed later. With it, :meth:`append` closes no
            segment: call :meth:`close_if_due` after taking note of what was appended.

    Raises:
        LogError: another process writes this log, or its files cannot be used.
        LogFullError: the disk is full.
    """

    def __init__(
        self,
        log: Path,
        *,
        seconds: float = SEGMENT_SECONDS,
        size: int = SEGMENT_BYTES,
        before_close: Callable[[], None] | None = None,
    ) -> None:
        self._log = log
        self._seconds = seconds
        self._size = size
        self._before_close = before_close
        self._unclosed: list[OpenSegment] = []
        self._keys_wait = True
        self._close_error = OSError(errno.EIO, "earlier segments cannot be closed")
        self._lock = -1
        try:
            make_folder(log)
            self._lock = _locked(log)
            self._keys = RecentKeys(log)
            last = recover_log(log, self._keys)
        except OSError as error:
            self._release()
            raise _refusal(error, log) from error
        self._segment = OpenSegment(log, last + 1)

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
        digests: set[bytes] = set()
        is_new: list[bool] = []
        frames: list[bytes] = []
        for batch in batches:
            digest = digest_of(batch)
            is_new.append(not digest or (digest not in self._keys and digest not in digests))
            if is_new[-1]:
                frames.append(frame_of(batch))
                digests.update({digest} if digest else ())
        if frames:
            self._write(b"".join(frames), digests)
        if self._before_close is None:
            self.close_if_due()
        return is_new

    def close_if_due(self) -> None:
        """Close the segment if it is old or large enough. Call it each second, too.

        A later call does the part for which there is no room on the disk now.
        """
        if self._segment.is_due(self._seconds, self._size):
            self._begin_another()
        try:
            self._close_waiting()
        except OSError as error:
            self._close_error = error

    def close(self) -> None:
        """Close the segment and let another process write the log."""
        if not self._segment.is_empty:
            self._begin_another()
        with suppress(OSError):
            self._close_waiting()
        for segment in (*self._unclosed, self._segment):
            segment.leave()
        self._release()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.close()

    def _write(self, data: bytes, digests: set[bytes]) -> None:
        if len(self._unclosed) > _MOST_UNCLOSED:
            raise _refusal(self._close_error, self._log)
        try:
            self._segment.append(data)
        except OSError as error:
            # Nobody knows what the disk has now. So this segment gets no further frame.
            self._begin_another()
            self.close_if_due()
            raise _refusal(error, self._log) from error
        self._keys.add(self._segment.number, digests)

    def _begin_another(self) -> None:
        self._unclosed.append(self._segment)
        self._segment = OpenSegment(self._log, self._segment.number + 1)

    def _close_waiting(self) -> None:
        if self._unclosed or self._keys_wait:
            # The keys come first, for the judge may use up a segment before its keys are stored.
            # If they do not fit on the disk, it must get the segment nevertheless, to make room.
            self._keys_wait = True
            with suppress(OSError):
                self._keys.store()
                self._keys_wait = False
        if self._unclosed and self._before_close:
            self._before_close()
        while self._unclosed:
            self._unclosed[0].close()
            del self._unclosed[0]

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

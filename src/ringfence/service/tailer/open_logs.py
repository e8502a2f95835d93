"""A log file that is open: the lines that follow a place in it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from ringfence.events.content import plain_beginning, plain_chunks
from ringfence.events.unpacking import BrokenPackingError
from ringfence.service.tailer.places import LONGEST_MARK, FilePlace

State = Literal["same", "shorter", "replaced"]
"""What became of the content of a file: it may have grown, was cut at its end, or is another."""

_SETTLED: Final = 60.0
"""Seconds after which a damaged compressed file counts as complete."""


class PlainLog:
    """A file to which lines are appended.

    Args:
        path: of the file.

    Attributes:
        key: device and number of the file.

    Raises:
        OSError: it cannot be opened.
    """

    packed = False

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(self._handle)
        self.key = (found.st_dev, found.st_ino)

    @property
    def size(self) -> int:
        """Bytes of the file now."""
        return os.fstat(self._handle).st_size

    @property
    def is_removed(self) -> bool:
        """Whether the file has no name any more."""
        return os.fstat(self._handle).st_nlink == 0

    def beginning(self, length: int, start: int = 0) -> bytes:
        """Return bytes of the file."""
        return os.pread(self._handle, length, start)

    def state(self, place: FilePlace) -> State:
        """Return what became of the content that was read up to a place."""
        size = self.size
        if place.length and (size < place.length or not _has_mark(self, place)):
            return "replaced"
        if size >= place.offset:
            return "same"
        return "shorter" if place.length else "replaced"

    def data(self, offset: int, length: int) -> bytes:
        """Return the bytes that follow an offset. Holes at the beginning are left to the caller."""
        return os.pread(self._handle, length, offset)

    def skip_hole(self, offset: int) -> int:
        """Return the offset of the first byte after a hole or zeros at the offset.

        A program that does not append leaves a hole when its log is emptied.
        """
        with suppress(OSError, AttributeError):
            offset = max(offset, os.lseek(self._handle, offset, os.SEEK_DATA))
        data = self.data(offset, 1 << 16)
        while data and not data.strip(b"\0"):
            offset += len(data)
            data = self.data(offset, 1 << 16)
        return offset + len(data) - len(data.lstrip(b"\0"))

    def is_complete(self) -> bool:
        """Return whether no program can append to it. A plain file may always grow."""
        return False

    def release(self, _offset: int) -> None:
        """Forget the bytes before an offset."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


class PackedLog:
    """A compressed file, which is complete.

    Args:
        path: of the file.

    Raises:
        OSError: it cannot be opened.
    """

    packed = True
    is_removed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        found = path.stat()
        self._modified = found.st_mtime
        self.key = (found.st_dev, found.st_ino)
        self._chunks: Iterator[bytes] = iter(())
        self._held = bytearray()
        self._start = -1
        self._end = False

    @property
    def size(self) -> int:
        """Bytes that were unpacked."""
        return max(0, self._start) + len(self._held)

    def beginning(self, length: int, start: int = 0) -> bytes:
        """Return bytes of the unpacked content."""
        return plain_beginning(self._path, start + length)[0][start:]

    def state(self, _place: FilePlace) -> State:
        """Return that the content is the same."""
        return "same"

    def data(self, offset: int, length: int) -> bytes:
        """Return the bytes that follow an offset. It never becomes smaller."""
        if self._start < 0:
            self._chunks = plain_chunks(self._path)
            self._start = 0
        try:
            while not self._end and self.size < offset + length:
                chunk = next(self._chunks, None)
                self._end = chunk is None
                self._held += chunk or b""
                self.release(min(offset, self.size))
        except BrokenPackingError:
            if time.time() - self._modified < _SETTLED:
                # It may be written now. The rest is read later, from the beginning.
                self._start, self._held = -1, bytearray()
                return b""
            self._end = True
        first = offset - self._start
        return bytes(self._held[first : first + length])

    def skip_hole(self, offset: int) -> int:
        """Return the offset: nothing is skipped."""
        return offset

    def is_complete(self) -> bool:
        """Return whether all of it is unpacked."""
        return self._end

    def release(self, offset: int) -> None:
        """Forget the bytes before an offset."""
        if offset > self._start >= 0:
            del self._held[: offset - self._start]
            self._start = offset

    def close(self) -> None:
        """Forget what was unpacked."""
        self._held = bytearray()


OpenLog = PlainLog | PackedLog


def with_mark(log: OpenLog, place: FilePlace) -> FilePlace:
    """Return a place with the mark of as much of the beginning as was read."""
    length = min(LONGEST_MARK, place.offset)
    if length <= place.length:
        return place
    return replace(place, length=length, mark=mark_of(log.beginning(length)))


def mark_of(beginning: bytes) -> str:
    """Return the mark of the first bytes of a file."""
    return hashlib.sha256(beginning).hexdigest()


def has_same_beginning(one: OpenLog, other: OpenLog, length: int = 1 << 20) -> bool:
    """Return whether two files begin alike, as far as the shorter one goes."""
    first, second = one.beginning(length), other.beginning(length)
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


def _has_mark(log: PlainLog, place: FilePlace) -> bool:
    return mark_of(log.beginning(place.length)) == place.mark

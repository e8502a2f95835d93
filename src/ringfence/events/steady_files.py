"""Files that change while a scan runs: what was there at its beginning is read.

Web servers append to their logs all the time, and a scan reads a file several times: to recognise
it, to count its lines, and to take its records. All of that must see the same content. A file that
grows meanwhile is copied as far as it went when the scan found it. A file that becomes shorter, or
is replaced, cannot be read any more as it was.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ringfence.errors import SourceError

_SMALL: Final = 1 << 30
"""Bytes up to which a file may consist of holes."""

_LARGEST_SHARE: Final = 1_000
"""Bytes of a file for each byte of it that is on the disk, at most."""

_MIB: Final = 1 << 20
_EXTENTS: Final = 10_000


@dataclass(frozen=True)
class Stamp:
    """The state of a file at one moment.

    Attributes:
        device: device of the file.
        inode: its number there.
        size: its size in bytes.
        modified: when it was last written, in nanoseconds since 1970.
    """

    device: int
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return the state of a file now; None if it cannot be found."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def is_beginning_of(self, other: Stamp | None) -> bool:
        """Return whether another state is of the same file, and nothing of it was cut off."""
        return (
            other is not None
            and (self.device, self.inode) == (other.device, other.inode)
            and self.size <= other.size
        )


def copy_beginning(path: Path, stamp: Stamp, target: Path, name: str) -> None:
    """Copy what was in a file when it was found.

    Args:
        path: the file.
        stamp: its state then.
        target: where the copy is written.
        name: the name that messages show.

    Raises:
        SourceError: the file was replaced or has become shorter, or there is no room for the copy.
    """
    if not stamp.is_beginning_of(Stamp.of(path)):
        raise changed(name)
    try:
        with path.open("rb") as file, target.open("wb") as copy:
            _copy(file, copy, stamp.size)
            found = os.fstat(file.fileno())
    except OSError as error:
        raise SourceError(
            f"grows while it is read, and cannot be copied: {error.strerror}",
            where=name,
            hint="set engine.temp_directory to a disk with room",
        ) from error
    now = Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    if not stamp.is_beginning_of(now) or target.stat().st_size != stamp.size:
        raise changed(name)


def changed(name: str) -> SourceError:
    """Return the error for a file that is not any more what it was when the scan found it."""
    return SourceError(
        "was changed while the scan ran",
        where=name,
        hint="scan it again, or a copy of it if a program keeps writing to it",
    )


def check_holes(path: Path, name: str) -> None:
    """Refuse a file that pretends to be large, because almost nothing of it is on the disk.

    Reading the holes of such a file could take years.

    Raises:
        SourceError: it is larger than 1 GiB and a thousand times larger than what is in it.
    """
    try:
        found = path.stat()
        if found.st_size <= max(_SMALL, found.st_blocks * 512 * _LARGEST_SHARE):
            return
        with path.open("rb") as file:
            stored = _stored(file, found.st_size)
    except OSError:
        # The error is reported when the file is read.
        return
    if stored * _LARGEST_SHARE < found.st_size:
        raise SourceError(
            f"is {found.st_size / _MIB:,.0f} MiB long, but only {stored / _MIB:,.1f} MiB of it are "
            "stored: the rest is a hole",
            where=name,
            hint="remove the zero bytes first, as tr -d '\\000' does",
        )


def _copy(file: BinaryIO, copy: BinaryIO, size: int) -> None:
    left = size
    while left and (piece := file.read(min(left, _MIB))):
        copy.write(piece)
        left -= len(piece)


def _stored(file: BinaryIO, size: int) -> int:
    """Return how many bytes of a file are stored; some file systems cannot tell holes."""
    place = stored = 0
    for _ in range(_EXTENTS):
        try:
            place = os.lseek(file.fileno(), place, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return stored
            raise
        end = os.lseek(file.fileno(), place, os.SEEK_HOLE)
        stored, place = stored + end - place, end
        if place >= size:
            return stored
    return size

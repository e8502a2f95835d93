"""Copy standard input and pipes into a file, because a scan reads a source more than once.

A stream may have no end. So it is refused as soon as its beginning is in no known format, when it
becomes too large or takes too long, and when nothing more comes.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from ringfence.errors import SourceError
from ringfence.events.content import decode, plain_beginning
from ringfence.events.recognition import choose_format
from ringfence.events.sources import Source
from ringfence.settings import EventSettings
from ringfence.stats.seconds import HOUR

LARGEST_STREAM: Final = 16 << 30
"""The most bytes that are read from standard input or a pipe."""

SILENCE: Final = 60.0
"""Seconds after which a stream from which nothing comes is given up."""

LONGEST_STREAM: Final = float(HOUR)
"""Seconds after which a stream that does not end is given up."""

_MARK: Final = b"\xef\xbb\xbf"
_MIB: Final = 1 << 20
_BEGINNING: Final = 4 << 20
_BEGINNING_LINES: Final = 50
_UNOPENED: Final = 10.0
_PAUSE: Final = 0.1
_AS_FILE: Final = "write it to a file, and name the file"


def store_stream(
    stream: BinaryIO, scratch: Path, name: str, settings: EventSettings, *, waits: bool = False
) -> Source:
    """Copy a stream to its end into a file in a folder.

    Args:
        stream: a pipe, a terminal, an open file, or any object that can be read.
        scratch: the folder.
        name: the name that messages show.
        settings: how the records are read.
        waits: whether a program may still have to open the pipe for writing.

    Raises:
        SourceError: it cannot be read or stored, does not end, or is in no known format.
    """
    target = scratch / f"spool-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}"
    source = Source(target, name, named=False)
    limit = _limit(stream, scratch)
    size, checked = 0, False
    try:
        with target.open("wb") as file:
            for piece in _pieces(stream, name, opened=not waits):
                size += len(piece)
                if size > limit:
                    raise _too_much(name, limit)
                file.write(piece)
                if not checked and size >= _BEGINNING:
                    file.flush()
                    _check_beginning(source, settings)
                    checked = True
    except OSError as error:
        raise SourceError(
            f"cannot be stored: {error.strerror}",
            where=name,
            hint="set engine.temp_directory to a disk with room",
        ) from error
    return source


def _pieces(stream: BinaryIO, name: str, *, opened: bool) -> Iterator[bytes]:
    """Yield all bytes of a stream.

    Raises:
        SourceError: no program writes to it, nothing comes for a minute, or it does not end within
            an hour.
    """
    handle = _handle(stream)
    if handle is None:
        yield from iter(lambda: stream.read(_MIB), b"")
        return
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    began = heard = time.monotonic()
    while True:
        _check_patience(name, time.monotonic() - began, time.monotonic() - heard, opened=opened)
        ready = bool(poll.poll(_PAUSE * 1000))
        if opened and not ready:
            continue
        piece = _read(handle, name)
        if piece is None:
            opened = True
            time.sleep(_PAUSE if ready else 0)
        elif piece:
            opened, heard = True, time.monotonic()
            yield piece
        elif opened or ready:
            return


def _read(handle: int, name: str) -> bytes | None:
    """Return what has come; nothing at the end, and None if more may come.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return os.read(handle, _MIB)
    except BlockingIOError:
        return None
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=name, hint="check its permissions"
        ) from error


def _check_patience(name: str, open_for: float, silent_for: float, *, opened: bool) -> None:
    """Give up a stream that has no end.

    Raises:
        SourceError: one of the three limits is exceeded.
    """
    if not opened and open_for > _UNOPENED:
        raise SourceError(
            f"is a pipe that no program has opened for writing in {_UNOPENED:.0f} seconds",
            where=name,
            hint=f"start that program first, or let it {_AS_FILE}",
        )
    if silent_for > SILENCE:
        raise SourceError(
            f"does not end, and nothing came for {SILENCE:.0f} seconds", where=name, hint=_AS_FILE
        )
    if open_for > LONGEST_STREAM:
        raise SourceError(
            f"did not end within {LONGEST_STREAM / 60:.0f} minutes", where=name, hint=_AS_FILE
        )


def _handle(stream: BinaryIO) -> int | None:
    # A program may have put any object in the place of standard input.
    try:
        return stream.fileno()
    except (AttributeError, OSError):
        return None


def _check_beginning(source: Source, settings: EventSettings) -> None:
    """Refuse a stream whose beginning is in no known format.

    Raises:
        FormatError: it is in none.
    """
    beginning, _, _ = plain_beginning(source.path, _BEGINNING)
    if beginning.removeprefix(_MARK).lstrip().startswith((b"[", b"{")):
        # A JSON document may have its records anywhere.
        return
    lines = beginning.split(b"\n")[:_BEGINNING_LINES]
    if any(line.strip() for line in lines):
        choose_format([decode(line.removesuffix(b"\r")) for line in lines], source, settings)


def _limit(stream: BinaryIO, scratch: Path) -> int:
    """Return how many bytes a stream may have. A file has an end, and only needs room."""
    room = shutil.disk_usage(scratch).free // 2
    handle = _handle(stream)
    if handle is not None and stat.S_ISREG(os.fstat(handle).st_mode):
        return room
    return min(LARGEST_STREAM, room)


def _too_much(name: str, limit: int) -> SourceError:
    what = f"has more than {limit / _MIB:,.0f} MiB"
    if limit == LARGEST_STREAM:
        return SourceError(f"{what}, too much for a pipe", where=name, hint=_AS_FILE)
    return SourceError(
        f"{what}, half of the free disk",
        where=name,
        hint=f"set engine.temp_directory to a disk with room, or {_AS_FILE}",
    )

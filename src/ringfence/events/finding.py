"""Find the sources that a user names: files, folders, globs, streams and tables."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from ringfence.engine import ArrowData
from ringfence.errors import SourceError
from ringfence.events.globbing import (
    PATTERN_SIGNS,
    files_in,
    is_hidden,
    matching_names,
    visible_paths,
)
from ringfence.events.sources import (
    AnySource,
    ArrowSource,
    OnError,
    Source,
    shown_name,
    stop_at_error,
)
from ringfence.events.steady_files import Stamp
from ringfence.events.streams import store_stream
from ringfence.settings import EventSettings

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://")
_HANDLE: Final = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})")
_LINKS: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_OPENING: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NO_STREAM: Final = "name a file, or pipe the log into the command and name - as the source"
_NAME_ONE: Final = "name files, folders, globs, or - for standard input"


def find_sources(
    patterns: Iterable[str | Path | ArrowData],
    scratch: Path,
    settings: EventSettings | None = None,
    on_error: OnError = stop_at_error,
) -> list[AnySource]:
    """Find the sources that are named: files, folders, globs, ``-`` and Arrow data.

    Inside a folder, and for a glob, files and folders are skipped whose names start with ``.`` or
    ``_``, as Spark and Hive do. Names such as ``_year=2026`` are partitions and are not skipped.
    A file that is named outright is always taken, even with glob characters in its name.

    Standard input and named pipes are read to their end; see :mod:`ringfence.events.streams`. In a
    folder, and for a glob, only files are taken.

    Args:
        patterns: in the order to read. Files of a glob or folder are sorted with numbers in order:
            ``log.2`` comes before ``log.10``. A source that is named twice is listed once.
        scratch: an existing folder, where standard input and pipes are stored.
        settings: how the records are read; the beginning of a stream must fit.
        on_error: called with the error about a pattern. The pattern is left out if it returns.

    Returns:
        At least one source per pattern that can be used. Arrow data are called ``Arrow table 1``
        and so on.

    Raises:
        SourceError: a pattern names no file, is a URL, a device or a socket, or a stream cannot be
            stored or does not end.
    """
    found: dict[object, AnySource] = {}
    tables = 0
    finder = _Finder(scratch, settings or EventSettings())
    for pattern in patterns:
        if isinstance(pattern, ArrowData):
            tables += 1
            found[tables] = ArrowSource(pattern, f"Arrow table {tables}")
            continue
        try:
            for source in finder.find(str(pattern)):
                found.setdefault(source.path.absolute(), source)
        except SourceError as error:
            on_error(error)
    return list(found.values())


class _Finder:
    """The files that patterns name, and the streams, each of which is read once.

    Args:
        scratch: the folder where streams are stored.
        settings: how the records are read.
    """

    def __init__(self, scratch: Path, settings: EventSettings) -> None:
        self._scratch = scratch
        self._settings = settings
        self._streams: dict[object, Source] = {}

    def find(self, pattern: str) -> list[Source]:
        """Return the sources that one pattern names.

        Raises:
            SourceError: it names none, or a stream cannot be stored.
        """
        if pattern == "-":
            return [self._standard_input()]
        if not pattern:
            # Path("") is the current folder, which nobody means by a variable that is not set.
            raise SourceError("a source has no name", hint=_NAME_ONE)
        path = Path(pattern)
        found = _status(path, pattern)
        if found is None:
            matches = _matches(pattern, matching_names(pattern))
            return _sources(matches) or _nothing(pattern, path)
        if stat.S_ISDIR(found.st_mode):
            return _sources(visible_paths(path, files_in(path))) or _nothing(pattern, path)
        if stat.S_ISREG(found.st_mode) and (found.st_size or not _has_content(path)):
            return [_source(path)]
        if os.path.samestat(found, Path(os.devnull).stat()):
            return [Source(path, shown_name(path), named=False)]
        return [self._special(path, found)]

    def _standard_input(self) -> Source:
        # It may have been closed, and a program may have put something else in its place.
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise SourceError("is closed", where="stdin", hint="pipe a log into the command")
        return self._store(stream, "stdin")

    def _special(self, path: Path, found: os.stat_result) -> Source:
        """Read a pipe, or a file whose size the system does not know.

        Raises:
            SourceError: it is something else, or cannot be read.
        """
        if not stat.S_ISFIFO(found.st_mode) and not stat.S_ISREG(found.st_mode):
            kind = "a socket" if stat.S_ISSOCK(found.st_mode) else "a device"
            raise SourceError(f"is {kind}, not a log file", where=str(path), hint=_NO_STREAM)
        handle = _own_handle(path)
        try:
            # Opening a handle of this process once more would lose who writes to it.
            opened = os.open(path, _OPENING) if handle is None else os.dup(handle)
        except OSError as error:
            raise _unreadable(path, error) from error
        with os.fdopen(opened, "rb", 0) as stream:
            return self._store(stream, str(path), waits=handle is None)

    def _store(self, stream: BinaryIO, name: str, *, waits: bool = False) -> Source:
        """Store a stream, unless it was stored under another name already."""
        key = _stream_key(stream, name)
        if key not in self._streams:
            self._streams[key] = store_stream(
                stream, self._scratch, name, self._settings, waits=waits
            )
        return self._streams[key]


def _stream_key(stream: BinaryIO, name: str) -> object:
    """Return what identifies a stream, under whatever name.

    Raises:
        SourceError: it is a device, of which only a terminal can end.
    """
    try:
        handle = stream.fileno()
    except (AttributeError, OSError):
        return name
    found = os.fstat(handle)
    kind = stat.S_IFMT(found.st_mode)
    quiet = os.path.samestat(found, Path(os.devnull).stat())
    if kind in {stat.S_IFCHR, stat.S_IFBLK} and not quiet and not os.isatty(handle):
        raise SourceError("is a device, not a log file", where=name, hint=_NO_STREAM)
    return found.st_dev, found.st_ino


def _own_handle(path: Path) -> int | None:
    """Return the number of the open file of this process that a path stands for, or None."""
    known = _HANDLE.fullmatch(str(path))
    return int(known[1]) if known else _LINKS.get(str(path))


def _status(path: Path, pattern: str) -> os.stat_result | None:
    """Return what the system knows about a file; None if there is none of this name.

    Raises:
        SourceError: the system does not say.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise _unreadable(Path(pattern), error) from error


def _has_content(path: Path) -> bool:
    """Return whether a file without a size has content, as the system's own files do."""
    try:
        handle = os.open(path, _OPENING)
    except OSError:
        return False
    try:
        return bool(os.read(handle, 1))
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _matches(pattern: str, paths: Iterable[Path]) -> Iterable[Path]:
    """Leave out the hidden files among those that a glob matches, unless it asks for them."""
    parts = Path(pattern).parts
    if any(is_hidden(part) for part in parts):
        return paths
    fixed = next((n for n, part in enumerate(parts) if PATTERN_SIGNS.search(part)), len(parts))
    return visible_paths(Path(*parts[:fixed]), paths)


def _sources(paths: Iterable[Path]) -> list[Source]:
    files = sorted((path for path in paths if path.is_file()), key=_natural)
    return [_source(path) for path in files]


def _source(path: Path) -> Source:
    return Source(path, shown_name(path), stamp=Stamp.of(path))


def _natural(path: Path) -> list[tuple[int, int, str]]:
    # Digits compare as numbers; numbers and texts never meet in one place of the list.
    parts = re.split(r"([0-9]+)", str(path))
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read: {error.strerror}", where=str(path), hint="check its name and permissions"
    )


def _nothing(pattern: str, path: Path) -> NoReturn:
    """Explain why a pattern matches no file."""
    if path.is_dir():
        what, hint = "the folder has no files to read", "names that start with . or _ are skipped"
    elif path.is_symlink():
        what, hint = "is a link that leads to no file", "name the file itself"
    elif _URL.match(pattern):
        what = "is a URL, and only local files are read"
        hint = "copy the files to a local folder first, or pass an Arrow table from Python"
    elif PATTERN_SIGNS.search(pattern):
        what, hint = "no file matches this pattern", "check the folder, and quote the pattern"
    else:
        what, hint = "no such file", _NAME_ONE
    raise SourceError(what, where=pattern, hint=hint)

"""Which files a scan reads, and how each is known again under another name."""

from __future__ import annotations

import glob
import hashlib
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ringfence.errors import SourceError
from ringfence.events import _bytes

_MIB = 1 << 20


@dataclass(frozen=True)
class Source:
    """One file of access records.

    Attributes:
        path: what to read.
        name: what to show; ``stdin`` for standard input.
    """

    path: Path
    name: str

    def fingerprint(self) -> str:
        """Return what identifies the content, 64 hexadecimal digits.

        The name plays no part, nor does packing: a log that log rotation renames and compresses
        is the same source. It is SHA-256 of the unpacked content.

        Raises:
            SourceError: the file cannot be read.
        """
        try:
            self.path.stat()
            return _digest(self.path)
        except OSError as error:
            raise _unreadable(self.name, error) from error


def find_sources(patterns: Sequence[str | Path], scratch: Path) -> list[Source]:
    """Find the files that patterns name: files, folders, globs, and ``-`` for standard input.

    Args:
        patterns: in the order to read; files of a glob or folder are sorted as people sort, so that
            ``log.2`` comes before ``log.10``. A file named twice is listed once.
        scratch: an existing folder where standard input is spooled.

    Returns:
        At least one source for each pattern.

    Raises:
        SourceError: a pattern matches nothing, or standard input cannot be spooled.
    """
    found: dict[Path, Source] = {}
    for pattern in patterns:
        for source in _matches(str(pattern), scratch):
            found.setdefault(source.path.absolute(), source)
    return list(found.values())


def _matches(pattern: str, scratch: Path) -> list[Source]:
    if pattern == "-":
        return [_stdin(scratch)]
    path = Path(pattern)
    if path.is_dir():
        return _named(pattern, (child for child in path.rglob("*") if child.is_file()))
    if path.exists():
        # Named outright it is taken as it is, even with glob characters in the name; a pipe too.
        return [_pipe(path, scratch) if path.is_fifo() else Source(path, _shown(path))]
    # Path.glob takes no absolute pattern.
    names = glob.glob(pattern, recursive=True)  # noqa: PTH207
    return _named(pattern, (Path(name) for name in names if Path(name).is_file()))


def _named(pattern: str, paths: Iterator[Path]) -> list[Source]:
    sources = [Source(path, _shown(path)) for path in sorted(paths, key=_natural)]
    if not sources:
        raise SourceError(
            "no such file",
            where=pattern,
            hint="name files, folders, globs, or - for standard input",
        )
    return sources


def _shown(path: Path) -> str:
    # A name that is no UTF-8 carries surrogates, which no file or terminal can be given.
    return str(path).encode("utf-8", "replace").decode()


def _natural(path: Path) -> list[tuple[int, int, str]]:
    # Digits compare as numbers; numbers and texts never meet in one place of the list.
    parts = re.split(r"([0-9]+)", str(path))
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _stdin(scratch: Path) -> Source:
    return _spooled(sys.stdin.buffer, scratch, "stdin")


def _pipe(path: Path, scratch: Path) -> Source:
    with path.open("rb") as pipe:
        return _spooled(pipe, scratch, str(path))


def _spooled(stream: BinaryIO, scratch: Path, name: str) -> Source:
    target = scratch / f"spool-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    try:
        with target.open("wb") as file:
            shutil.copyfileobj(stream, file, _MIB)
    except OSError as error:
        raise SourceError(
            f"cannot be spooled: {error.strerror}",
            where=name,
            hint="set engine.temp_directory to a disk with room",
        ) from error
    return Source(target, name)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    # Of a damaged archive, what is readable is what will be read.
    with suppress(_bytes.BrokenPackingError):
        for piece in _bytes.plain_chunks(path):
            digest.update(piece)
    return digest.hexdigest()


def _unreadable(name: str, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read: {error.strerror}", where=name, hint="check its permissions"
    )

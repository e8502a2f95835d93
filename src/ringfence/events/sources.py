"""The sources of a scan: files and Arrow data, each recognised when it comes again."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from ringfence.engine import ArrowData, Engine
from ringfence.errors import EngineError, SourceError
from ringfence.events.fingerprint import Content, content_of

_MIB: Final = 1 << 20
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://")
_MAGIC: Final = re.compile(r"[*?]|\[[^\]]+\]")
_NO_ROOM: Final = "set engine.temp_directory to a disk with room"


@dataclass(frozen=True)
class Source:
    """A file of access records.

    Attributes:
        path: the file to read.
        name: the name that messages show; ``stdin`` for standard input.
        content: what identifies the content, if it is known already.
        table: whether the program passed the records as a table in memory.
        named: whether the file will have the same name when it comes again. Standard input, pipes
            and tables do not.
    """

    path: Path
    name: str
    content: Content | None = None
    table: bool = False
    named: bool = True

    @property
    def lasting_name(self) -> str:
        """The absolute path behind all links; empty if the source has no lasting name."""
        return _shown(Path(os.path.realpath(self.path))) if self.named else ""

    def identify(self, lengths: Iterable[int] = ()) -> Content:
        """Return what identifies the content.

        It is SHA-256 of the unpacked content. The name and the compression play no part: a log that
        log rotation renames and compresses is the same source.

        Args:
            lengths: lengths in bytes at which the beginning of the content is identified as well.

        Raises:
            SourceError: the file cannot be read.
        """
        if self.content:
            return self.content
        try:
            self.path.stat()
            return content_of(self.path, lengths)
        except OSError as error:
            raise SourceError(
                f"cannot be read: {error.strerror}", where=self.name, hint="check its permissions"
            ) from error

    def as_file(self, engine: Engine) -> Source:  # noqa: ARG002 - other sources need one
        """Return the source itself: it is a file already."""
        return self


@dataclass(frozen=True)
class ArrowSource:
    """Access records in memory: an Arrow table or reader, or a frame of pandas or Polars.

    Attributes:
        data: the records; they are read once.
        name: the name that messages show.
    """

    data: ArrowData = field(repr=False)
    name: str

    def as_file(self, engine: Engine) -> Source:
        """Write the records to a Parquet file in the engine's scratch folder, and return that.

        The content is identified by column names, types and rows. The order of the rows and how
        they are divided into batches play no part.

        Raises:
            SourceError: the data cannot be read, or there is no room for them.
        """
        path = engine.scratch / f"arrow-{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"
        try:
            engine.arrow_table("arrow_source", self.data)
            content = _content(engine)
            engine.copy("FROM arrow_source", path)
            engine.run("DROP TABLE arrow_source")
        except EngineError as error:
            raise SourceError(
                f"cannot be read: {error.what}", where=self.name, hint=error.hint
            ) from error
        return Source(path, self.name, Content(content), table=True, named=False)


AnySource = Source | ArrowSource
"""A source that a ledger can fold."""


def find_sources(
    patterns: Iterable[str | Path | ArrowData], scratch: Path
) -> list[Source | ArrowSource]:
    """Find the sources that are named: files, folders, globs, ``-`` and Arrow data.

    Inside a folder, and for a glob, files and folders are skipped whose names start with ``.`` or
    ``_``, as Spark and Hive do. Names such as ``_year=2026`` are partitions and are not skipped.
    A file that is named outright is always taken.

    Args:
        patterns: in the order to read. Files of a glob or folder are sorted with numbers in order:
            ``log.2`` comes before ``log.10``. A file that is named twice is listed once.
        scratch: an existing folder, where standard input is stored.

    Returns:
        At least one source per pattern. Arrow data are called ``Arrow table 1`` and so on.

    Raises:
        SourceError: a pattern names no file, is a URL, or standard input cannot be stored.
    """
    found: dict[object, Source | ArrowSource] = {}
    tables = 0
    for pattern in patterns:
        if isinstance(pattern, ArrowData):
            tables += 1
            found[tables] = ArrowSource(pattern, f"Arrow table {tables}")
            continue
        for source in _files(str(pattern), scratch):
            found.setdefault(source.path.absolute(), source)
    return list(found.values())


@contextmanager
def errors_named(source: Source, engine: Engine) -> Iterator[None]:
    """Name the source, not its temporary file, in errors raised inside the block."""

    def named(text: str) -> str:
        return temporary.sub(source.name, text.replace(str(source.path), source.name))

    temporary = re.compile(re.escape(str(engine.scratch)) + r"[\w./+-]*")
    try:
        yield
    except SourceError as error:
        where = named(error.where) or source.name
        raise type(error)(named(error.what), where=where, hint=named(error.hint)) from error
    except EngineError as error:
        raise SourceError(
            f"cannot be read: {named(error.what)}", where=source.name, hint=error.hint
        ) from error


def _files(pattern: str, scratch: Path) -> list[Source]:
    if pattern == "-":
        return [_standard_input(scratch)]
    path = Path(pattern)
    if path.is_dir():
        return _sources(_visible(path, path.rglob("*"))) or _nothing(pattern, path)
    if path.exists():
        # Named outright, it is taken as it is, even with glob characters in the name.
        return [_pipe(path, scratch) if path.is_fifo() else Source(path, _shown(path))]
    # Path.glob takes no absolute pattern.
    names = glob.glob(pattern, recursive=True)  # noqa: PTH207
    return _sources(_matches(pattern, map(Path, names))) or _nothing(pattern, path)


def _matches(pattern: str, paths: Iterable[Path]) -> Iterable[Path]:
    """Leave out the hidden files among those that a glob matches, unless it asks for them."""
    parts = Path(pattern).parts
    if any(_hidden(part) for part in parts):
        return paths
    fixed = next((n for n, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return _visible(Path(*parts[:fixed]), paths)


def _visible(folder: Path, paths: Iterable[Path]) -> Iterator[Path]:
    return (
        path for path in paths if not any(_hidden(part) for part in path.relative_to(folder).parts)
    )


def _hidden(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _sources(paths: Iterable[Path]) -> list[Source]:
    files = sorted((path for path in paths if path.is_file()), key=_natural)
    return [Source(path, _shown(path)) for path in files]


def _nothing(pattern: str, path: Path) -> list[Source]:
    """Explain why a pattern matches no file."""
    if path.is_dir():
        what, hint = "the folder has no files to read", "names that start with . or _ are skipped"
    elif _URL.match(pattern):
        what = "is a URL, and only local files are read"
        hint = "copy the files to a local folder first, or pass an Arrow table from Python"
    elif _MAGIC.search(pattern):
        what, hint = "no file matches this pattern", "check the folder, and quote the pattern"
    else:
        what, hint = "no such file", "name files, folders, globs, or - for standard input"
    raise SourceError(what, where=pattern, hint=hint)


def _shown(path: Path) -> str:
    # A name that is not UTF-8 contains surrogates, which no file or terminal can show.
    return str(path).encode("utf-8", "replace").decode()


def _natural(path: Path) -> list[tuple[int, int, str]]:
    # Digits compare as numbers; numbers and texts never meet in one place of the list.
    parts = re.split(r"([0-9]+)", str(path))
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _standard_input(scratch: Path) -> Source:
    # It may have been closed, and a program may have put something else in its place.
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise SourceError("is closed", where="stdin", hint="pipe a log into the command")
    return _stored(stream, scratch, "stdin")


def _pipe(path: Path, scratch: Path) -> Source:
    with path.open("rb") as pipe:
        return _stored(pipe, scratch, str(path))


def _stored(stream: BinaryIO, scratch: Path, name: str) -> Source:
    target = scratch / f"spool-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    try:
        with target.open("wb") as file:
            shutil.copyfileobj(stream, file, _MIB)
    except OSError as error:
        raise SourceError(
            f"cannot be stored: {error.strerror}", where=name, hint=_NO_ROOM
        ) from error
    return Source(target, name, named=False)


def _content(engine: Engine) -> str:
    """Return what identifies the rows of the table ``arrow_source``, in any order."""
    rows = "SELECT count(*), CAST(sum(hash(t)) AS VARCHAR) FROM arrow_source AS t"
    facts = (engine.describe("arrow_source"), engine.rows(rows))
    return hashlib.sha256(repr(facts).encode()).hexdigest()

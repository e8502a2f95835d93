"""The sources of a scan: files and Arrow data, each recognised when it comes again."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

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
        return shown_name(Path(os.path.realpath(self.path))) if self.named else ""

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


def shown_name(path: Path) -> str:
    """Return a file's name as text that a file or a terminal can show."""
    # A name that is not UTF-8 contains surrogates, which no file or terminal can show.
    return str(path).encode("utf-8", "replace").decode()


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


def _content(engine: Engine) -> str:
    """Return what identifies the rows of the table ``arrow_source``, in any order."""
    rows = "SELECT count(*), CAST(sum(hash(t)) AS VARCHAR) FROM arrow_source AS t"
    facts = (engine.describe("arrow_source"), engine.rows(rows))
    return hashlib.sha256(repr(facts).encode()).hexdigest()

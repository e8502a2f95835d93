"""The sources of a scan: files and Arrow data, each recognised when it comes again."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ringfence.engine import ArrowData, Engine
from ringfence.errors import EngineError, SourceError
from ringfence.events.fingerprint import Content, content_of
from ringfence.events.steady_files import Stamp, changed, check_holes, copy_beginning
from ringfence.reading_settings import EventSettings


@dataclass(frozen=True)
class ReadingGuide:
    """How a part of a longer log is read: as the whole of it.

    The format and the columns of a log are learned from its first lines, which a part may lack.

    Attributes:
        events: how the log is read, in the place of the ``[events]`` of the settings.
        beginning: file with the first lines of the log, from which format and columns are learned.
    """

    events: EventSettings
    beginning: Path


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
        stamp: the state in which the file was found, if others may write to it. The content is what
            the file had then.
        origin: the file of which ``path`` is a copy, if it is one.
        guide: how it is read, if it is a part of a longer log.
        follows: time of an event before this source, UTC without zone. If the clock of this
            machine is more than a day behind it, the clock is wrong, and later events count.
    """

    path: Path
    name: str
    content: Content | None = None
    table: bool = False
    named: bool = True
    stamp: Stamp | None = None
    origin: Path | None = None
    guide: ReadingGuide | None = None
    follows: datetime | None = None

    @property
    def lasting_name(self) -> str:
        """The absolute path behind all links; empty if the source has no lasting name."""
        place = os.path.realpath(self.origin or self.path)
        return shown_name(Path(place)) if self.named else ""

    @property
    def has_changed(self) -> bool:
        """Whether somebody has written to the file, moved or removed it since it was found."""
        return self.stamp is not None and self.stamp != Stamp.of(self.path)

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
            return content_of(self.path, lengths, self.stamp.size if self.stamp else None)
        except OSError as error:
            raise _unreadable(self, error) from error

    def as_file(self, engine: Engine) -> Source:
        """Return the source itself or, if the file has grown, a copy of what was in it.

        Raises:
            SourceError: the file was replaced or has become shorter, or consists of holes.
        """
        if self.stamp is None:
            return self
        check_holes(self.path, self.name)
        if not self.has_changed:
            return self
        mark = hashlib.sha256(os.fsencode(self.path.absolute())).hexdigest()[:16]
        copy = engine.scratch / f"grown-{mark}"
        copy_beginning(self.path, self.stamp, copy, self.name)
        found = replace(self, path=copy, content=None, stamp=None, origin=self.path)
        if self.content and self.content.fingerprint != found.identify().fingerprint:
            raise changed(self.name)
        return replace(found, content=self.content)

    def check_unchanged(self) -> None:
        """Check that everything that was read of the file belongs together.

        Raises:
            SourceError: the file has changed since it was found.
        """
        if self.has_changed:
            raise changed(self.name)


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


OnError = Callable[[SourceError], None]
"""A function for the error about a source. If it returns, the source is left out."""


def stop_at_error(error: SourceError) -> None:
    """Let no source be left out.

    Raises:
        SourceError: always the given one.
    """
    raise error


@contextmanager
def errors_named(source: Source, engine: Engine) -> Iterator[None]:
    """Name the source, not its temporary file, in errors raised inside the block.

    Raises:
        SourceError: the source cannot be read; it may have been removed since it was found.
    """

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
    except OSError as error:
        if error.filename is None or Path(os.fsdecode(error.filename)) != source.path:
            raise
        raise _unreadable(source, error) from error


def _unreadable(source: Source, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read: {error.strerror}", where=source.name, hint="check its permissions"
    )


def _content(engine: Engine) -> str:
    """Return what identifies the rows of the table ``arrow_source``, in any order."""
    rows = "SELECT count(*), CAST(sum(hash(t)) AS VARCHAR) FROM arrow_source AS t"
    facts = (engine.describe("arrow_source"), engine.rows(rows))
    return hashlib.sha256(repr(facts).encode()).hexdigest()

"""Cut a sample of a source: its first part, a few later parts of a plain file, whole lines only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ringfence.engine import Engine
from ringfence.errors import EngineError, SourceError
from ringfence.events import AnySource, Source, plain_beginning
from ringfence.events.formats.source_columns import parquet_sql

FILES: Final = 16
"""Files of which a sample is read, spread over all that are named."""

_BUDGET: Final = 4 << 20
"""Bytes of the first parts of all files together."""

_SMALLEST: Final = 256 << 10
"""Bytes of a first part, however many files there are."""

_LONGEST_LINE: Final = 16 << 20
"""Bytes after which a file without a line end is cut."""

_LATER: Final = 4
"""Later parts of a plain file, each a sixteenth of the first one."""

_ROWS: Final = 50_000
"""Rows of a Parquet file or a table."""


@dataclass(frozen=True)
class Sample:
    """A part of a source, as a source of its own.

    Attributes:
        source: the part; its name is that of the whole.
        bytes: size of the part, unpacked.
        of_bytes: size of the file.
        whole: whether the part is everything.
    """

    source: Source
    bytes: int
    of_bytes: int
    whole: bool


def chosen_sources(sources: Sequence[AnySource]) -> Sequence[AnySource]:
    """Return the sources of which a sample is read: all if they are few, else spread evenly."""
    if len(sources) <= FILES:
        return sources
    steps = [n * (len(sources) - 1) // (FILES - 1) for n in range(FILES)]
    return [sources[n] for n in steps]


def take_sample(engine: Engine, source: AnySource, number: int, sources: int) -> Sample:
    """Copy a sample of a source into the engine's scratch folder.

    Args:
        engine: for tables and Parquet files, of which the first 50,000 rows are the sample.
        source: a file or a table.
        number: number of the source, which names its sample.
        sources: number of sources that share the time for reading.

    Raises:
        SourceError: the source cannot be read.
    """
    file = source.as_file(engine)
    target = engine.scratch / f"sample-{number}.log"
    try:
        size = file.path.stat().st_size
        with file.path.open("rb") as stream:
            parquet = stream.read(4) == b"PAR1"
        if parquet:
            return _rows(engine, file, target, size)
        first = max(_SMALLEST, _BUDGET // sources)
        return _text(file, target, size, first)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=file.name, hint="check its permissions"
        ) from error


def _rows(engine: Engine, file: Source, target: Path, size: int) -> Sample:
    """Sample the first rows. A damaged file is its own sample: reading it says what is wrong."""
    table = parquet_sql(file.path)
    try:
        rows = engine.rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - quoted
        if rows <= _ROWS:
            return Sample(file, size, size, whole=True)
        engine.copy(f"SELECT * FROM {table} LIMIT {_ROWS}", target)  # noqa: S608 - quoted
    except EngineError:
        return Sample(file, size, size, whole=True)
    part = Source(target, file.name, table=file.table)
    return Sample(part, size * _ROWS // rows, size, whole=False)


def _text(file: Source, target: Path, size: int, first: int) -> Sample:
    """Sample lines. A compressed file has no later parts, because it is unpacked from its start."""
    head, packed, whole = plain_beginning(file.path, first)
    if whole:
        return Sample(file, len(head), size, whole=True)
    if b"\n" not in head:
        head, packed, whole = plain_beginning(file.path, _LONGEST_LINE)
    head = head[: head.rfind(b"\n") + 1] or head
    # Parts of one JSON document mean nothing without its beginning.
    spread = not packed and not head.lstrip().startswith(b"[")
    with target.open("wb") as sample, file.path.open("rb") as stream:
        sample.write(head)
        for part in _later(stream, len(head), size, first // 16) if spread else ():
            sample.write(part)
        written = sample.tell()
    return Sample(Source(target, file.name), written, size, whole=False)


def _later(stream: BinaryIO, start: int, size: int, length: int) -> Iterator[bytes]:
    """Yield whole lines from places spread over the rest of a file; the last part is its end."""
    for number in range(1, _LATER + 1):
        place = start + (size - start - length) * number // _LATER
        if place <= start:
            continue
        stream.seek(place)
        lines = stream.read(length)
        begin, end = lines.find(b"\n") + 1, lines.rfind(b"\n") + 1
        yield lines[begin:end] if begin else b""

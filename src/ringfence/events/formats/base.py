"""The interface of a format: recognise it, open it, and parse one line tolerantly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from ringfence.engine import Engine
from ringfence.events.csv_options import OnBadLine
from ringfence.settings import EventSettings

RAW_COLUMNS = (
    "time",
    "login",
    "ip",
    "forwarded",
    "client",
    "method",
    "url",
    "status",
    "bytes",
    "seconds",
    "records",
    "item",
    "group",
    "surface",
    "device",
    "payment",
    "signed_up",
    "referrer",
    "assets",
)
"""The columns of a raw relation: all VARCHAR, NULL if the line has no value or ``-``.

``ip`` is the address that the source names, as written there, perhaps with a port. ``forwarded`` is
the list of addresses that proxies passed on (X-Forwarded-For), as written there."""


@dataclass(frozen=True)
class FastPath:
    """A source as the engine's own reader gives it.

    Attributes:
        reader: returns, for a file, a SELECT with exactly :data:`RAW_COLUMNS` that reads it through
            the engine's own reader. Lines that the reader rejects are not in it. The second
            argument says whether the engine lists them.
        path: the file to read; it may be a copy of the source.
        present: the raw columns that the source has.
        time: SQL that gives the raw column ``time`` as a TIMESTAMP in UTC, or NULL if it is not a
            time. The rows of the tolerant path use it, too. If ``select`` gives a TIMESTAMP already
            (Parquet does, for speed), it is just ``time``.
        signed_up: the same for the raw column ``signed_up``.
        seconds: SQL that gives the raw column ``seconds`` as a number of seconds.
        assumed: assumptions about the format: (name, value, setting that changes it).
        unused: the source's own columns that are not used.
        format: name of the format, if it says more than :attr:`Format.name`.
        quotes: what the reader takes a line end inside quotes for. ``none``: the end of a line.
            ``line``: part of a field, although each record of this format is one line. ``record``:
            part of a field, as the format has it.
        header: whether the first line names the columns.
        comment: the beginning of lines without a record; empty if there are none.
        numbered: a SELECT with the columns of ``select``, ``line`` (the number of the row, from 1)
            and ``line_text`` (the row as text), of a source without lines; empty for others.
        rows: the number of rows that a source without lines declares; None for others.
    """

    reader: Callable[[Path, OnBadLine], str]
    path: Path
    present: frozenset[str]
    time: str
    assumed: tuple[tuple[str, str, str], ...] = field(default=())
    signed_up: str = "CAST(signed_up AS TIMESTAMP)"
    seconds: str = "TRY_CAST(seconds AS DOUBLE)"
    unused: tuple[str, ...] = ()
    format: str = ""
    quotes: Literal["none", "line", "record"] = "none"
    header: bool = False
    comment: bytes = b""
    numbered: str = ""
    rows: int | None = None

    @property
    def select(self) -> str:
        """The SELECT with exactly :data:`RAW_COLUMNS`, which reads the file when it runs."""
        return self.reader(self.path, "skip")


class Format(Protocol):
    """A format of access records, read by the engine's own reader or line by line."""

    name: ClassVar[str]
    by_line: ClassVar[bool]
    """Whether records are lines of text, which the tolerant path can read."""

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether the first lines (without line ends, at most 50) look like this format."""
        ...

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open a plain, gz or zst file for the fast path.

        Raises:
            FormatError: needed columns are missing; the error names the columns that are there.
        """
        ...

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line tolerantly into raw columns, or return None if it is not a record."""
        ...

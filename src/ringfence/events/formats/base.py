"""The interface of a format: recognise it, open it, and parse one line tolerantly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from ringfence.engine import Engine
from ringfence.settings import EventSettings

RAW_COLUMNS = (
    "time",
    "login",
    "ip",
    "client",
    "method",
    "url",
    "status",
    "bytes",
    "seconds",
    "item",
    "group",
    "surface",
    "device",
    "payment",
    "signed_up",
)
"""The columns of a raw relation: all VARCHAR, NULL where the line has none (``-`` counts as
none)."""


@dataclass(frozen=True)
class FastPath:
    """A source as the engine's own reader gives it.

    Attributes:
        select: a SELECT with exactly :data:`RAW_COLUMNS`, lazily reading the source through the
            engine's own reader; lines that reader rejects are not in it.
        present: which of the raw columns the source carries at all.
        time: SQL that types the raw column ``time`` as a TIMESTAMP in UTC, NULL if it cannot;
            it also serves the rows of the tolerant path. Where ``select`` gives ``time`` as a
            TIMESTAMP in UTC already (Parquet does, for speed), it is just ``time``.
        signed_up: the same for the raw column ``signed_up``.
        assumed: what was assumed about the format and how to change it, (name, value, setting).
        unused: the source's own columns that were taken for nothing.
    """

    select: str
    present: frozenset[str]
    time: str
    assumed: tuple[tuple[str, str, str], ...] = field(default=())
    signed_up: str = "CAST(signed_up AS TIMESTAMP)"
    unused: tuple[str, ...] = ()


class Format(Protocol):
    """One format of access records, read by the engine's fast reader or one line at a time."""

    name: ClassVar[str]
    by_line: ClassVar[bool]
    """Whether records are lines of text, so that the tolerant path has something to read."""

    def recognises(self, head: Sequence[str]) -> bool:
        """Say whether these first lines (without line ends, at most 50) look like this format."""
        ...

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open a plain, gz or zst file for the fast path.

        Raises:
            FormatError: the columns needed are not there; the error names those that are.
        """
        ...

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line tolerantly into raw columns, or return None if it is not a record."""
        ...

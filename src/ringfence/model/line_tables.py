"""The tables of a ledger about lines that are not takes; they are part of the declared tables."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

_SOURCE: Final = Column("source", "UINTEGER", "number of the source")

LINE_COUNTS: Final = Table(
    "line_counts",
    "ledger",
    "one row per source and reason, for lines that are not takes",
    (
        _SOURCE,
        Column("reason", "VARCHAR", "why the lines are not takes"),
        Column("lines", "BIGINT", "number of lines"),
        Column("quarantined", "BOOLEAN", "whether these lines could not be read"),
    ),
    lasting=True,
)

QUARANTINED_LINES: Final = Table(
    "quarantined_lines",
    "ledger",
    "one row per line that could not be read; at most 10,000 rows per source and reason",
    (
        _SOURCE,
        Column("number", "BIGINT", "number of the row among those of its source"),
        Column("line", "BIGINT", "line number from 1; 0 for the whole source or if not known"),
        Column("reason", "VARCHAR", "why it could not be read"),
        Column("text", "VARCHAR", "its first 1,000 characters, without secrets"),
    ),
    lasting=True,
)

LINE_TABLES: Final = (LINE_COUNTS, QUARANTINED_LINES)
"""Both tables."""

"""The tables of a ledger file, and the statements that create them.

All tables are *mergeable*: the rows of two slices of a log, put together and merged, are the rows
of the whole log. Their columns are declared in :mod:`ringfence.model.tables`.

The file has each table by account or item twice. ``recent_*`` has the rows of recent sources, each
row with the number of its source, so that a source can be replaced. ``aged_*`` has the merged rows
of all older sources. Every other package reads the two together, under the table's own name, which
is a temporary view (:mod:`ringfence.ledger.compaction`).

Keys are 64-bit hashes of a name, so that no pass over the events has to join a dictionary. With
256 million items the chance that any two share a key is 0.2 % (birthday bound n² / 2⁶⁵). Times are
unsigned 32-bit seconds since 1970 in UTC (until 2106): holdings are the bulk of the ledger, and
half the width is nearly half the time.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.model.table import Column, Table
from ringfence.model.tables import TABLES

SCHEMA_VERSION: Final = 7
"""Raised when a table changes, so that an older file is refused instead of misread."""

OLDER_VERSIONS: Final = frozenset({"4", "5", "6"})
"""Schema versions of files that are brought up to date. They lack the tables of lists, of large
answers, of page loads and of places, versions 4 and 5 that of failed requests, and version 4 the
tables about lines. These are created empty: what was not kept about earlier sources is not
known."""

LEDGER_TABLES: Final[dict[str, Table]] = {
    name: table for name, table in TABLES.items() if table.lasting
}
"""The tables of a ledger by name."""

ALWAYS: Final = frozenset({"sources", "facts"})
"""Tables that ledgers of every version have."""

SLICED: Final[dict[str, Table]] = {
    name: LEDGER_TABLES[name]
    for name in (
        "accounts",
        "items",
        "holdings",
        "hours",
        "failures",
        "listings",
        "large_answers",
        "traffic",
        "page_loads",
        "clients",
        "networks",
        "places",
        "surfaces",
        "devices",
        "payments",
        "signups",
    )
}
"""The tables whose rows come from sources."""

_SOURCE: Final = Column("source", "UINTEGER", "number of the source")

SOURCE_NAMES: Final = Table(
    "source_names",
    "ledger",
    "one row per source and name under which its content was found",
    (_SOURCE, Column("path", "VARCHAR", "absolute path")),
    lasting=True,
)

SOURCE_FACTS: Final = Table(
    "source_facts",
    "ledger",
    "one row per source and fact about it",
    (_SOURCE, Column("name", "VARCHAR", "a column that the source has, or its item rules")),
    lasting=True,
)


def column_names(table: Table) -> str:
    """Return the columns of a table as a list for SELECT."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _create(name: str, columns: str) -> Statement:
    return Statement(f"ledger.create_{name}", f"CREATE TABLE IF NOT EXISTS {name} ({columns})")


CREATE: Final = (
    *(
        _create(name, table.sql)
        for name, table in (
            (*LEDGER_TABLES.items(), *((t.name, t) for t in (SOURCE_NAMES, SOURCE_FACTS)))
        )
        if name not in SLICED
    ),
    *(_create(f"aged_{name}", table.sql) for name, table in SLICED.items()),
    *(_create(f"recent_{name}", f"source UINTEGER, {table.sql}") for name, table in SLICED.items()),
)
"""The statements that create all tables of a ledger that do not exist yet."""

STORED_TABLES: Final = (
    *(name for name in LEDGER_TABLES if name not in SLICED),
    *(one.name for one in (SOURCE_NAMES, SOURCE_FACTS)),
    *(f"{part}_{name}" for part in ("aged", "recent") for name in SLICED),
)
"""The names of all tables in a ledger's file."""

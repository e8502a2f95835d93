"""The statements that create the ledger's tables.

All tables are *mergeable*: the rows of two slices of a log, put together and compacted, are the
rows of the whole log. Their columns are declared in :mod:`ringfence.model.tables`.

Keys are 64-bit hashes of a name, so that no pass over the events has to join a dictionary. With
256 million items the chance that any two share a key is 0.2 % (birthday bound n² / 2⁶⁵). Times are
unsigned 32-bit seconds since 1970 in UTC (until 2106): holdings are the bulk of the ledger, and
half the width is nearly half the time.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.model.table import Table
from ringfence.model.tables import TABLES

SCHEMA_VERSION: Final = 3
"""Raised when a table changes, so that an older file is refused instead of misread."""

LEDGER_TABLES: Final[dict[str, Table]] = {
    name: table for name, table in TABLES.items() if table.lasting
}
"""The tables of a ledger file by name."""

LASTING: Final = frozenset({"holdings", "sources", "facts"})
"""Tables that ledgers of every version have."""

CREATE: Final = tuple(
    Statement(f"ledger.create_{name}", f"CREATE TABLE IF NOT EXISTS {name} ({table.sql})")
    for name, table in LEDGER_TABLES.items()
)

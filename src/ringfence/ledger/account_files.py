"""Copy everything about some accounts from a ledger to a small file, and from there to another one.

A part has the merged rows of its accounts, as all later evidence reads them, in tables with the
names of the merged tables. A ledger to which the part is added has no other rows of these accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.engine.quoting import literal
from ringfence.ledger.compaction import MERGED_SELECTS, SEAMS
from ringfence.ledger.tables import SLICED, column_names
from ringfence.stats.arrays import Keys

PART: Final = "ringfence_part"
"""The name of an attached file in statements."""

PART_ACCOUNTS: Final = "part_accounts"
"""The accounts of a part: a table of the part itself as well."""

_OF_CHOSEN: Final = f"account_key IN (SELECT account_key FROM {PART_ACCOUNTS})"  # noqa: S608 - own names
_OF_HELD: Final = "item_key IN (SELECT item_key FROM holdings_rows)"


def write_merged_accounts(engine: Engine, place: Path, keys: Keys) -> None:
    """Write the accounts of a ledger whose rows are merged and shown already.

    Args:
        engine: with the ledger's tables, see :meth:`ringfence.ledger.Ledger.compact`.
        place: the file, which does not exist.
        keys: of the accounts.
    """
    engine.table(PART_ACCOUNTS, {"account_key": keys})
    held = f"item_key IN (SELECT item_key FROM ledger_holdings WHERE {_OF_CHOSEN})"  # noqa: S608
    selects = {
        name: f"SELECT {column_names(table)} FROM ledger_{name} "  # noqa: S608 - own names
        f"WHERE {held if name == 'items' else _OF_CHOSEN}"
        for name, table in SLICED.items()
    }
    _write(engine, place, selects)


def write_accounts(engine: Engine, place: Path, keys: Keys) -> None:
    """Write the accounts of a ledger that folds go on changing, between two folds.

    Only their rows are merged. The ledger is not changed.

    Args:
        engine: with the ledger's tables.
        place: the file, which does not exist.
        keys: of the accounts.
    """
    engine.table(PART_ACCOUNTS, {"account_key": keys})
    # The rows of items are those of the holdings before them.
    for name in ("holdings", *(one for one in SLICED if one != "holdings")):
        columns, chosen = column_names(SLICED[name]), _OF_HELD if name == "items" else _OF_CHOSEN
        engine.view(
            f"{name}_rows",
            f"SELECT CAST(0 AS UINTEGER) AS source, {columns} FROM aged_{name} "  # noqa: S608
            f"WHERE {chosen} UNION ALL SELECT source, {columns} FROM recent_{name} WHERE {chosen}",
        )
    engine.run(SEAMS)
    _write(engine, place, MERGED_SELECTS)


def _write(engine: Engine, place: Path, selects: dict[str, str]) -> None:
    with attached(engine, place, writable=True):
        chosen = f"SELECT account_key FROM {PART_ACCOUNTS}"  # noqa: S608 - own name
        engine.run(f"CREATE TABLE {PART}.{PART_ACCOUNTS} AS {chosen}")
        for name, select in selects.items():
            engine.run(f"CREATE TABLE {PART}.{name} AS {select}")


@contextmanager
def attached(engine: Engine, path: Path, *, writable: bool = False) -> Iterator[None]:
    """Open a scope in which statements reach the tables of a file under the name :data:`PART`."""
    mode = "" if writable else " (READ_ONLY)"
    engine.run(f"ATTACH {literal(str(path.absolute()))} AS {PART}{mode}")
    try:
        yield
    finally:
        engine.run(f"DETACH {PART}")


def add_accounts(engine: Engine, path: Path) -> Keys:
    """Put the accounts of a part in the place of what a ledger has about them; return their keys.

    Args:
        engine: with the tables of a ledger that keeps no sources apart.
        path: the file of the part.
    """
    with attached(engine, path), engine.transaction():
        for name, table in SLICED.items():
            columns = column_names(table)
            if name == "items":
                new = "item_key NOT IN (SELECT item_key FROM aged_items)"
            else:
                new = "TRUE"
                engine.run(
                    f"DELETE FROM aged_{name} "  # noqa: S608 - own names
                    f"WHERE account_key IN (SELECT account_key FROM {PART}.{PART_ACCOUNTS})"
                )
            engine.run(
                f"INSERT INTO aged_{name} ({columns}) "  # noqa: S608 - own names
                f"SELECT {columns} FROM {PART}.{name} WHERE {new}"
            )
        query = f"SELECT account_key FROM {PART}.{PART_ACCOUNTS} ORDER BY account_key"  # noqa: S608
        return engine.columns(query)["account_key"]


def keep_accounts(engine: Engine, table: str) -> None:
    """Remove all accounts from a ledger that are not in a table.

    Args:
        engine: with the tables of a ledger that keeps no sources apart.
        table: name of a table with the column ``account_key``.
    """
    for name in SLICED:
        if name != "items":
            engine.run(
                f"DELETE FROM aged_{name} "  # noqa: S608 - own names
                f"WHERE account_key NOT IN (SELECT account_key FROM {table})"
            )

"""Search a dump for the marks of all accounts that a ledger or a list knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import ArrowData, Engine, Statement, open_engine
from ringfence.errors import EngineError, LeakError
from ringfence.leaks.dump_values import (
    open_leak_table,
    open_values,
    table_column,
    unreadable_data,
)
from ringfence.leaks.dumps import UnreadableRecords
from ringfence.leaks.marks.detect import (
    DEFAULT_ERROR,
    Detection,
    DetectionStep,
    MarkedRows,
    detect_marks,
)
from ringfence.leaks.marks.keys import open_mark_keys
from ringfence.leaks.marks.values import ValueUnit, parse_values
from ringfence.ledger import LedgerReader, open_ledger
from ringfence.settings import Settings
from ringfence.stats.arrays import Names, Rows

MOST_ITEMS: Final = 200_000
"""Items of a dump that are compared. Of a larger dump, items are sampled by a hash."""

HELD_ROWS: Final = Statement(
    "leaks.held_rows",
    """
SELECT a.account, m."row"
FROM marked_items AS m
JOIN holdings AS h ON h.item_key = hash(m.item)
JOIN accounts AS a ON a.account_key = h.account_key
ORDER BY a.account, m."row"
""",
)
"""The rows of a dump that each account of the ledger may have given."""

ALL_ACCOUNTS: Final = Statement("leaks.accounts", "SELECT account FROM accounts ORDER BY account")


@dataclass(frozen=True)
class MarkColumns:
    """Names of columns of the dump and of the catalogue.

    Attributes:
        item: column with the item.
        field: column with the marked value, and the name of the field as the marker had it.
        value: column of the dump with the value, if it has another name there.
        unit: unit of plain numbers in the dump; None finds it out.
    """

    item: str = "item"
    field: str = "duration_ms"
    value: str = ""
    unit: ValueUnit | None = None


def search_marks(  # noqa: PLR0913 - one parameter per file
    dump: Path | ArrowData,
    keys: Path,
    *,
    ledger: Path | None = None,
    accounts: Path | ArrowData | None = None,
    catalogue: Path | ArrowData | None = None,
    columns: MarkColumns | None = None,
    settings: Settings | None = None,
    error: float = DEFAULT_ERROR,
    step: DetectionStep | None = None,
) -> Detection:
    """Return the accounts whose marks a dump carries; see :func:`detect_marks`.

    Args:
        dump: file or table with a column of items and one of values.
        keys: the file with the keys of the marks.
        ledger: of all accounts; each is compared on the items that it holds.
        accounts: file or table with the column ``account``, which is compared on all rows. Give it
            where the ledger has pseudonyms, or not all takes.
        catalogue: file or table with the true values; optional.
        columns: names of columns.
        settings: of the engine.
        error: the chance of naming any account that took no part.
        step: receives the share of the work that is done.

    Raises:
        LeakError: a file cannot be read, or has no such column.
        LedgerError: the ledger cannot be read.
        SettingsError: the keys cannot be read.
    """
    columns, settings = columns or MarkColumns(), settings or Settings()
    found = open_mark_keys(keys)
    with open_engine(settings.engine) as engine:
        rows, unreadable = _rows(engine, dump, catalogue, columns)
        listed = None if accounts is None else _accounts(engine, accounts)
    if listed is None and ledger is None:
        raise LeakError(
            "no accounts are given to compare with", hint="give --ledger FILE or --accounts FILE"
        )
    held = None
    if listed is None and ledger is not None:
        with open_ledger(ledger, settings) as reader:
            listed, held = _held(reader, rows)
    detected = detect_marks(rows, listed or [], found, held=held, error=error, step=step)
    return replace(detected, unreadable=unreadable)


def _rows(
    engine: Engine,
    dump: Path | ArrowData,
    catalogue: Path | ArrowData | None,
    columns: MarkColumns,
) -> tuple[MarkedRows, UnreadableRecords]:
    """Read items and values of the dump, and the true values of these items."""
    wanted = {"item": columns.item, "value": columns.value or columns.field}
    unreadable = open_values(engine, dump, list(wanted.values())).store(wanted)
    true = "CAST(NULL AS VARCHAR)"
    join = ""
    if catalogue is not None:
        known = open_leak_table(engine, catalogue, "catalogue")
        its_item = table_column(known, columns.item, "catalogue")
        its_value = table_column(known, columns.field, "catalogue")
        engine.view(
            "true_values",
            f"SELECT {its_item} AS item, any_value(CAST({its_value} AS VARCHAR)) AS value "  # noqa: S608 - as above
            f"FROM {known.source} GROUP BY 1",
        )
        true, join = "t.value", "LEFT JOIN true_values AS t ON t.item = d.item"
    try:
        size = engine.rows("SELECT count(DISTINCT item) FROM dump_values")[0][0]
        part = -(-int(size) // MOST_ITEMS) or 1
        read = engine.columns(
            f"SELECT d.item, d.value, {true} AS true_value FROM dump_values AS d {join} "  # noqa: S608 - constants
            f"WHERE d.item IS NOT NULL AND hash(d.item) % {part} = 0 ORDER BY d.item, d.value"
        )
    except EngineError as failure:
        raise unreadable_data(engine, failure, dump) from failure
    true_values = parse_values(_texts(read["true_value"]), "unit") if join else None
    values = parse_values(_texts(read["value"]), columns.unit)
    items = [str(one) for one in read["item"]]
    return MarkedRows(columns.field, items, values, true_values), unreadable


def _held(reader: LedgerReader, rows: MarkedRows) -> tuple[list[str], list[Rows]]:
    """Return all accounts of the ledger, and the rows of the dump that each of them holds."""
    engine = reader.engine
    items = np.array([str(one) for one in rows.items], dtype=object)
    engine.table("marked_items", {"row": np.arange(items.size), "item": items})
    accounts = [str(row[0]) for row in engine.rows(ALL_ACCOUNTS)]
    found = engine.columns(HELD_ROWS)
    names = found["account"].astype(str)
    starts = np.searchsorted(names, np.array([*accounts, ""], dtype=str)[:-1])
    ends = np.searchsorted(names, np.array([*accounts, ""], dtype=str)[:-1], side="right")
    positions = found["row"].astype(np.intp)
    return accounts, [positions[a:b] for a, b in zip(starts, ends, strict=True)]


def _accounts(engine: Engine, accounts: Path | ArrowData) -> list[str]:
    table = open_leak_table(engine, accounts, "accounts")
    column = table_column(table, "account", "accounts")
    query = f"SELECT DISTINCT {column} AS account FROM {table.source} WHERE {column} IS NOT NULL"  # noqa: S608 - quoted by the engine
    try:
        return sorted(str(row[0]) for row in engine.rows(query))
    except EngineError as failure:
        raise unreadable_data(engine, failure, accounts) from failure


def _texts(values: Names) -> list[object]:
    """Return values as text or None; the engine masks what is NULL."""
    return np.ma.asarray(values).tolist() if np.ma.isMaskedArray(values) else list(values)

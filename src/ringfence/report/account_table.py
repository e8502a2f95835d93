"""Read ``accounts.parquet``: every account that a scan scored."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from ringfence.engine import open_engine
from ringfence.errors import EngineError, SourceError
from ringfence.events.formats.source_columns import path_sql
from ringfence.model.output_tables import PER_TEST, AccountRow, columns
from ringfence.report.jsonl import FOLDER_HINT, foreign
from ringfence.suggestions import closest

DETAIL_COLUMNS: Final = tuple(one.name for one in fields(AccountRow) if one.default is None)
"""The columns that are empty where nothing is known, and absent from older files."""

COLUMNS: Final = {
    column.name: column.type
    for column in columns(AccountRow)
    if "<" not in column.name and column.name not in DETAIL_COLUMNS
}
"""The columns that every table has and their types, without those of the tests."""

NAME_CANDIDATES: Final = 200
"""Number of names that SQL selects as similar before they are compared exactly."""

_ROW: Final = "SELECT * FROM scored WHERE account = $name"

_BEGINNING: Final = "SELECT account FROM scored WHERE starts_with(account, $start)"

_SIMILAR: Final = """
WITH names AS (
  SELECT account AS name FROM scored
  UNION
  SELECT unnest($others) AS name
),
compared AS (
  SELECT name, jaro_winkler_similarity(lower(name), lower($name)) AS similarity FROM names
)
SELECT name FROM compared ORDER BY similarity DESC, name LIMIT $limit
"""


@dataclass(frozen=True)
class AccountTable:
    """The table in a file.

    Every method raises SourceError if the file cannot be read or this version did not write it.

    Attributes:
        path: the file.
    """

    path: Path

    def row(self, name: str) -> AccountRow | None:
        """Return the row of the account with this name, or None."""
        rows = self._rows(_ROW, {"name": name}) if _is_storable(name) else []
        if rows and not _is_complete(rows[0]):
            raise foreign(self.path)
        return _row(rows[0]) if rows else None

    def known_row(self, name: str) -> AccountRow:
        """Return the row of an account that the table is known to have."""
        row = self.row(name)
        if row is None:
            raise foreign(self.path)
        return row

    def beginning(self, start: str) -> list[str]:
        """Return the names that begin with a text."""
        rows = self._rows(_BEGINNING, {"start": start}) if _is_storable(start) else []
        return [row["account"] for row in rows]

    def similar(self, name: str, others: list[str]) -> list[str]:
        """Return the names, of accounts and of ``others``, that somebody probably meant.

        A table may have millions of names: SQL selects the most similar ones by their
        Jaro-Winkler similarity, and :func:`ringfence.suggestions.closest` decides.
        """
        typed = name.encode("utf-8", "replace").decode()
        known = {
            "name": typed,
            "others": list(filter(_is_storable, others)),
            "limit": NAME_CANDIDATES,
        }
        return closest(typed, [row["name"] for row in self._rows(_SIMILAR, known)])

    def _rows(self, select: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
        try:
            with open_engine() as engine:
                engine.view("scored", f"SELECT * FROM read_parquet({path_sql(self.path)})")  # noqa: S608 - quoted
                if not _has_columns(engine.describe("scored")):
                    raise foreign(self.path)
                return engine.records(select, parameters)
        except EngineError as error:
            raise SourceError(
                f"cannot be read: {error.what}",
                where=str(self.path),
                hint=FOLDER_HINT,
            ) from error


def _row(values: dict[str, Any]) -> AccountRow:
    known: dict[str, Any] = {name: values.get(name) for name in (*COLUMNS, *DETAIL_COLUMNS)}
    tests = {name: p for name, p in values.items() if name not in known and p is not None}
    return AccountRow(
        **known,
        tests={name.removeprefix(PER_TEST): p for name, p in tests.items() if math.isfinite(p)},
    )


def _has_columns(types: dict[str, str]) -> bool:
    """Return whether a table has the columns that a scan writes, and no others."""
    known = {*COLUMNS, *DETAIL_COLUMNS}
    tests = {name: kind for name, kind in types.items() if name not in known}
    return types.items() >= COLUMNS.items() and all(
        name.startswith(PER_TEST) and kind == "DOUBLE" for name, kind in tests.items()
    )


def _is_complete(row: dict[str, Any]) -> bool:
    return all(row[name] is not None for name in COLUMNS) and math.isfinite(row["p_value"])


def _is_storable(name: str) -> bool:
    """Return whether the table can hold a text: a terminal may pass text that is not Unicode."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

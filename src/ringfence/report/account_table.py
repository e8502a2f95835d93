"""``accounts.parquet``, read back: every account that a scan scored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringfence.engine import DuckDBEngine, literal
from ringfence.errors import EngineError, SourceError

COLUMNS: Final = {
    "account": "VARCHAR",
    "items": "BIGINT",
    "uses": "BIGINT",
    "first": "UINTEGER",
    "last": "UINTEGER",
    "verdict": "VARCHAR",
    "p_value": "DOUBLE",
}
"""What the table has besides one column a test, as wide as this, ``p_`` and its name."""

LEAST_ALIKE: Final = 0.75
"""Jaro–Winkler similarity (in [0, 1]) below which a name is no likely slip of the pen."""

_ROW: Final = "SELECT * FROM judged WHERE account = $name"

_BEGINNING: Final = "SELECT account FROM judged WHERE starts_with(account, $start)"

_LIKE: Final = """
WITH names AS (
  SELECT account AS name FROM judged
  UNION
  SELECT unnest($others) AS name
),
alike AS (
  SELECT name, jaro_winkler_similarity(lower(name), lower($name)) AS alike FROM names
)
SELECT name FROM alike WHERE alike >= $least ORDER BY alike DESC, name LIMIT 3
"""


@dataclass(frozen=True)
class AccountTable:
    """The table in a file. What is asked of it raises SourceError if it cannot be read or is other.

    Attributes:
        path: the file.
    """

    path: Path

    def row(self, name: str) -> dict[str, Any] | None:
        """Return what the table has of the account with this name; None if it knows none."""
        rows = self._rows(_ROW, {"name": name}) if _storable(name) else []
        if rows and not _complete(rows[0]):
            raise _foreign(self.path)
        return rows[0] if rows else None

    def beginning(self, start: str) -> list[str]:
        """Return the names that begin so."""
        rows = self._rows(_BEGINNING, {"start": start}) if _storable(start) else []
        return [row["account"] for row in rows]

    def like(self, name: str, others: list[str]) -> list[str]:
        """Return at most three names, of accounts and of others, that look most like this one."""
        typed = name.encode("utf-8", "replace").decode()
        known = {"name": typed, "others": list(filter(_storable, others)), "least": LEAST_ALIKE}
        return [row["name"] for row in self._rows(_LIKE, known)]

    def _rows(self, select: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
        try:
            with DuckDBEngine() as engine:
                engine.view("judged", f"SELECT * FROM read_parquet({literal(str(self.path))})")  # noqa: S608 - quoted
                if not _as_written(engine.describe("judged")):
                    raise _foreign(self.path)
                return engine.records(select, parameters)
        except EngineError as error:
            raise SourceError(
                f"cannot be read: {error.what}",
                where=str(self.path),
                hint="name the folder that a scan wrote, its --out",
            ) from error


def _as_written(types: dict[str, str]) -> bool:
    """Say whether a table has the columns that a scan writes, and of these types."""
    tests = {kind for name, kind in types.items() if name.startswith("p_")}
    return types.items() >= COLUMNS.items() and tests == {"DOUBLE"}


def _complete(row: dict[str, Any]) -> bool:
    return all(row[name] is not None for name in COLUMNS) and math.isfinite(row["p_value"])


def _foreign(path: Path) -> SourceError:
    return SourceError("is not what a scan writes", where=str(path), hint="scan again")


def _storable(name: str) -> bool:
    """Say whether a text can be in the table: what a terminal took for text may be none."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

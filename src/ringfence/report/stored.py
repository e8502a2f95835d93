"""What a scan wrote, read back: one account or ring of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from ringfence.engine import DuckDBEngine
from ringfence.engine.duckdb import literal
from ringfence.errors import SourceError
from ringfence.report.visible import clip, visible

Record = dict[str, Any]
"""A line of ``findings.jsonl``, or an account that is no finding in the same words."""

KEYS: Final = frozenset({"kind", "id", "accounts", "verdict", "p_value", "items", "evidence"})
"""What every finding has."""

LEAST_ALIKE: Final = 0.75
"""Jaro–Winkler similarity (in [0, 1]) below which a name is no likely slip of the pen."""


@dataclass(frozen=True)
class Stored:
    """One account or ring of a scan.

    Attributes:
        record: the finding as ``findings.jsonl`` has it. For an account that is none: ``kind``,
            ``id``, an empty ``verdict``, ``p_value``, ``items``, ``uses``, ``first``, ``last``,
            and ``tests``, its p-values by test.
        rings: findings of rings that the account is a member of.
    """

    record: Record
    rings: tuple[Record, ...] = ()


def read_stored(folder: Path, name: str) -> Stored:
    """Read what a scan found out about an account or a ring.

    Args:
        folder: what ``--out`` named.
        name: id of a finding or name of an account, or, of a finding, what a terminal shows of it.

    Raises:
        SourceError: the folder holds no scan's files, or these know no such name.
    """
    findings = _findings(folder / "findings.jsonl")
    record = _finding(findings, name) or _account(folder / "accounts.parquet", name)
    if record is None:
        raise SourceError(
            f"this scan judged no account and no ring called {name!r}",
            where=str(folder),
            hint=_near(folder / "accounts.parquet", findings, name),
        )
    rings = (one for one in findings if one["kind"] == "ring" and record["kind"] == "account")
    return Stored(record, tuple(one for one in rings if record["id"] in one["accounts"]))


def _findings(path: Path) -> list[Record]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found: list[Record] = [json.loads(line) for line in lines]
        known = all(set(one) >= KEYS for one in found)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="name the folder that a scan wrote, its --out",
        ) from error
    except (ValueError, TypeError):
        known = False
    if not known:
        raise SourceError("is not what a scan writes", where=str(path), hint="scan again")
    return found


def _finding(findings: list[Record], name: str) -> Record | None:
    """Return the finding of this name; else the only one that is shown so, cut or made visible."""
    for one in findings:
        if one["id"] == name:
            return one
    shown = [one for one in findings if name in _shown(one["id"], len(name))]
    return shown[0] if len(shown) == 1 else None


def _shown(name: str, width: int) -> set[str]:
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return {clip(printable, width), clip(visible(name), width)}


def _account(path: Path, name: str) -> Record | None:
    rows = _rows(path, "SELECT * FROM stored WHERE account = $name", {"name": name})
    if not rows:
        return None
    row = rows[0]
    tests = {key[2:]: float(p) for key, p in row.items() if key.startswith("p_") and p is not None}
    fused = tests.pop("value")
    return {
        "kind": "account",
        "id": name,
        "accounts": [name],
        "verdict": row["verdict"],
        "p_value": fused,
        "items": row["items"],
        "uses": row["uses"],
        "first": _instant(row["first"]),
        "last": _instant(row["last"]),
        "tests": {test: p for test, p in tests.items() if np.isfinite(p)},
    }


def _near(path: Path, findings: list[Record], name: str) -> str:
    """Return a hint: the names that look most like this one."""
    statement = """
WITH names AS (
  SELECT account AS name FROM stored
  UNION
  SELECT unnest($ids) AS name
),
alike AS (
  SELECT name, jaro_winkler_similarity(lower(name), lower($name)) AS alike FROM names
)
SELECT name FROM alike WHERE alike >= $least ORDER BY alike DESC, name LIMIT 3
"""
    ids = [one["id"] for one in findings]
    rows = _rows(path, statement, {"ids": ids, "name": name, "least": LEAST_ALIKE})
    names = ", ".join(clip(visible(row["name"]), 40) for row in rows)
    return (
        f"near it: {names}" if names else "findings.jsonl and accounts.parquet list who it judged"
    )


def _rows(path: Path, select: str, parameters: dict[str, object]) -> list[Record]:
    """Run a statement on ``stored``, the table in a file."""
    try:
        with DuckDBEngine() as engine:
            engine.view("stored", f"SELECT * FROM read_parquet({literal(str(path))})")  # noqa: S608 - quoted
            found = engine.connection.execute(select, parameters)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error as error:
        raise SourceError(
            f"cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            hint="name the folder that a scan wrote, its --out",
        ) from error


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"

"""What a scan wrote, read back: one account or ring of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ringfence.errors import SourceError
from ringfence.report.account_table import AccountTable
from ringfence.report.contract import is_finding
from ringfence.report.naming import meant

Record = dict[str, Any]
"""A line of ``findings.jsonl``, or an account that is no finding in the same words."""


@dataclass(frozen=True)
class Stored:
    """One account or ring of a scan.

    Attributes:
        record: the finding as ``findings.jsonl`` has it. For an account that is none: ``kind``,
            ``id``, an empty ``verdict``, ``p_value``, ``items``, ``uses``, ``first``, ``last``,
            ``tests``, its p-values by test, and ``rings``, ids of rings that it is a member of.
        rings: findings of rings that the account is a member of.
    """

    record: Record
    rings: tuple[Record, ...] = ()


def read_stored(folder: Path, name: str) -> Stored:
    """Read what a scan found out about an account or a ring.

    Args:
        folder: what ``--out`` named.
        name: id of a finding, name of an account, or what a screen shows of either.

    Raises:
        SourceError: the folder holds no scan's files, or these know no such name.
    """
    findings = _findings(folder / "findings.jsonl")
    accounts = AccountTable(folder / "accounts.parquet")
    by_id = {one["id"]: one for one in reversed(findings)}
    who = meant(name, list(by_id), accounts)
    record = by_id.get(who) or _account(accounts, who)
    if record["kind"] == "ring":
        return Stored(record)
    rings = tuple(one for one in findings if one["kind"] == "ring" and who in one["accounts"])
    if "tests" in record:
        record["rings"] = [ring["id"] for ring in rings]
    return Stored(record, rings)


def _findings(path: Path) -> list[Record]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found: list[Record] = [json.loads(line) for line in lines]
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="name the folder that a scan wrote, its --out",
        ) from error
    except (ValueError, RecursionError):
        known = False
    else:
        known = all(map(is_finding, found))
    if not known:
        raise SourceError("is not what a scan writes", where=str(path), hint="scan again")
    return found


def _account(accounts: AccountTable, name: str) -> Record:
    row = accounts.row(name) or {}
    tests = {key[2:]: p for key, p in row.items() if key.startswith("p_") and key != "p_value"}
    return {
        "kind": "account",
        "id": name,
        "accounts": [name],
        "verdict": row["verdict"],
        "p_value": row["p_value"],
        "items": row["items"],
        "uses": row["uses"],
        "first": _instant(row["first"]),
        "last": _instant(row["last"]),
        "tests": {test: p for test, p in tests.items() if p is not None and math.isfinite(p)},
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"

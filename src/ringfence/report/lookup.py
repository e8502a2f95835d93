"""Look up one account or ring in the files of a scan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.model.fields import instant_text
from ringfence.model.finding import Finding
from ringfence.model.output_tables import AccountRow
from ringfence.model.records import details_to_json, finding_to_json
from ringfence.report.account_table import AccountTable
from ringfence.report.jsonl import read_findings
from ringfence.report.naming import resolve


@dataclass(frozen=True)
class Subject:
    """One account or ring of a scan.

    Attributes:
        record: the finding, or the row of ``accounts.parquet`` if the account is not a finding.
        rings: findings of the rings that the account is a member of.
    """

    record: Finding | AccountRow
    rings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the finding as in ``findings.jsonl``.

        For any other account, return its row with the keys that a finding has, its
        p-values by test as ``tests``, and the ids of its rings as ``rings``. The address of its
        page in the operator's tools is not in the row.
        """
        if isinstance(self.record, Finding):
            return finding_to_json(self.record)
        row = self.record
        return {
            "kind": "account",
            "id": row.account,
            "accounts": [row.account],
            "verdict": row.verdict,
            "p_value": row.p_value,
            "items": row.items,
            "uses": row.uses,
            "first": instant_text(row.first),
            "last": instant_text(row.last),
            **({"details": details} if (details := details_to_json(row.details)) else {}),
            "tests": row.tests,
            "rings": [ring.id for ring in self.rings],
        }


def look_up(folder: Path, name: str) -> Subject:
    """Return what a scan found out about an account or a ring.

    Args:
        folder: the folder that the scan wrote, its ``--out``.
        name: id of a finding, name of an account, or what a screen shows of either.

    Raises:
        SourceError: the folder does not hold the files of a scan, or the name is not in them.
    """
    path = folder / "findings.jsonl"
    ids = [finding.id for finding in read_findings(path)]
    accounts = AccountTable(folder / "accounts.parquet")
    identity = resolve(name, ids, accounts)
    found, rings = _about(path, identity)
    record = found or accounts.known_row(identity)
    return Subject(record, () if found and found.kind == "ring" else tuple(rings))


def _about(path: Path, identity: str) -> tuple[Finding | None, list[Finding]]:
    """Return the first finding with an id, and the rings with an account of this name."""
    found, rings = None, []
    for finding in read_findings(path):
        if finding.id == identity and found is None:
            found = finding
        if finding.kind == "ring" and identity in finding.accounts:
            rings.append(finding)
    return found, rings

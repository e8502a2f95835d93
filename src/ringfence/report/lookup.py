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
    findings = read_findings(folder / "findings.jsonl")
    accounts = AccountTable(folder / "accounts.parquet")
    by_id = {finding.id: finding for finding in reversed(findings)}
    identity = resolve(name, list(by_id), accounts)
    record = by_id.get(identity) or accounts.known_row(identity)
    if isinstance(record, Finding) and record.kind == "ring":
        return Subject(record)
    rings = (one for one in findings if one.kind == "ring" and identity in one.accounts)
    return Subject(record, tuple(rings))

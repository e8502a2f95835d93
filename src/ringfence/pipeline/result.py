"""What a scan returns to a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ringfence.catalogue import Catalogue
from ringfence.model.finding import Finding
from ringfence.population.robots import Robot
from ringfence.stats.arrays import Columns


@dataclass(frozen=True)
class ScanResult:
    """Findings, tables and everything the scan assumed.

    Attributes:
        findings: most certain first.
        robots: declared robots, largest holdings first.
        accounts: one NumPy array a column, one row an account: ``account``, ``items``, ``uses``,
            ``first``, ``last`` (seconds since 1970, UTC), ``verdict``, ``ring`` (empty of accounts
            that are in none), ``p_value`` and a ``p_<test>`` for each test that ran, NaN where the
            account could not be measured.
        catalogue: what there is to take, in totals, with the coverage curve.
        assumptions: (name, value, setting that changes it).
        counts: ``lines``, ``takes``, ``uses``, ``accounts``, ``items``, ``quarantined``, and
            ``sources``, ``skipped`` (folded into the ledger before).
        quarantine: lines that could not be read, by reason.
        not_takes: events that took nothing, by reason.
        tests_not_run: (test, why).
        notes: what the reader of a result should know of its sources, a sentence each.
        period: first and last take, UTC; None without any.
        files: files written, by kind; empty if no folder was named.
    """

    findings: tuple[Finding, ...]
    robots: tuple[Robot, ...]
    accounts: Columns
    catalogue: Catalogue
    assumptions: tuple[tuple[str, str, str], ...]
    counts: Mapping[str, int]
    quarantine: Mapping[str, int]
    not_takes: Mapping[str, int]
    tests_not_run: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    period: tuple[datetime, datetime] | None
    files: Mapping[str, Path]

    def to_json(self) -> dict[str, Any]:
        """Return a summary for machines; findings are as in ``findings.jsonl``."""
        from ringfence.report import finding_to_json  # noqa: PLC0415 - charts load only for output

        return {
            "findings": [finding_to_json(finding) for finding in self.findings],
            "robots": [
                {"account": r.account, "client": r.client, "items": r.items, "uses": r.uses}
                for r in self.robots
            ],
            "counts": dict(self.counts),
            "quarantine": dict(self.quarantine),
            "not_takes": dict(self.not_takes),
            "assumptions": [
                {"name": name, "value": value, "setting": setting}
                for name, value, setting in self.assumptions
            ],
            "tests_not_run": [{"test": test, "why": why} for test, why in self.tests_not_run],
            "catalogue": {"items": self.catalogue.items, "note": self.catalogue.note},
            "notes": list(self.notes),
            "files": {kind: str(path) for kind, path in self.files.items()},
        }

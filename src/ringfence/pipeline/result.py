"""The result of a scan, as a program gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ringfence.catalogue import Catalogue
from ringfence.model.arrow_table import ArrowTable
from ringfence.model.finding import Finding
from ringfence.model.unread_source import UnreadSource
from ringfence.model.warning import InputWarning
from ringfence.population.granted import GrantedUse
from ringfence.population.robots import Robot


@dataclass(frozen=True, eq=False, repr=False)
class ScanResult:
    """Findings, tables, and everything that the scan assumed.

    The text form is a summary of five lines. In a notebook the summary comes with the coverage
    chart.

    Attributes:
        findings: all findings, those with the fewest expected false findings first.
        robots: declared robots, largest holdings first.
        granted: use under grants of the case store; accounts that stay within them are not judged.
        accounts: one row per account, with the columns and the order of ``accounts.parquet``.
        rings: one row per ring and member, with the columns and the order of ``rings.parquet``.
        catalogue: totals of the catalogue, and its coverage curve.
        assumptions: (name, value, setting that changes it).
        counts: ``lines``, ``takes``, ``uses``, ``accounts``, ``items``, ``quarantined``,
            ``sources``, and ``skipped`` (sources that the ledger already held).
        quarantine: number of unreadable lines, by reason.
        not_takes: number of events that are no use of an item, by reason.
        tests_not_run: (test, reason); empty if there is no account.
        notes: remarks about the sources, one sentence per remark.
        warnings: signs that the input was not read as its owner means it, the gravest first.
        unread: sources that could not be read, and why. The result does not cover them, and the
            command ends with status 2.
        withheld: whether findings are withheld, because a warning says that they would be
            worthless. ``accounts`` and ``rings`` are empty then.
        period: times of the first and last use, UTC; None without a use.
        files: files written, by kind; empty if no folder was given.
    """

    findings: tuple[Finding, ...]
    robots: tuple[Robot, ...]
    granted: tuple[GrantedUse, ...]
    accounts: ArrowTable
    rings: ArrowTable
    catalogue: Catalogue
    assumptions: tuple[tuple[str, str, str], ...]
    counts: Mapping[str, int]
    quarantine: Mapping[str, int]
    not_takes: Mapping[str, int]
    tests_not_run: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    warnings: tuple[InputWarning, ...]
    unread: tuple[UnreadSource, ...]
    withheld: bool
    period: tuple[datetime, datetime] | None
    files: Mapping[str, Path]

    def __repr__(self) -> str:
        """Return a summary of five lines."""
        from ringfence.pipeline.summary import summary_text  # noqa: PLC0415 - imports this module

        return summary_text(self)

    def _repr_html_(self) -> str:
        """Return the summary and the coverage chart, for a notebook."""
        from ringfence.pipeline.summary import summary_html  # noqa: PLC0415 - imports this module

        return summary_html(self)

    def to_json(self) -> dict[str, Any]:
        """Return a summary for machines; findings are as in ``findings.jsonl``."""
        from ringfence.model.records import finding_to_json  # noqa: PLC0415 - only for output

        return {
            "warnings": [warning.to_json() for warning in self.warnings],
            "unread": [one.to_json() for one in self.unread],
            "findings": [finding_to_json(finding) for finding in self.findings],
            "robots": [
                {
                    "account": r.account,
                    "client": r.client,
                    "items": r.items,
                    "uses": r.uses,
                    "verified": r.verified,
                }
                for r in self.robots
            ],
            "grants": [asdict(use) for use in self.granted],
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

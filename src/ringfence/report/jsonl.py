"""``findings.jsonl``: one finding a line, as the contract of the main job says."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ringfence.evidence import Evidence
from ringfence.report.atomic import write_text
from ringfence.verdicts import Finding


def write_findings(findings: Iterable[Finding], path: Path) -> None:
    r"""Write findings, one JSON object a line, in the order given.

    Times are ISO 8601 in UTC with ``Z``; numbers that are not finite become ``null``. All text is
    ASCII with ``\u`` escapes, so that the file does no harm in a terminal.

    Args:
        findings: the findings, ranked.
        path: the file to write; it appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    records = (finding_to_json(finding) for finding in findings)
    write_text(path, (json.dumps(record, allow_nan=False) + "\n" for record in records))


def finding_to_json(finding: Finding) -> dict[str, object]:
    """Return a finding as the contract has it, ready for ``json.dumps``.

    Times become text in UTC with ``Z``; numbers that are not finite become None.
    """
    return {
        "kind": finding.kind,
        "id": finding.id,
        "accounts": list(finding.accounts),
        "verdict": finding.verdict,
        "p_value": _number(finding.p_value),
        "expected_false": _number(finding.expected_false),
        "items": finding.items,
        "coverage": {
            "catalogue": _number(finding.coverage.catalogue),
            "use": _number(finding.coverage.use),
        },
        "first": _instant(finding.first),
        "last": _instant(finding.last),
        "action": finding.action,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "test": evidence.test,
        "observed": _number(evidence.observed),
        "expected": _number(evidence.expected),
        "p_value": _number(evidence.p_value),
        "sentence": evidence.sentence,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _instant(moment: datetime) -> str:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat() + "Z"

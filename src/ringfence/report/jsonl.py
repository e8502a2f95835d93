"""``findings.jsonl``: one finding a line, as the contract of the main job says."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding
from ringfence.model.profile import RingProfile
from ringfence.model.ring import Link
from ringfence.report.atomic import write_text


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

    Times become text in UTC with ``Z``; numbers that are not finite become None. A ring's has one
    key more, ``ring``, where it carries a profile.
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
        **({"ring": _ring(finding.ring)} if finding.ring else {}),
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "test": evidence.test,
        "observed": _number(evidence.observed),
        "expected": _number(evidence.expected),
        "p_value": _number(evidence.p_value),
        "sentence": evidence.sentence,
        "supports": evidence.supports,
    }


def _ring(ring: RingProfile) -> dict[str, object]:
    others = ring.others
    return {
        "test": ring.test,
        "members": [
            {
                "account": member.account,
                "items": member.items,
                "first": _instant(member.first),
                "last": _instant(member.last),
                "observed": _number(member.observed),
                "expected": _number(member.expected),
                "verdict": member.verdict,
                "p_value": _number(member.p_value),
                "shares": [{"attribute": a, "value": value} for a, value in member.shares],
            }
            for member in ring.members
        ],
        "others": {
            "accounts": others.accounts,
            "holdings": others.holdings,
            "items": others.items,
            "collisions": others.collisions,
        },
        "slices": [
            {
                "holders": part.holders,
                "items": part.items,
                "ring": list(part.ring),
                "others": list(part.others),
            }
            for part in ring.slices
        ],
        "growth": [
            {
                "day": point.day.isoformat(),
                "accounts": point.accounts,
                "items": point.items,
                "collisions": point.collisions,
                "expected": _number(point.expected),
            }
            for point in ring.growth
        ],
        "links": [_link(tie) for tie in ring.links],
    }


def _link(tie: Link) -> dict[str, object]:
    return {
        "attribute": tie.attribute,
        "observed": _number(tie.observed),
        "expected": _number(tie.expected),
        "p_value": _number(tie.p_value),
        "values": [
            {"value": value, "members": members, "accounts": accounts}
            for value, members, accounts in tie.values
        ],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _instant(moment: datetime) -> str:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat() + "Z"

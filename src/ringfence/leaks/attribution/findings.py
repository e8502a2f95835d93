"""Make findings of sources, and record them as cases, as a scan does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ringfence.cases import current_states, findings_about, record
from ringfence.leaks.attribution.source import Attribution, LeakSource
from ringfence.model.case_status import CaseStatus
from ringfence.model.evidence import LEAK_TEST, Evidence
from ringfence.model.finding import Coverage, Finding
from ringfence.settings import Settings


def leak_findings(found: Attribution, settings: Settings) -> tuple[Finding, ...]:
    """Return one finding per source, most certain first."""
    return tuple(_finding(one, found, settings) for one in found.sources)


def record_leak(
    connection: Connection, findings: Sequence[Finding], moment: int, report: str = ""
) -> tuple[CaseStatus, ...]:
    """Record findings about a leak, and return what is known about each.

    An account that has a case already keeps the evidence of the last scan in it. The policy is not
    applied: a person decides what follows from a leak.

    Args:
        connection: a writing connection of the store.
        findings: from :func:`leak_findings`.
        moment: now, microseconds since 1970.
        report: where the report of the attribution is.
    """
    before = findings_about(connection, [one.id for one in findings if one.kind == "account"])
    joined = [_with_evidence(one, before.get(one.id)) for one in findings]
    return current_states(connection, record(connection, joined, moment, report))


def _finding(source: LeakSource, found: Attribution, settings: Settings) -> Finding:
    p_value = max(source.p_value, 1e-300)
    evidence = Evidence(LEAK_TEST, float(source.leaked), source.expected, p_value, source.sentence)
    return Finding(
        kind=source.kind,
        id=source.name,
        accounts=source.accounts,
        verdict="extracting",
        p_value=p_value,
        expected_false=p_value * found.candidates,
        items=source.items,
        uses=source.uses,
        coverage=Coverage(min(source.items / max(found.catalogue, 1), 1.0), float("nan")),
        first=source.first,
        last=source.last,
        action=settings.policy.extracting,
        evidence=(evidence,),
    )


def _with_evidence(finding: Finding, before: Finding | None) -> Finding:
    """Return a finding with the evidence of an earlier one behind its own."""
    if before is None:
        return finding
    others = tuple(one for one in before.evidence if one.test != LEAK_TEST)
    return replace(
        before,
        verdict="extracting",
        p_value=finding.p_value,
        expected_false=finding.expected_false,
        action=finding.action,
        evidence=(*finding.evidence, *others),
        case=None,
    )

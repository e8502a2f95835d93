"""Record what a screening has found: new cases only, to which the policy is applied at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ringfence.engine import Engine
from ringfence.model.finding import Finding
from ringfence.settings import Settings

if TYPE_CHECKING:
    from ringfence.cases import CaseStore


def record_screened(
    store: CaseStore, findings: Sequence[Finding], engine: Engine, active: int, settings: Settings
) -> int:
    """Open cases about findings that have none, apply the policy, and return their number.

    A known case is left to the next whole scan, whose numbers are better.

    Args:
        store: the case store.
        findings: of a screening.
        engine: with the accounts of the screening.
        active: number of active accounts in the whole ledger, of which policy limits are shares.
        settings: with the policy.

    Raises:
        CasesError: the store fails.
    """
    from ringfence.cases import record  # noqa: PLC0415 - a quarter of a second
    from ringfence.cases.lost_findings import count_with_scan, last_scan  # noqa: PLC0415 - as above
    from ringfence.cases.moments import now, to_time  # noqa: PLC0415 - as above
    from ringfence.cases.recording import without_case  # noqa: PLC0415 - as above
    from ringfence.pipeline.policy_facts import policy_facts  # noqa: PLC0415 - as above
    from ringfence.policy import apply_policy  # noqa: PLC0415 - as above

    if not findings:
        return 0
    moment = now()
    facts = policy_facts(engine, findings, settings.policy.classes, to_time(moment))
    with store.writing() as connection:
        new = without_case(connection, findings)
        if not new:
            return 0
        before = last_scan(connection)
        known = record(connection, new, moment)
        apply_policy(connection, settings.policy, new, known, replace(facts, active=active), moment)
        count_with_scan(connection, [status.case for status in known], before)
    return len(new)

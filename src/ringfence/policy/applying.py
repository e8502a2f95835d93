"""Apply the policy to the findings of a scan: decide, or leave a proposal for a reviewer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from ringfence.cases import POLICY, Act, Ruling, decide, decision_in_force
from ringfence.cases.audit_memory import erased_decisions
from ringfence.cases.growth import Snapshot
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.member_data import ERASED_ACCOUNTS
from ringfence.cases.moments import MICROSECONDS_PER_DAY, to_moment, to_time
from ringfence.cases.paging import pages
from ringfence.cases.proposals import propose_to_reviewer, withdraw_proposal
from ringfence.cases.schema import CASES, DECISIONS
from ringfence.cases.stolen_login import remember_theft, stolen_logins
from ringfence.model.case_status import CaseStatus
from ringfence.model.finding import Finding
from ringfence.policy.facts import AccountFacts, Budget, CaseHistory, PastDecision, ScanFacts
from ringfence.policy.proposing import Proposal, propose
from ringfence.policy.stolen_logins import with_earlier_signs
from ringfence.policy_settings import PolicySettings

_HAS_EFFECT: Final = "A decision with effect is in force, and shadow mode does not end it."


@dataclass(frozen=True)
class PolicyOutcome:
    """The result of the policy for one finding.

    Attributes:
        proposal: what it would do; None if there is nothing to do.
        decision: number of the decision that it made; None if it made none.
    """

    proposal: Proposal | None
    decision: int | None = None


def apply_policy(  # noqa: PLR0913, PLR0917 - each is one thing that the policy looks at
    connection: Connection,
    settings: PolicySettings,
    findings: Sequence[Finding],
    statuses: Sequence[CaseStatus],
    facts: ScanFacts,
    moment: int,
) -> tuple[PolicyOutcome, ...]:
    """Apply the policy to findings that are recorded, and return what it did, in their order.

    An automatic proposal becomes a decision, which is in shadow mode unless the policy is enforced.
    Every other proposal is left for a reviewer, and so is one that would end a decision with effect
    in shadow mode.

    Args:
        connection: a writing connection of the store. It holds the store's one lock, so the limits
            hold for two scans at once.
        settings: the policy.
        findings: of one scan, most certain first.
        statuses: of each finding, as :func:`ringfence.cases.record` returns them.
        facts: about the accounts of the findings.
        moment: time of the scan, microseconds since 1970.
    """
    numbers = [status.case for status in statuses]
    versions = _versions(connection, numbers)
    past = _decisions(connection, numbers, settings)
    budget = budget_left(connection, settings, facts.active, moment)
    names = sorted({name for finding in findings for name in finding.accounts})
    known = with_earlier_signs(facts.accounts, stolen_logins(connection, names))
    left = left_to_people(connection, names)
    outcomes = []
    for finding, status in zip(findings, statuses, strict=True):
        accounts = [known.get(name, AccountFacts()) for name in finding.accounts]
        asked = len(left & set(finding.accounts))
        history = CaseHistory(status.state, tuple(past[status.case]), asked)
        answer = propose(settings, finding, accounts, history, budget, to_time(moment))
        act = Act(POLICY, moment, versions[status.case])
        outcome = _carry_out(connection, settings, status.case, answer, act)
        if outcome.decision and answer:
            stolen = [name for name in finding.accounts if known.get(name, AccountFacts()).stolen]
            remember_theft(connection, stolen, answer.reason, act)
        if outcome.decision and answer and answer.action == "suspend":
            budget = Budget(budget.limit, budget.used + len(finding.accounts))
        outcomes.append(outcome)
    return tuple(outcomes)


def budget_left(
    connection: Connection, settings: PolicySettings, active: int, moment: int
) -> Budget:
    """Return how many accounts the policy may suspend, and how many it has in the last 24 hours.

    Outside shadow mode, decisions in shadow mode do not count. Erased accounts count. A decision
    that was erased as a whole counts as one suspension, because its action was erased with it.

    Args:
        connection: of the store.
        settings: the limits.
        active: number of accounts with a use in the last days, see :class:`ScanFacts`.
        moment: now, microseconds since 1970.
    """
    share = Decimal(str(settings.most_share_per_day)) * active
    limit = min(settings.most_suspensions_per_day, int(share))
    query = select(DECISIONS.c.facts).where(
        DECISIONS.c.decided_by_machine, DECISIONS.c.action == "suspend",
        DECISIONS.c.made > moment - MICROSECONDS_PER_DAY,
    )  # fmt: skip
    if settings.mode == "enforce":
        query = query.where(DECISIONS.c.shadow.is_(False))
    used = sum(_number_of_accounts(text) for text in connection.execute(query).scalars())
    return Budget(limit, used + erased_decisions(connection, moment - MICROSECONDS_PER_DAY))


def _number_of_accounts(facts: str) -> int:
    document = json.loads(facts)
    return len(document.get("accounts", ())) + int(document.get(ERASED_ACCOUNTS, 0))


def _versions(connection: Connection, cases: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in pages(cases):
        listed = CASES.c.id.in_(some)
        rows = connection.execute(select(CASES.c.id, CASES.c.version).where(listed))
        found |= {row.id: row.version for row in rows}
    return found


def _decisions(
    connection: Connection, cases: Sequence[int], settings: PolicySettings
) -> dict[int, list[PastDecision]]:
    """Return the decisions about each case, oldest first.

    Decisions that the policy made in shadow mode do not count once it is enforced.
    """
    past: dict[int, list[PastDecision]] = defaultdict(list)
    for some in pages(cases):
        listed = DECISIONS.c.case_id.in_(some)
        for row in connection.execute(select(DECISIONS).where(listed).order_by(DECISIONS.c.id)):
            if settings.mode == "shadow" or not (row.shadow and row.decided_by_machine):
                past[row.case_id].append(_past_decision(row))
    return past


def _past_decision(row: Row[Any]) -> PastDecision:
    facts = json.loads(row.facts)
    return PastDecision(
        row.action,
        known=Snapshot(
            row.made, facts["verdict"], facts["items"], frozenset(facts["accounts"]),
            _moment_of(facts["first"]), _moment_of(facts["last"]), facts.get(ERASED_ACCOUNTS, 0),
        ),
        by_machine=row.decided_by_machine,
        in_force=row.ended is None,
    )  # fmt: skip


def _moment_of(text: str) -> int:
    return to_moment(datetime.fromisoformat(text))


def _carry_out(
    connection: Connection,
    settings: PolicySettings,
    case: int,
    proposal: Proposal | None,
    act: Act,
) -> PolicyOutcome:
    """Decide, or leave the proposal for a reviewer."""
    if proposal and proposal.automatic and settings.mode == "shadow":
        before = decision_in_force(connection, case)
        if before is not None and not before.shadow:
            proposal = replace(proposal, why=_HAS_EFFECT)
    if proposal is None or proposal.automatic:
        withdraw_proposal(connection, case)
    if proposal is None:
        return PolicyOutcome(None)
    if proposal.automatic:
        order = Ruling(
            proposal.action,
            proposal.reason,
            proposal.ground,
            until=act.moment + int(proposal.days * MICROSECONDS_PER_DAY) if proposal.days else None,
            shadow=settings.mode == "shadow",
        )
        return PolicyOutcome(proposal, decide(connection, case, order, act))
    values = {
        "version": act.version, "action": proposal.action, "reason": proposal.reason,
        "ground": proposal.ground, "days": proposal.days, "rule": proposal.rule,
        "why": proposal.why,
    }  # fmt: skip
    propose_to_reviewer(connection, case, values, act.moment)
    return PolicyOutcome(proposal)

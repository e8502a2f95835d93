"""Propose an action for a finding: a pure function of the settings and of what is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from ringfence.cases.growth import Snapshot, goes_on, has_new_members, snapshot
from ringfence.cases.moments import MICROSECONDS_PER_DAY, to_moment
from ringfence.cases.stolen_login import STOLEN
from ringfence.model.finding import Action, Finding
from ringfence.policy.facts import AccountFacts, Budget, CaseHistory, PastDecision
from ringfence.policy_settings import PROTECTED, PolicyRule, PolicySettings

STRICTNESS: Final[tuple[Action, ...]] = get_args(Action)
"""The actions, mildest first."""

MANY_STOLEN: Final = 0.5
"""If this share of the accounts of a ring may be stolen logins, the whole ring is challenged."""


@dataclass(frozen=True)
class Proposal:
    """An action of the policy about a finding.

    Attributes:
        action: the action.
        reason: why, in words.
        ground: the clause of the terms of use.
        days: days until the decision ends by itself; 0 for no end.
        rule: number of the rule, from 1; 0 if no rule applies and the advice is proposed.
        why: why a person must decide; empty if the policy decides by itself.
    """

    action: Action
    reason: str
    ground: str
    days: float
    rule: int
    why: str = ""

    @property
    def automatic(self) -> bool:
        """Whether the policy decides by itself."""
        return not self.why


def propose(  # noqa: PLR0913, PLR0917 - each is one thing that the answer depends on
    settings: PolicySettings,
    finding: Finding,
    accounts: Sequence[AccountFacts],
    history: CaseHistory,
    budget: Budget,
    now: datetime,
) -> Proposal | None:
    """Return what the policy would do about a finding; None if there is nothing to do.

    Args:
        settings: the policy.
        finding: about an account or a ring.
        accounts: what is known about each account of the finding.
        history: what was decided about its case.
        budget: automatic suspensions so far.
        now: with a zone.
    """
    if not _is_for_the_policy(history):
        return None
    number, rule = _first_rule(settings, finding, accounts)
    action = _escalated(settings, rule.action, finding, history, now)
    stolen = [one.stolen for one in accounts if one.stolen]
    if stolen and len(stolen) >= MANY_STOLEN * len(finding.accounts):
        action = _without_sanction(action)
    current = history.in_force
    if current and not _adds_to(action, finding, current):
        return None
    reasons = _reasons_for_review(settings, number, rule, accounts, history)
    why = next(reasons, "")
    if not why and settings.is_quiet(now):
        why = "These are quiet hours. The next scan outside them decides."
    if not why and not budget.allows(action, len(finding.accounts)):
        why = _limit_reached(budget, action, len(finding.accounts))
    reason = _reason(rule, finding, stolen if action == "challenge" else [])
    return Proposal(action, reason, rule.ground or settings.ground, rule.days, number, why)


def _is_for_the_policy(history: CaseHistory) -> bool:
    """Return whether no person has decided, and no person has to decide about an appeal."""
    current = history.in_force
    return history.state in {"open", "decided"} and (current is None or current.by_machine)


def _first_rule(
    settings: PolicySettings, finding: Finding, accounts: Sequence[AccountFacts]
) -> tuple[int, PolicyRule]:
    """Return the first rule that applies, with its number; without one, the advice as a rule."""
    for number, rule in enumerate(settings.rules, 1):
        if applies(rule, finding, accounts):
            return number, rule
    return 0, PolicyRule(action=finding.action)


def applies(rule: PolicyRule, finding: Finding, accounts: Sequence[AccountFacts]) -> bool:
    """Return whether all conditions of a rule hold. An unknown p-value meets no condition."""
    return (
        rule.verdict in {None, finding.verdict}
        and rule.kind in {None, finding.kind}
        and finding.items >= rule.least_items
        and ("most_p_value" not in rule.conditions or finding.p_value <= rule.most_p_value)
        and finding.coverage.catalogue >= rule.least_coverage
        and (
            rule.account_class is None or all(rule.account_class in one.classes for one in accounts)
        )
    )


def _escalated(
    settings: PolicySettings,
    action: Action,
    finding: Finding,
    history: CaseHistory,
    now: datetime,
) -> Action:
    """Return the action, or a stricter one if the finding continues after a decision."""
    last = history.last
    if last is None or not last.by_machine or not _goes_on(finding, last):
        return action
    if last.action not in settings.escalate:
        return action
    step = settings.escalate.index(last.action)
    if to_moment(now) - last.known.moment >= settings.escalate_days * MICROSECONDS_PER_DAY:
        step = min(step + 1, len(settings.escalate) - 1)
    return stricter(action, settings.escalate[step])


def _without_sanction(action: Action) -> Action:
    """Return the action about a stolen login. A challenge helps its owner; a throttle does not."""
    return action if action == "observe" else "challenge"


def _goes_on(finding: Finding, last: PastDecision) -> bool:
    """Return whether the accounts take new items as they did before the decision."""
    return goes_on(last.known, _snapshot(finding))


def _has_grown(finding: Finding, last: PastDecision) -> bool:
    """Return whether a ring has accounts that the decision does not hold, and not only one."""
    return has_new_members(last.known, _snapshot(finding))


def _adds_to(action: Action, finding: Finding, current: PastDecision) -> bool:
    """Return whether an action is stricter than the one in force, or for more accounts."""
    if action == current.action:
        return _has_grown(finding, current)
    return is_stricter(action, current.action)


def _snapshot(finding: Finding) -> Snapshot:
    first, last = to_moment(finding.first), to_moment(finding.last)
    return snapshot(finding, last, first, last)


def _reasons_for_review(
    settings: PolicySettings,
    number: int,
    rule: PolicyRule,
    accounts: Sequence[AccountFacts],
    history: CaseHistory,
) -> Iterator[str]:
    """Yield why a person must decide, whatever the time and the limits."""
    if not number:
        yield "No rule applies; this is the advice for the verdict."
    if not rule.automatic:
        yield f"Rule {number} asks for a review."
    for name in PROTECTED:
        if rule.account_class != name and any(name in one.classes for one in accounts):
            yield f"An account of class {name} waits for a person."
    unlisted = sum(1 for one in accounts if not one.listed)
    if unlisted and settings.classes.protected:
        yield (
            f"The plan and the state of {unlisted:,} of its accounts are not known, nor their "
            "classes."
        )
    if history.left_to_people:
        accounts_are = (
            "this account"
            if history.left_to_people == 1
            else f"{history.left_to_people:,} accounts"
        )
        yield f"A person has decided about {accounts_are} before."
    stolen = sum(1 for one in accounts if one.stolen)
    if 0 < stolen < MANY_STOLEN * len(accounts):
        yield f"{stolen:,} of its logins may be stolen: decide about these accounts apart."


def _limit_reached(budget: Budget, action: Action, accounts: int) -> str:
    if action != "suspend" or budget.used >= budget.limit:
        return f"The policy has reached its limit of {budget.limit:,} suspensions in 24 hours."
    return (
        f"With {accounts:,} more suspensions, the policy would pass its limit of {budget.limit:,} "
        "in 24 hours."
    )


def _reason(rule: PolicyRule, finding: Finding, stolen: Sequence[str]) -> str:
    if stolen:
        return f"{STOLEN} {stolen[0]}"
    found = finding.evidence[0].sentence if finding.evidence else ""
    return rule.reason.strip() or f"The verdict is {finding.verdict}. {found}".strip()


def is_stricter(action: Action, other: Action) -> bool:
    """Return whether an action is stricter than another one."""
    return STRICTNESS.index(action) > STRICTNESS.index(other)


def stricter(action: Action, other: Action) -> Action:
    """Return the stricter one of two actions."""
    return max(action, other, key=STRICTNESS.index)

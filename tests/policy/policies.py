"""Policies and facts to test with."""

from __future__ import annotations

from typing import Any

from tests.cases.findings import at, finding

from ringfence.model.finding import Finding
from ringfence.policy import AccountFacts, Budget, CaseHistory, Proposal, propose
from ringfence.policy_settings import PolicySettings
from ringfence.settings import Settings

SUSPEND: dict[str, Any] = {"action": "suspend", "automatic": True}
"""A rule that suspends whatever is found."""

WIDE = Budget(1_000_000)
"""A budget that no test uses up."""


def policy(*rules: dict[str, Any], **settings: Any) -> PolicySettings:  # noqa: ANN401 - any setting
    """Return a policy with rules and settings, checked as a settings file is."""
    return Settings(policy={"rules": list(rules), **settings}).policy


def proposed(
    settings: PolicySettings,
    found: Finding | None = None,
    *facts: AccountFacts,
    history: CaseHistory | None = None,
    budget: Budget = WIDE,
    day: float = 0.5,
) -> Proposal | None:
    """Return what a policy proposes, by default for the usual finding and unknown accounts."""
    found = found or finding()
    accounts = facts or tuple(AccountFacts() for _ in found.accounts)
    return propose(settings, found, accounts, history or CaseHistory(), budget, at(day))


def surely(answer: Proposal | None) -> Proposal:
    """Return a proposal that must be there."""
    assert answer is not None
    return answer

"""The policy: which finding leads to which action, and whether a person must decide.

:func:`propose` answers for one finding. It knows settings and facts, and reads nothing.
:func:`apply_policy` answers for all findings of a scan, and writes to the store of cases.
"""

from ringfence.policy.applying import PolicyOutcome, apply_policy, budget_left
from ringfence.policy.facts import (
    AccountFacts,
    Budget,
    CaseHistory,
    PastDecision,
    ScanFacts,
    classes_of,
)
from ringfence.policy.proposing import Proposal, propose
from ringfence.policy.stolen_logins import sign_of_theft

__all__ = [
    "AccountFacts",
    "Budget",
    "CaseHistory",
    "PastDecision",
    "PolicyOutcome",
    "Proposal",
    "ScanFacts",
    "apply_policy",
    "budget_left",
    "classes_of",
    "propose",
    "sign_of_theft",
]

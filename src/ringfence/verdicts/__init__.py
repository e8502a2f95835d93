"""How sure, and what is advised: fusing evidence, controlling errors, explaining."""

from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.conclude import conclude
from ringfence.verdicts.judge import ScoredAccounts, judge, judge_tests, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.ring_ids import resting_ids
from ringfence.verdicts.ring_verdicts import RingVerdict, judge_rings, with_ring_evidence

__all__ = [
    "RingVerdict",
    "ScoredAccounts",
    "conclude",
    "findings",
    "judge",
    "judge_rings",
    "judge_tests",
    "resting_ids",
    "ring_findings",
    "save_accounts",
    "save_rings",
    "verdicts",
    "with_ring_evidence",
]

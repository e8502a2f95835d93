"""Turn evidence into verdicts: fuse p-values, control errors, judge rings, make findings."""

from ringfence.verdicts.account_findings import account_findings, account_verdicts
from ringfence.verdicts.conclude import CombinedVerdicts, combine, conclude
from ringfence.verdicts.judge import judge, judge_tests, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.ring_ids import merged_ring_ids
from ringfence.verdicts.ring_verdicts import RingVerdict, judge_rings, with_ring_evidence
from ringfence.verdicts.scored_accounts import ScoredAccounts

__all__ = [
    "CombinedVerdicts",
    "RingVerdict",
    "ScoredAccounts",
    "account_findings",
    "account_verdicts",
    "combine",
    "conclude",
    "judge",
    "judge_rings",
    "judge_tests",
    "merged_ring_ids",
    "ring_findings",
    "save_accounts",
    "save_rings",
    "with_ring_evidence",
]

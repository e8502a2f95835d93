"""How sure, and what is advised: fusing evidence, controlling errors, explaining."""

from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.company import JudgedRing, in_company, judge_rings
from ringfence.verdicts.conclude import conclude
from ringfence.verdicts.finding import Coverage, Finding, Profile, Verdict
from ringfence.verdicts.judge import Judged, judge, judge_tests, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.ring_ids import resting_ids
from ringfence.verdicts.robots import Robot, set_robots_apart

__all__ = [
    "Coverage",
    "Finding",
    "Judged",
    "JudgedRing",
    "Profile",
    "Robot",
    "Verdict",
    "conclude",
    "findings",
    "in_company",
    "judge",
    "judge_rings",
    "judge_tests",
    "resting_ids",
    "ring_findings",
    "save_accounts",
    "save_rings",
    "set_robots_apart",
    "verdicts",
]

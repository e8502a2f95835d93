"""How sure, and what is advised: fusing evidence, controlling errors, explaining."""

from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.finding import Coverage, Finding, Profile, Verdict
from ringfence.verdicts.judge import Judged, judge, judge_tests, save_accounts
from ringfence.verdicts.ring_findings import ring_findings
from ringfence.verdicts.robots import Robot, set_robots_apart

__all__ = [
    "Coverage",
    "Finding",
    "Judged",
    "Profile",
    "Robot",
    "Verdict",
    "findings",
    "judge",
    "judge_tests",
    "ring_findings",
    "save_accounts",
    "set_robots_apart",
    "verdicts",
]

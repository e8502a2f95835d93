"""How sure, and what is advised: fusing evidence, controlling errors, explaining."""

from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.company import in_company
from ringfence.verdicts.conclude import conclude
from ringfence.verdicts.finding import Coverage, Finding, Profile, Verdict
from ringfence.verdicts.judge import Judged, judge, judge_tests, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.robots import Robot, set_robots_apart
from ringfence.verdicts.witnesses import Witnessed, witnessed

__all__ = [
    "Coverage",
    "Finding",
    "Judged",
    "Profile",
    "Robot",
    "Verdict",
    "Witnessed",
    "conclude",
    "findings",
    "in_company",
    "judge",
    "judge_tests",
    "ring_findings",
    "save_accounts",
    "save_rings",
    "set_robots_apart",
    "verdicts",
    "witnessed",
]

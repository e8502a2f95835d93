"""Ask evidence questions of every account: one test per file, and the registry that lists them."""

from ringfence.evidence.base import Context, EvidenceTest, Family, Scores
from ringfence.evidence.canary import Canary, canary_tests
from ringfence.evidence.registry import FAMILIES, all_tests, built_in_tests, installed_tests
from ringfence.evidence.run import run_tests
from ringfence.model.phrases import counted
from ringfence.stats.calibration import CannotRun, ReferenceDistribution, calibrate, rank_p_values
from ringfence.stats.combination import simes

__all__ = [
    "FAMILIES",
    "Canary",
    "CannotRun",
    "Context",
    "EvidenceTest",
    "Family",
    "ReferenceDistribution",
    "Scores",
    "all_tests",
    "built_in_tests",
    "calibrate",
    "canary_tests",
    "counted",
    "installed_tests",
    "rank_p_values",
    "run_tests",
    "simes",
]

"""Reading or extracting? One test a file, and the calibration they share."""

from typing import Final

from ringfence.evidence._test import Context, EvidenceTest, Family, Scores
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.bursts import Bursts
from ringfence.evidence.client import Client
from ringfence.evidence.novelty import Novelty
from ringfence.evidence.order import Order
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.pace import Pace
from ringfence.evidence.popularity import Popularity
from ringfence.evidence.provenance import Provenance
from ringfence.evidence.rhythm import Rhythm
from ringfence.evidence.speed import Speed
from ringfence.evidence.surface import Surface
from ringfence.evidence.volume import Volume
from ringfence.stats.calibration import CannotRun

TESTS: Final[tuple[EvidenceTest, ...]] = (
    Volume(),
    Novelty(),
    Breadth(),
    Popularity(),
    Order(),
    Surface(),
    Pace(),
    Speed(),
    Bursts(),
    Rhythm(),
    Overlap(),
    Client(),
    Provenance(),
)
"""Every test, by family: volume, selection, automation."""

__all__ = ["TESTS", "CannotRun", "Context", "EvidenceTest", "Family", "Scores"]

"""Ringfence and what people use instead, all on the same ledger; one detector a file."""

from __future__ import annotations

from typing import Final

from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.detectors.distinct_per_day import DistinctPerDay
from ringfence.lab.evaluate.detectors.fraudar import Fraudar
from ringfence.lab.evaluate.detectors.isolation_forest import IsolationForest
from ringfence.lab.evaluate.detectors.leaky_bucket import LeakyBucket, LeakyBucketKnowingTheTruth
from ringfence.lab.evaluate.detectors.requests_per_hour import RequestsPerHour
from ringfence.lab.evaluate.detectors.ringfence import Ringfence, RingfenceKnowingTheTruth
from ringfence.lab.evaluate.detectors.ringfence_with_rings import RingfenceWithRings
from ringfence.lab.evaluate.detectors.synchrotrap import SynchroTrap
from ringfence.stats.arrays import Floats, Keys

DETECTORS: Final[tuple[Detector, ...]] = (
    Ringfence(),
    RingfenceWithRings(),
    RingfenceKnowingTheTruth(),
    RequestsPerHour(),
    DistinctPerDay(),
    LeakyBucket(),
    LeakyBucketKnowingTheTruth(),
    IsolationForest(),
    SynchroTrap(),
    Fraudar(),
)
"""Every detector, Ringfence first."""


def baselines() -> tuple[Detector, ...]:
    """Return what Ringfence is compared with; first itself with a threshold like theirs."""
    return DETECTORS[2:]


__all__ = [
    "DETECTORS",
    "Detector",
    "Floats",
    "Keys",
    "Ringfence",
    "RingfenceWithRings",
    "baselines",
]

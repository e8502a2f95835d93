"""Ringfence and the detectors it is compared with, all on the same ledger."""

from __future__ import annotations

from typing import Final

from ringfence.lab.evaluate.detectors.baselines import (
    DISTINCT_PER_DAY,
    LEAKY_BUCKET,
    LEAKY_BUCKET_BEST_CAPACITY,
    REQUESTS_PER_HOUR,
    IsolationForest,
    require_library,
)
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.detectors.fraudar import Fraudar
from ringfence.lab.evaluate.detectors.ringfence import (
    Ringfence,
    RingfenceBestThreshold,
    RingfenceWithRings,
    leave_one_out,
)
from ringfence.lab.evaluate.detectors.synchrotrap import SynchroTrap

DETECTORS: Final[tuple[Detector, ...]] = (
    Ringfence(),
    RingfenceWithRings(),
    RingfenceBestThreshold(),
    REQUESTS_PER_HOUR,
    DISTINCT_PER_DAY,
    LEAKY_BUCKET,
    LEAKY_BUCKET_BEST_CAPACITY,
    IsolationForest(),
    SynchroTrap(),
    Fraudar(),
)
"""Every detector. The first two are Ringfence as it is; the others are baselines."""


def baselines() -> tuple[Detector, ...]:
    """Return the baselines; the first is Ringfence with a threshold chosen as theirs are.

    Raises:
        SettingsError: a baseline needs a library that is not installed.
    """
    chosen = DETECTORS[2:]
    for detector in chosen:
        require_library(detector)
    return chosen


__all__ = [
    "DETECTORS",
    "Detector",
    "Ringfence",
    "RingfenceWithRings",
    "baselines",
    "leave_one_out",
]

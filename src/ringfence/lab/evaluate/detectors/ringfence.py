"""Ringfence itself, as one detector among others."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys
from ringfence.verdicts.error_control import VOLUME_GATE

EXTRACTING: Final = 2.0
"""The score of the verdict that accuses."""

SUSPECT: Final = 1.0
"""The score of the verdict that asks for a look."""


class Ringfence(Detector):
    """The verdicts at the operator's rate of false accusations, which know nothing of the truth."""

    name = "ringfence"
    about = "the verdict extracting at the operator's rate of false accusations"
    threshold = EXTRACTING

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return 2 for extracting, 1 for suspect, 0 else."""
        keys = np.asarray(snapshot.scored.accounts["account_key"], dtype=np.uint64)
        return keys, by_verdict(snapshot.labels)


class RingfenceKnowingTheTruth(Detector):
    """The same evidence with a threshold chosen as the baselines' are: like with like."""

    name = "ringfence, threshold as the baselines"
    about = "-log10 of the fused p-value; best threshold without accusation, knowing the truth"
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return -log10 of the fused p-values; 0 for who takes no more than users do."""
        scored = snapshot.scored
        keys = np.asarray(scored.accounts["account_key"], dtype=np.uint64)
        return keys, np.where(scored.volume <= VOLUME_GATE, -np.log10(scored.fused), 0.0)


def by_verdict(labels: npt.NDArray[np.str_]) -> Floats:
    """Return the score of each verdict."""
    return np.select([labels == "extracting", labels == "suspect"], [EXTRACTING, SUSPECT], 0.0)

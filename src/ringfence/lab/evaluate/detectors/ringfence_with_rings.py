"""Ringfence with its search for rings: accounts that are found together."""

from __future__ import annotations

import numpy as np

from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.detectors.ringfence import EXTRACTING, SUSPECT
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys
from ringfence.verdicts import with_ring_evidence


class RingfenceWithRings(Detector):
    """Accounts accused one by one, and members of any ring that a scan finds.

    A ring is a finding whatever its verdict, and whoever is in it counts as found, or as a user
    accused. Suspects that are in no ring do not count, so that what is more than under
    :class:`~ringfence.lab.evaluate.detectors.ringfence.Ringfence` is due to rings. In a replay
    rings are looked for at the times of :mod:`ringfence.lab.evaluate.growth`.
    """

    name = "ringfence, with rings"
    about = (
        "the verdict extracting, or membership in a ring that is found; rings are looked for when "
        "the attack holds a quarter more than at the last search"
    )
    threshold = SUSPECT

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return 2 for extracting alone or in a ring, 1 for the members of other rings, 0 else."""
        keys = np.asarray(snapshot.scored.accounts["account_key"], dtype=np.uint64)
        _, labels = with_ring_evidence(snapshot.scored, snapshot.labels, snapshot.rings)
        scores = np.where(labels == "extracting", EXTRACTING, 0.0)
        for one in snapshot.rings:
            score = EXTRACTING if one.verdict == "extracting" else SUSPECT
            scores[one.rows] = np.maximum(scores[one.rows], score)
        return keys, scores

"""What a detector is to the evaluation: a score for every account at each verdict time."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Columns, Floats, Keys


class Detector(ABC):
    """One way to tell who extracts, with Ringfence among them.

    Attributes:
        name: as in tables.
        about: what it does, in one sentence.
        threshold: the score at or above which it accuses. None: the threshold is chosen afterwards,
            knowing the truth, as the lowest at which no user is accused. No user could choose
            as well; a detector that loses even so is not better for want of tuning.
    """

    name: str
    about: str
    threshold: float | None

    @abstractmethod
    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return account keys, ascending, and a score each; higher is more like extraction.

        Accounts it cannot score are left out.
        """


def scored(table: Columns) -> tuple[Keys, Floats]:
    """Return the columns ``account_key`` and ``score`` of a query as a detector's answer."""
    return (
        np.asarray(table["account_key"], dtype=np.uint64),
        np.asarray(table["score"], dtype=np.float64),
    )

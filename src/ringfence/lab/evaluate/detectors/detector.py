"""The interface of a detector: a score for every account at each verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.stats.arrays import Floats, Keys


class Detector(ABC):
    """A way to recognise accounts that extract; Ringfence is one of several.

    Attributes:
        name: as in tables.
        about: what it does, in one sentence.
        threshold: the score from which it accuses. With None, the evaluation chooses the lowest
            threshold at which no user is accused, after the fact. No operator can choose as well.
            If a detector loses even then, better tuning would not have helped.
        library: the module that must be installed for it, beyond those of the core; empty: none.
    """

    name: str
    about: str
    threshold: float | None
    library: ClassVar[str] = ""

    @abstractmethod
    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return account keys, ascending, and a score per account; higher means extraction.

        Accounts that the detector cannot score are left out.
        """

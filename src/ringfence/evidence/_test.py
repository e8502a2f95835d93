"""What an evidence test is: one question to every account, answered from the ledger."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine
from ringfence.evidence.reference_distributions import DIRECTIONS, ENVELOPES, Kind
from ringfence.stats.arrays import Floats, Keys
from ringfence.stats.calibration import Reference, calibrated, ranked

Family = Literal["volume", "selection", "automation"]
"""What a test speaks of: how much is taken, how it is chosen, or what hand takes it."""


@dataclass(frozen=True)
class Context:
    """What a test may know besides the ledger.

    Attributes:
        engine: holds the ledger, the catalogue and :data:`ringfence.evidence.steps.STEPS`.
        kind: which users stand in where the population is small.
        accounts: number of accounts in the scan.
        columns: optional event columns that any source carried.
        grouped: whether items have groups.
        days: length of the ledger in days, at least 1.
    """

    engine: Engine
    kind: Kind
    accounts: int
    columns: frozenset[str]
    grouped: bool
    days: int

    @property
    def references(self) -> dict[str, Reference]:
        """The envelope for this kind of catalogue, by statistic."""
        return ENVELOPES[self.kind]

    def reference(self, name: str) -> Reference | None:
        """Return the envelope of a statistic for this kind of catalogue, if it was measured."""
        return self.references.get(name)

    def calibrated(self, name: str, values: Floats) -> Floats:
        """Return p-values of a statistic: by its envelope for this kind of catalogue, else by rank.

        Args:
            name: of the statistic, as in :data:`ringfence.evidence.reference_distributions.MUSIC`.
            values: one an account that could be measured.

        Raises:
            CannotRun: it was not measured for this kind, and the population is too small.
        """
        reference = self.reference(name)
        if reference is None:
            return ranked(values, more=DIRECTIONS[name])
        return calibrated(values, reference)

    def median(self, name: str, values: Floats) -> float:
        """Return the median user's value: the envelope's, else that of the population given."""
        reference = self.reference(name)
        if reference is not None:
            return reference.median
        return float(np.median(values)) if values.size else 0.0


@dataclass(frozen=True)
class Scores:
    """A test's outcome on the accounts it could measure; arrays of one length.

    Attributes:
        keys: account keys, ascending.
        observed: the statistic, in the test's unit.
        expected: its median among users, same unit.
        p_values: chance that a user shows as much or more, in (0, 1].
        details: further numbers that the sentence needs, by name.
    """

    keys: Keys
    observed: Floats
    expected: Floats
    p_values: Floats
    details: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def at(self, index: int) -> dict[str, float]:
        """Return everything known of one account, for its sentence."""
        numbers = {"observed": self.observed, "expected": self.expected, **self.details}
        return {name: float(values[index]) for name, values in numbers.items()}


class EvidenceTest(ABC):
    """One question to every account. Subclasses state it and answer it.

    Class attributes:
        name: as in findings and reference.
        family: volume, selection or automation.
        question: what it asks, ending in a question mark.
        needs: columns or facts without which it cannot run, in words.
        fails: when its answer misleads.
        source: where formula and constants come from.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    question: ClassVar[str]
    needs: ClassVar[str]
    fails: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def score(self, context: Context) -> Scores:
        """Measure every account that can be measured.

        Raises:
            CannotRun: with the reason, when the ledger lacks what the test needs.
        """

    @abstractmethod
    def sentence(self, numbers: dict[str, float]) -> str:
        """Say the outcome on one account in one sentence with its numbers."""

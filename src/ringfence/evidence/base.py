"""Define what an evidence test is: one question put to every account, answered from the ledger."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine
from ringfence.evidence.reference_distributions import DIRECTIONS, REFERENCE_DISTRIBUTIONS, Kind
from ringfence.stats.arrays import Floats, Keys
from ringfence.stats.calibration import ReferenceDistribution, calibrate, rank_p_values

Family = Literal["volume", "selection", "automation"]
"""What a test is about: how much an account takes, how it chooses items, or whether a machine
does it."""

MINIMUM_ITEMS: Final = 50
"""Number of items below which the choice of items says little."""

MINIMUM_EVENTS: Final = 50
"""Number of events below which their kind or timing says little."""


@dataclass(frozen=True)
class Context:
    """The ledger and the facts about it that an evidence test may read.

    Attributes:
        engine: holds the ledger, the catalogue and the tables of
            :data:`ringfence.evidence.steps.STEPS`.
        kind: kind of catalogue, which selects the reference distributions.
        accounts: number of accounts in the scan.
        columns: optional event columns that at least one source, or the accounts table, has.
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
    def references(self) -> dict[str, ReferenceDistribution]:
        """The reference distributions for this kind of catalogue, by statistic."""
        return REFERENCE_DISTRIBUTIONS[self.kind]

    def p_values(self, name: str, values: Floats, *, heavier: bool = False) -> Floats:
        """Return p-values of a built-in statistic, by reference distribution or else by rank.

        In a catalogue of unknown kind, the heavier of two models of the population's tail always
        counts. Its reference distributions are those of listeners. They say which values people
        reach, but not which shape the tail of another kind of use has (decision 0058).

        Args:
            name: the statistic, as in :data:`ringfence.evidence.reference_distributions.MUSIC`.
            values: one value per account that could be measured.
            heavier: whether the heavier model counts in catalogues of known kinds, too.

        Raises:
            CannotRun: the statistic was not measured for this kind of catalogue, and the population
                is too small.
        """
        reference = self.references.get(name)
        if reference is None:
            return rank_p_values(values, direction=DIRECTIONS[name])
        return calibrate(values, reference, heavier=heavier or self.kind == "general")

    def median(self, name: str, values: Floats) -> float:
        """Return the typical user's value: the reference median, else that of the values."""
        reference = self.references.get(name)
        if reference is not None:
            return reference.median
        return float(np.median(values)) if values.size else 0.0


@dataclass(frozen=True)
class Scores:
    """The outcome of a test on the accounts that it could measure; arrays of one length.

    Attributes:
        keys: account keys, ascending.
        observed: the statistic, in the test's unit.
        expected: its median among users, same unit.
        p_values: chance that a user has a value at least as extreme, in (0, 1].
        details: further numbers that the sentence needs, by name.
        alone: p-values with which the test may make a suspect without other evidence, at least as
            large as ``p_values``; None if they are the same.
        accusing: p-values that count toward an accusation, at least as large as ``p_values``, which
            then count for suspicion only; None if they are the same.
    """

    keys: Keys
    observed: Floats
    expected: Floats
    p_values: Floats
    details: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    alone: Floats | None = None
    accusing: Floats | None = None

    def at(self, index: int) -> dict[str, float]:
        """Return all numbers of the account at an index: what its sentence is written from.

        The names are ``observed``, ``expected``, ``p_value`` and those of the details.
        """
        numbers = {
            "observed": self.observed,
            "expected": self.expected,
            "p_value": self.p_values,
            **self.details,
        }
        return {name: float(values[index]) for name, values in numbers.items()}


class EvidenceTest(ABC):
    """One question put to every account. A subclass states the question and answers it.

    Class attributes:
        name: lower-case word, as in findings and in the reference.
        family: volume, selection or automation.
        question: the question, with a question mark.
        needs: the columns or facts without which the test cannot run, as a phrase.
        fails: when the answer misleads, in full sentences.
        source: where formula and constants come from, as a sentence.
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
            CannotRun: the ledger lacks what the test needs; the message gives the reason.
        """

    @abstractmethod
    def sentence(self, numbers: dict[str, float]) -> str:
        """Describe the outcome for one account, with its numbers; see :meth:`Scores.at`.

        The text must also be true of an account with a large p-value.
        """

"""Where the adaptive attacker looks: strategies, and how far each parameter may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ringfence.lab.simulate.extractors import STRATEGIES, Strategy
from ringfence.stats.arrays import Floats


@dataclass(frozen=True)
class Range:
    """A number between two others.

    Attributes:
        name: of the parameter.
        low: least value.
        high: greatest value.
        log: whether equal steps are equal factors.
        whole: whether it is a count.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, place: float) -> float:
        """Return the value at a place in [0, 1]."""
        if self.log:
            value = self.low * (self.high / self.low) ** place
        else:
            value = self.low + (self.high - self.low) * place
        return round(value) if self.whole else float(value)


@dataclass(frozen=True)
class Choice:
    """One of some words.

    Attributes:
        name: of the parameter.
        options: the words, each with an equal part of [0, 1].
    """

    name: str
    options: tuple[str, ...]

    def at(self, place: float) -> str:
        """Return the word at a place in [0, 1]."""
        return self.options[min(int(place * len(self.options)), len(self.options) - 1)]


@dataclass(frozen=True)
class Family:
    """One strategy with the parameters that are varied; all others keep their defaults.

    Attributes:
        name: of the strategy.
        parameters: what is varied.
    """

    name: str
    parameters: tuple[Range | Choice, ...]

    def strategy(self, point: Floats, days: int) -> Strategy:
        """Return the strategy of one account at a point of the unit cube, (parameters,)."""
        places = np.clip(point, 0.0, 1.0).tolist()
        values: dict[str, Any] = {
            parameter.name: parameter.at(place)
            for parameter, place in zip(self.parameters, places, strict=True)
        }
        return STRATEGIES[self.name](accounts=1, days=days, **values)


FAMILIES: Final = (
    Family(
        "mimic",
        (
            Range("new_a_day", 4, 800, log=True),
            Range("returns", 0.0, 0.9),
            Range("groups", 5, 2000, log=True, whole=True),
            Range("own", 0.0, 1.0),
            Range("active", 0.3, 1.0),
            Range("waking", 4.0, 24.0),
            Range("variation", 0.0, 1.2),
        ),
    ),
    Family(
        "replaying",
        (
            Range("a_day", 4, 2000, log=True, whole=True),
            Range("repeats", 0.0, 0.9),
            Choice("clock", ("even", "waking", "human", "restless", "bursts")),
            Choice("split", ("interleaved", "random")),
            Choice("played", ("none", "full", "human")),
        ),
    ),
)
"""Imitating a user, and working down a list behind repeats."""

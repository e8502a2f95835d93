"""Define the search space of the adaptive attacker: strategies and ranges of their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ringfence.lab.simulate.extractors import STRATEGIES, Strategy
from ringfence.stats.arrays import Floats


@dataclass(frozen=True)
class Range:
    """A parameter that is a number within bounds.

    Attributes:
        name: name of the parameter.
        low: least value.
        high: greatest value.
        log: whether the scale is logarithmic.
        whole: whether the value is rounded to a whole number.
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
    """A parameter that is one of several words.

    Attributes:
        name: name of the parameter.
        options: the words; each has an equal part of [0, 1].
    """

    name: str
    options: tuple[str, ...]

    def at(self, place: float) -> str:
        """Return the word at a place in [0, 1]."""
        return self.options[min(int(place * len(self.options)), len(self.options) - 1)]


@dataclass(frozen=True)
class StrategyFamily:
    """A strategy and the parameters to vary; all other parameters keep their defaults.

    Attributes:
        name: name of the strategy.
        parameters: the parameters to vary.
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


STRATEGY_FAMILIES: Final = (
    StrategyFamily(
        "mimic",
        (
            Range("new_per_day", 4, 800, log=True),
            Range("returns", 0.0, 0.9),
            Range("groups", 5, 2000, log=True, whole=True),
            Range("own", 0.0, 1.0),
            Range("active", 0.3, 1.0),
            Range("waking", 4.0, 24.0),
            Range("variation", 0.0, 1.2),
        ),
    ),
    StrategyFamily(
        "replaying",
        (
            Range("per_day", 4, 2000, log=True, whole=True),
            Range("repeats", 0.0, 0.9),
            Choice("clock", ("even", "waking", "human", "restless", "bursts")),
            Choice("split", ("interleaved", "random")),
            Choice("played", ("none", "full", "human")),
        ),
    ),
)
"""The imitation of a user, and work down a list that hides behind repeats."""

"""One pace and one rhythm: bursts, evenly round the clock, evenly while a person is awake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.clocks import ClockName
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count


@dataclass(frozen=True, kw_only=True)
class Greedy(Ring):
    """Takes the most used items in one burst a day, 0.6 seconds between two takes."""

    name: ClassVar[str] = "greedy"

    days: Count = 10
    a_day: Count = 5_000
    clock: ClockName = "bursts"


@dataclass(frozen=True, kw_only=True)
class Even(Ring):
    """Takes so many items a day at equal distances round the clock, with a little jitter."""

    name: ClassVar[str] = "even"

    clock: ClockName = "even"


@dataclass(frozen=True, kw_only=True)
class Waking(Ring):
    """Takes so many items a day at equal distances in the waking hours of a time zone."""

    name: ClassVar[str] = "waking"

    clock: ClockName = "waking"

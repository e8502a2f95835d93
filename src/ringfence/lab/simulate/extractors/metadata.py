"""Descriptions only: no stream is ever started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.clocks import ClockName
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count


@dataclass(frozen=True, kw_only=True)
class Metadata(Ring):
    """Asks for the metadata of items, far more of them than could be played."""

    name: ClassVar[str] = "metadata"
    surface: ClassVar[str] = "metadata"

    a_day: Count = 10_000
    clock: ClockName = "even"

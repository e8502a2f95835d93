"""Downloads only, where users also stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.clocks import ClockName
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count


@dataclass(frozen=True, kw_only=True)
class Downloads(Ring):
    """Downloads items and streams none."""

    name: ClassVar[str] = "downloads"
    surface: ClassVar[str] = "download"

    a_day: Count = 150
    clock: ClockName = "human"

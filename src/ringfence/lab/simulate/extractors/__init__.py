"""Extractors: one strategy a file, and the small parts that strategies are put together from.

What is taken (``splits``, ``ranked``, ``wishes``), when (``clocks``), how much a day (``rates``,
``diary``) and how often again (``returning``, ``mixing``) are parts of their own.
"""

from typing import Final

from ringfence.lab.simulate.extractors.by_group import ByGroup
from ringfence.lab.simulate.extractors.camouflage import Colliding, Replaying
from ringfence.lab.simulate.extractors.downloads import Downloads
from ringfence.lab.simulate.extractors.lockstep import Lockstep
from ringfence.lab.simulate.extractors.metadata import Metadata
from ringfence.lab.simulate.extractors.mimic import Mimic
from ringfence.lab.simulate.extractors.paced import Even, Greedy, Waking
from ringfence.lab.simulate.extractors.replaced import Replaced
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.shares import Shares
from ringfence.lab.simulate.extractors.slow_start import SlowStart
from ringfence.lab.simulate.extractors.stolen import Stolen
from ringfence.lab.simulate.extractors.strategy import Strategy
from ringfence.lab.simulate.extractors.tail import Tail

STRATEGIES: Final[dict[str, type[Strategy]]] = {
    kind.name: kind
    for kind in (
        Ring, Greedy, Even, Waking, Shares, ByGroup, Tail, Replaced, Stolen, Metadata, Downloads,
        Replaying, Colliding, Mimic, SlowStart, Lockstep,
    )
}  # fmt: skip
"""All strategies by the name that tables of attacks use."""

__all__ = [
    "STRATEGIES",
    "ByGroup",
    "Colliding",
    "Downloads",
    "Even",
    "Greedy",
    "Lockstep",
    "Metadata",
    "Mimic",
    "Replaced",
    "Replaying",
    "Ring",
    "Shares",
    "SlowStart",
    "Stolen",
    "Strategy",
    "Tail",
    "Waking",
]

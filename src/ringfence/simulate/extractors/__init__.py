"""Extractors: one strategy a file, and the small parts that strategies are put together from.

What is taken (``splits``, ``ranked``, ``wishes``), when (``clocks``), how much a day (``rates``,
``diary``) and how often again (``returning``, ``mixing``) are parts of their own.
"""

from typing import Final

from ringfence.simulate.extractors.by_group import ByGroup
from ringfence.simulate.extractors.camouflage import Colliding, Replaying
from ringfence.simulate.extractors.downloads import Downloads
from ringfence.simulate.extractors.lockstep import Lockstep
from ringfence.simulate.extractors.metadata import Metadata
from ringfence.simulate.extractors.mimic import Mimic
from ringfence.simulate.extractors.paced import Even, Greedy, Waking
from ringfence.simulate.extractors.replaced import Replaced
from ringfence.simulate.extractors.ring import Ring
from ringfence.simulate.extractors.shares import Shares
from ringfence.simulate.extractors.slow_start import SlowStart
from ringfence.simulate.extractors.stolen import Stolen
from ringfence.simulate.extractors.strategy import Strategy
from ringfence.simulate.extractors.tail import Tail

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

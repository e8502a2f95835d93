"""Extractors: strategies of extraction and the pieces they are made of.

A strategy combines the items (``item_lists``, ``repeats``), the number per day (``day_plan``), the
times (``clocks``) and the seconds played (``playback``).
"""

from typing import Final

from ringfence.lab.simulate.extractors.camouflage import Colliding, Replaying
from ringfence.lab.simulate.extractors.mimic import Mimic
from ringfence.lab.simulate.extractors.rings import (
    ByGroup,
    CopiedGroups,
    Downloads,
    Even,
    Greedy,
    Lockstep,
    Metadata,
    Replacement,
    RingStrategy,
    Shares,
    SlowStart,
    Stolen,
    Tail,
    Waking,
)
from ringfence.lab.simulate.extractors.situations import (
    Archives,
    SearchPages,
    StolenLockstep,
    StolenNights,
    TriedIds,
    Visits,
)
from ringfence.lab.simulate.extractors.strategy import Strategy

STRATEGIES: Final[dict[str, type[Strategy]]] = {
    kind.name: kind
    for kind in (
        RingStrategy, Greedy, Even, Waking, Shares, ByGroup, Tail, Replacement, Stolen, Metadata,
        Downloads, CopiedGroups, Replaying, Colliding, Mimic, SlowStart, Lockstep,
        Visits, TriedIds, SearchPages, Archives, StolenNights, StolenLockstep,
    )
}  # fmt: skip
"""All strategies by the name that tables of attacks use."""

__all__ = [
    "STRATEGIES",
    "Archives",
    "ByGroup",
    "Colliding",
    "CopiedGroups",
    "Downloads",
    "Even",
    "Greedy",
    "Lockstep",
    "Metadata",
    "Mimic",
    "Replacement",
    "Replaying",
    "RingStrategy",
    "SearchPages",
    "Shares",
    "SlowStart",
    "Stolen",
    "StolenLockstep",
    "StolenNights",
    "Strategy",
    "Tail",
    "TriedIds",
    "Visits",
    "Waking",
]

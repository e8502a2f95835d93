"""Canary items: invent them in the style of a catalogue, and find them where they should not be."""

from ringfence.leaks.canaries.exposure import Exposure, find_exposed
from ringfence.leaks.canaries.invention import invent_canaries
from ringfence.leaks.canaries.presence import CanaryPresence, canaries_in_dump
from ringfence.leaks.canaries.uses import CanaryUse, canary_uses

__all__ = [
    "CanaryPresence",
    "CanaryUse",
    "Exposure",
    "canaries_in_dump",
    "canary_uses",
    "find_exposed",
    "invent_canaries",
]

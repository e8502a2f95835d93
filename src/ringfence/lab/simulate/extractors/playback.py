"""Draw the seconds that an extractor's events claim to have been played."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from ringfence.lab.simulate.event_columns import UNKNOWN
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Floats, Integers, SmallIntegers

PlayedName = Literal["none", "full", "human"]

SKIPPED: Final = 0.35
"""Share of real people's streams under 30 seconds, measured."""
SHORTEST, SPREAD = 100.0, 220.0
"""Seconds of a track that is played to its end: most tracks last two to five minutes."""


def item_seconds(item: Integers) -> Floats:
    """Return the length of each item in seconds: the same for every account."""
    one = np.array([1])
    return SHORTEST + SPREAD * (hashed_uniform(one, item) + hashed_uniform(one + 1, item)) / 2


def human_seconds(rng: np.random.Generator, item: Integers) -> Floats:
    """Return seconds as people play: about a third is skipped, most others are played out."""
    whole = item_seconds(item)
    skipped = rng.random(len(item)) < SKIPPED
    heard = np.where(rng.random(len(item)) < 0.75, 1.0, rng.uniform(0.3, 1.0, len(item)))
    # More than half of the skips come within three seconds, measured.
    return np.where(skipped, 1.0 + 28.0 * rng.random(len(item)) ** 5, whole * heard)


def logged_seconds(played: PlayedName, heard: Floats, item: Integers) -> SmallIntegers:
    """Return the seconds in the event: unknown, the item's length, or the seconds heard."""
    if played == "none":
        return np.full(len(item), UNKNOWN, np.int32)
    return (item_seconds(item) if played == "full" else heard).astype(np.int32)

"""Seconds played: what a log would carry of how long an extractor listened."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ringfence.lab.simulate.event_columns import UNKNOWN
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Floats, Integers, SmallIntegers

PlayedName = Literal["none", "full", "human"]

SKIPPED = 0.35
"""Share of people's streams under 30 seconds, measured (the user envelope)."""
SHORTEST, SPREAD = 100.0, 220.0
"""Seconds of a track that is played to its end: most tracks last two to five minutes."""


def lengths(item: Integers) -> Floats:
    """Return how long each item is, seconds: the same whoever plays it."""
    one = np.array([1])
    return SHORTEST + SPREAD * (hashed_uniform(one, item) + hashed_uniform(one + 1, item)) / 2


def human(rng: np.random.Generator, item: Integers) -> Floats:
    """Return seconds as people play: about a third is skipped, most of the rest is heard out."""
    whole = lengths(item)
    skipped = rng.random(len(item)) < SKIPPED
    heard = np.where(rng.random(len(item)) < 0.75, 1.0, rng.uniform(0.3, 1.0, len(item)))
    # Over half of the skips come within three seconds, measured.
    return np.where(skipped, 1.0 + 28.0 * rng.random(len(item)) ** 5, whole * heard)


def noted(played: PlayedName, heard: Floats, item: Integers) -> SmallIntegers:
    """Return what the log says: nothing, the item's length, or the seconds heard."""
    if played == "none":
        return np.full(len(item), UNKNOWN, np.int32)
    return (lengths(item) if played == "full" else heard).astype(np.int32)

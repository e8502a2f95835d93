"""Random numbers that depend on a key alone: a taste is looked up, never stored."""

from __future__ import annotations

import numpy as np

from ringfence.stats.arrays import Floats, Integers

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def hashed_uniform(key: Integers, slot: Integers) -> Floats:
    """Give every (key, slot) its own number in [0, 1), always the same one.

    The mixing function is SplitMix64 (Steele, Lea and Flood 2014).

    Args:
        key: non-negative integers below 2**31.
        slot: non-negative integers below 2**32, of the same shape.

    Returns:
        Numbers in [0, 1), of the same shape.
    """
    bits = (key.astype(np.uint64) << np.uint64(32)) + slot.astype(np.uint64)
    bits *= _GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53

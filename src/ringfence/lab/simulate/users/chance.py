"""Random numbers by 64-bit keys: every (key, number) has its own, always the same."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from ringfence.stats.arrays import Floats, Integers, Keys

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_TOP_53 = np.uint64(11)


def keys(key: Keys, number: Integers | int) -> Keys:
    """Make new keys out of keys and numbers: SplitMix64 (Steele, Lea and Flood 2014).

    Args:
        key: any keys.
        number: integers of the same shape, or one for all; may be negative.

    Returns:
        Keys, of the same shape, whose bits are as good as random.
    """
    bits = np.asarray(number, np.int64).astype(np.uint64) * _GOLDEN + key
    bits += _GOLDEN
    bits ^= bits >> _SHIFTS[0]
    bits *= _MIX_1
    bits ^= bits >> _SHIFTS[1]
    bits *= _MIX_2
    bits ^= bits >> _SHIFTS[2]
    return bits


def chance(key: Keys) -> Floats:
    """Turn keys into numbers in [0, 1)."""
    number: Floats = (key >> _TOP_53).astype(np.float64)
    number *= 2.0**-53
    return number


def uniform(key: Keys, number: Integers | int) -> Floats:
    """Give every (key, number) its own number in [0, 1)."""
    return chance(keys(key, number))


def normal(key: Keys, number: Integers | int) -> Floats:
    """Give every (key, number) its own standard normal number."""
    drawn: Floats = ndtri(uniform(key, number) + 2.0**-54)
    return drawn


def root(seed: int, number: Integers) -> Keys:
    """Make the keys of accounts, or of anything numbered, in the world of a seed."""
    world = keys(np.zeros(1, np.uint64), seed)
    return keys(np.broadcast_to(world, np.shape(number)), number)

"""Random numbers computed from keys: every (key, number) has its own, always the same one.

The mixing function is SplitMix64 (Steele, Lea and Flood 2014). Nothing is stored, so any part of a
simulation can be made alone, in any order and on any number of processors.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import ndtri

from ringfence.stats.arrays import Floats, Integers, Keys

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))
_TOP_53: Final = np.uint64(11)


def hashed_uniform(key: Integers, slot: Integers) -> Floats:
    """Return the number in [0, 1) of every (key, slot), for keys of 31 bits.

    Args:
        key: non-negative integers below 2**31.
        slot: non-negative integers below 2**32, of the same shape.
    """
    bits = (key.astype(np.uint64) << np.uint64(32)) + slot.astype(np.uint64)
    bits *= _GOLDEN
    return to_uniform(_mix(bits))


def derive_keys(key: Keys, number: Integers | int) -> Keys:
    """Return a new key for every (key, number), its bits as good as random.

    Args:
        key: keys of 64 bits.
        number: integers of the same shape, or one for all; may be negative.
    """
    bits = np.asarray(number, np.int64).astype(np.uint64) * _GOLDEN + key
    bits += _GOLDEN
    return _mix(bits)


def seeded_keys(seed: int, number: Integers) -> Keys:
    """Return the keys of accounts, or of other numbered things, in a simulation with a seed."""
    seeded = derive_keys(np.zeros(1, np.uint64), seed)
    return derive_keys(np.broadcast_to(seeded, np.shape(number)), number)


def to_uniform(key: Keys) -> Floats:
    """Turn keys into numbers in [0, 1)."""
    number: Floats = (key >> _TOP_53).astype(np.float64)
    number *= 2.0**-53
    return number


def uniform(key: Keys, number: Integers | int) -> Floats:
    """Return the number in [0, 1) of every (key, number)."""
    return to_uniform(derive_keys(key, number))


def normal(key: Keys, number: Integers | int) -> Floats:
    """Return the standard normal number of every (key, number)."""
    standard: Floats = ndtri(uniform(key, number) + 2.0**-54)
    return standard


def _mix(bits: Keys) -> Keys:
    """Mix the bits in place and return them."""
    bits ^= bits >> _SHIFTS[0]
    bits *= _MIX_1
    bits ^= bits >> _SHIFTS[1]
    bits *= _MIX_2
    bits ^= bits >> _SHIFTS[2]
    return bits

"""Permutations of any size, computed number by number instead of stored."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Integers

_ROUNDS: Final = 4
"""Enough for a permutation that looks random (Luby and Rackoff 1988)."""


def key_of(seed: int, *path: int) -> int:
    """Return a key below 2**31 from a seed and a path of whole numbers that name its purpose."""
    key = np.array([seed % 2**31])
    for step in path:
        key = (hashed_uniform(key, np.array([step % 2**32])) * 2**31).astype(np.int64)
    return int(key[0])


def permuted(number: Integers, size: int, key: int) -> Integers:
    """Return the image of each number under a permutation of 0 .. size - 1.

    The permutation is a Feistel network over the next power of four. Numbers that leave the range
    are sent on until they come back into it (Black and Rogaway 2002).

    Args:
        number: numbers below ``size``.
        size: 1 to 2**62.
        key: key of the permutation.
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    sent = _network(number, half, key)
    outside = np.flatnonzero(sent >= size)
    while len(outside):
        sent[outside] = _network(sent[outside], half, key)
        outside = outside[sent[outside] >= size]
    return sent


def _network(number: Integers, half: int, key: int) -> Integers:
    left, right = number >> half, number & ((1 << half) - 1)
    for step in range(_ROUNDS):
        turn = hashed_uniform(np.array([key_of(key, step)]), right) * (1 << half)
        left, right = right, left ^ turn.astype(np.int64)
    return (left << half) | right

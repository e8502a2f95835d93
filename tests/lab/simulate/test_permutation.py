"""Permutations that are looked up, never stored."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.permutation import key_of, permuted


@pytest.mark.parametrize("size", [1, 2, 5, 64, 1000, 4096, 65_537])
def test_every_number_occurs_once(size: int) -> None:
    """Whatever the size, it is a permutation."""
    sent = permuted(np.arange(size), size, key_of(3, 1))
    assert np.array_equal(np.sort(sent), np.arange(size))


def test_neighbours_are_torn_apart_and_keys_differ() -> None:
    """Order is not kept, nor at any fixed distance; another key gives another order."""
    sent = permuted(np.arange(10_000), 10_000, key_of(3, 1))
    other = permuted(np.arange(10_000), 10_000, key_of(3, 2))
    assert abs(np.corrcoef(np.arange(10_000), sent)[0, 1]) < 0.05
    assert np.unique(np.diff(sent)).size > 5_000
    assert np.mean(sent == other) < 0.01


def test_keys_depend_on_the_whole_path() -> None:
    """Seed and every step of the path matter, also their order."""
    assert len({key_of(1), key_of(1, 2), key_of(1, 2, 3), key_of(1, 3, 2), key_of(2, 2, 3)}) == 5

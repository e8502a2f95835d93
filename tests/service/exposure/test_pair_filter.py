"""The filter knows every pair that was added, and takes few others for known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ringfence.service.exposure.pair_filter import PairFilter

SIZE = 100_000


def numbers(seed: int, count: int = SIZE) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return random pairs."""
    return np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)


def test_added_pairs_are_found_and_few_others(tmp_path: Path) -> None:
    """A full filter knows all its pairs, and takes less than 1.1 % of other pairs for known."""
    pairs = PairFilter(tmp_path, SIZE)
    pairs.add_all(numbers(1))
    assert pairs.have(numbers(1)).all()
    assert pairs.have(numbers(2)).mean() < 0.011
    assert pairs.count == SIZE


def test_one_by_one_and_all_at_once_are_the_same(tmp_path: Path) -> None:
    """A pair that was added alone is found in a list, and the other way round."""
    pairs = PairFilter(tmp_path, 2_000)
    alone, listed = numbers(3, 500), numbers(4, 500)
    for one in alone.tolist():
        pairs.add(one)
    pairs.add_all(listed)
    assert pairs.have(alone).all()
    assert all(pairs.has(one) for one in listed.tolist())
    others = numbers(5, 5_000)
    assert [pairs.has(one) for one in others.tolist()] == pairs.have(others).tolist()


def test_a_full_filter_gets_a_second_part(tmp_path: Path) -> None:
    """Beyond its size the filter grows and knows all pairs; each part errs like the first."""
    pairs = PairFilter(tmp_path, 10_000)
    for seed in range(20):
        pairs.add_all(numbers(seed, 3_000))
    assert len(pairs.parts) == 3
    assert all(pairs.have(numbers(seed, 3_000)).all() for seed in range(20))
    assert pairs.have(numbers(99)).mean() < 0.03
    pairs.close()
    again = PairFilter(tmp_path, 10_000)
    assert len(again.parts) == len(pairs.parts)
    assert again.have(numbers(7, 3_000)).all()
    assert again.count == 60_000


def test_the_next_part_is_prepared_before_it_is_needed(tmp_path: Path) -> None:
    """A nearly full filter makes its next part early, and uses it when it is full."""
    pairs = PairFilter(tmp_path, 10_000)
    pairs.add_all(numbers(1, 8_000))
    pairs.prepare()
    assert len(list(tmp_path.iterdir())) == 1
    pairs.add_all(numbers(2, 1_500))
    pairs.prepare()
    pairs.prepare()
    assert len(list(tmp_path.iterdir())) == 2
    assert len(pairs.parts) == 1
    pairs = PairFilter(tmp_path, 10_000)
    assert len(pairs.parts) == 1
    pairs.add_all(numbers(3, 1_000))
    pairs.add(5)
    assert len(pairs.parts) == 2
    assert pairs.has(5)
    assert pairs.have(numbers(2, 1_500)).all()

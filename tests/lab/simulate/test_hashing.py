"""Random numbers from keys: always the same, uniform, and independent of the order of calls."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.hashing import (
    derive_keys,
    hashed_uniform,
    normal,
    seeded_keys,
    to_uniform,
    uniform,
)

COUNT = 100_000


def test_known_values_stay() -> None:
    """Some numbers are pinned, because every scenario depends on them."""
    number = hashed_uniform(np.array([1, 1, 2]), np.array([0, 1, 0]))
    assert number.tolist() == [0.7457795094105547, 0.27357846347706083, 0.4915590192867708]
    keys = seeded_keys(7, np.arange(2))
    assert keys.tolist() == [16886114407743784434, 7276452696135751452]


@pytest.mark.parametrize("slot", [0, 7, 2**31])
def test_hashed_numbers_are_uniform(slot: int) -> None:
    """Over many keys a slot's numbers fill [0, 1) evenly: each tenth within 5 % of its share."""
    number = hashed_uniform(np.arange(COUNT), np.full(COUNT, slot))
    assert np.histogram(number, 10, (0, 1))[0] == pytest.approx(COUNT / 10, rel=0.05)


def test_neighbouring_keys_and_slots_are_unrelated() -> None:
    """The numbers of neighbours in key or slot have no correlation."""
    key, slot = np.arange(COUNT), np.full(COUNT, 3)
    one = hashed_uniform(key, slot)
    for other in (hashed_uniform(key + 1, slot), hashed_uniform(key, slot + 1)):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.015


def test_derived_keys_do_not_collide() -> None:
    """Different numbers and different keys give different keys, negative numbers included."""
    keys = seeded_keys(5, np.arange(300))
    derived = [derive_keys(keys, number) for number in range(-100, 100)]
    assert len(np.unique(derived)) == 300 * 200


def test_another_seed_gives_other_keys() -> None:
    """No account has the same key under two seeds."""
    number = np.arange(10_000)
    assert not np.isin(seeded_keys(1, number), seeded_keys(2, number)).any()


def test_a_part_alone_has_the_same_numbers() -> None:
    """The numbers of some accounts do not depend on the accounts beside them."""
    keys = seeded_keys(9, np.arange(1_000))
    assert (uniform(keys, 4)[200:300] == uniform(seeded_keys(9, np.arange(200, 300)), 4)).all()


def test_normal_numbers_are_standard() -> None:
    """Mean 0, standard deviation 1, 2.3 % above 2, and no infinity at the ends of the range."""
    number = normal(seeded_keys(1, np.arange(COUNT)), 0)
    assert number.mean() == pytest.approx(0, abs=0.02)
    assert number.std() == pytest.approx(1, abs=0.02)
    assert (number > 2).mean() == pytest.approx(0.02275, rel=0.1)
    assert np.isfinite(number).all()


def test_extreme_keys_stay_below_one() -> None:
    """The largest key becomes a number below 1, the smallest becomes 0."""
    ends = to_uniform(np.array([0, 2**64 - 1], np.uint64))
    assert ends[0] == 0
    assert 0.999999 < ends[1] < 1

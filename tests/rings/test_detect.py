"""All rings of a ledger through the one public function."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import SIZE, Pairs, ring, users
from tests.rings.timed_accesses import lockstep

from ringfence.model.ring import Ring
from ringfence.rings import detect_rings
from ringfence.stats.arrays import Columns
from ringfence.testing import small_ledger

START = np.datetime64("2026-01-01T00:00:00")
DIVIDERS = 10_000
TOGETHER = 20_000


def events_of(account: np.ndarray, item: np.ndarray, second: np.ndarray) -> Columns:
    """Return events, in which accounts from 10,000 on share devices in pairs."""
    names = np.array([f"a{number}" for number in account])
    shared = np.where(account >= DIVIDERS, account // 2, account)
    return {
        "ts": START + second.astype("timedelta64[s]"),
        "account": names,
        "item": np.array([f"i{number}" for number in item]),
        "group": np.array([f"g{number // SIZE}" for number in item]),
        "device": np.array([f"d{number}" for number in shared]),
    }


def spread(rng: np.random.Generator, pairs: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return holdings with random times within twenty days."""
    return pairs[0], pairs[1], rng.integers(0, 20 * 86_400, pairs[0].size)


def detect(*crowds: tuple[np.ndarray, np.ndarray, np.ndarray]) -> list[tuple[Ring, set[int]]]:
    """Return the rings of a log, each with the numbers of its accounts."""
    account, item, second = (np.concatenate(each) for each in zip(*crowds, strict=True))
    with small_ledger(events_of(account, item, second)) as context:
        rows = context.engine.rows("SELECT account_key, account FROM accounts")
        number = {int(key): int(name[1:]) for key, name in rows}
        order = np.random.default_rng(0).permutation(np.array(sorted(number), dtype=np.uint64))
        rings = detect_rings(context.engine, order, context.columns)
    return [(one, {number[key] for key in one.keys.tolist()}) for one in rings]


@pytest.mark.slow
def test_both_tests_find_their_rings() -> None:
    """A ring that divides items and one in lockstep are found, most certain first."""
    rng = np.random.default_rng(1)
    crowd = users(rng, 400)
    dividing = spread(rng, ring(crowd, 30, 70, rng))
    acting = lockstep(rng, 12, TOGETHER)
    # Items that nobody else holds, so that the second ring shares nothing with the first.
    found = detect(spread(rng, crowd), dividing, (acting[0], acting[1] + 90_000, acting[2]))
    by_test = {one.test: members for one, members in found}
    assert by_test == {
        "collision": set(range(DIVIDERS, DIVIDERS + 30)),
        "lockstep": set(range(TOGETHER, TOGETHER + 12)),
    }
    assert [one.log_p for one, _ in found] == sorted(one.log_p for one, _ in found)


@pytest.mark.slow
def test_rings_come_with_their_links() -> None:
    """Members that share devices in pairs have a link by device, with their values."""
    rng = np.random.default_rng(2)
    crowd = users(rng, 400)
    ((found, members),) = detect(spread(rng, crowd), spread(rng, ring(crowd, 30, 70, rng)))
    assert members == set(range(DIVIDERS, DIVIDERS + 30))
    (device,) = found.links
    assert device.attribute == "device"
    assert device.observed == 15
    assert device.p_value < 0.01
    assert len(device.shared) == 30


@pytest.mark.slow
def test_users_are_not_a_ring() -> None:
    """A log of users has no rings."""
    rng = np.random.default_rng(3)
    assert detect(spread(rng, users(rng, 300))) == []

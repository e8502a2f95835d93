"""Order: lists are seen, album runs and own returns are no list."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.evidence import Scores
from ringfence.evidence.order import MINIMUM_HOURS, Order, order_p_values
from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.testing import account, small_ledger, together, users

HOUR = 3_600


def correlations(rng: np.random.Generator, runs: Integers, run: int) -> Floats:
    """Correlate number with time for accounts that take albums, in random order, run after run."""
    found = []
    for hours in runs:
        albums = rng.integers(0, 1_000_000, hours)
        numbers = (albums[:, None] * run + np.arange(run)).ravel()
        found.append(abs(np.corrcoef(np.repeat(np.arange(hours), run), numbers)[0, 1]))
    return np.array(found)


@pytest.mark.parametrize("run", [1, 12])
def test_album_runs_are_no_order(run: int) -> None:
    """Albums taken in random order, each track by track, are rare no more often than p says."""
    rng = np.random.default_rng(run)
    hours = rng.integers(MINIMUM_HOURS, 200, 3_000)
    p = order_p_values(correlations(rng, hours, run), hours.astype(np.float64))
    for level in (0.1, 0.05, 0.01, 0.001):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level / p.size)


def test_items_of_a_sitting_are_not_counted_as_many() -> None:
    """Were each track counted for itself, album runs would look like an order."""
    rng = np.random.default_rng(3)
    hours = np.full(1_000, 15)
    found = correlations(rng, hours, 12)
    as_items = order_p_values(found, hours * 12.0)
    assert np.mean(as_items <= 0.1) > 2 * np.mean(order_p_values(found, hours.astype(float)) <= 0.1)


def test_closer_and_longer_is_rarer() -> None:
    """A closer correlation is rarer, and so is the same over more hours; none at all is p = 1."""
    close = order_p_values(np.linspace(0, 1, 50), np.full(50, 100.0))
    assert np.all(np.diff(close) < 0)
    assert close[0] == 1.0
    assert 0 < close[-1] < 1e-20
    longer = order_p_values(np.full(4, 0.5), np.array([10.0, 20.0, 100.0, 1_000.0]))
    assert np.all(np.diff(longer) < 0)


def scored(name: str, *events: Columns) -> dict[str, float]:
    """Return what the test says of one account."""
    with small_ledger(together(*events)) as context:
        names = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        scores: Scores = Order().score(context)
        row = int(np.flatnonzero(scores.keys == names[name])[0])
        return {**scores.at(row), "p": float(scores.p_values[row])}


def test_down_the_ids_is_seen() -> None:
    """Who follows the numbers in the ids is rare, by number; backwards as well."""
    numbers = np.random.default_rng(6).permutation(16_000)[:2_000]
    for items in (np.sort(numbers), np.sort(numbers)[::-1]):
        seen = scored("a", users(30), account("a", np.arange(2_000) * HOUR // 4, items))
        assert seen["by_number"] == 1
        assert seen["observed"] > 0.99
        assert seen["p"] < 1e-10


def test_down_the_charts_is_seen() -> None:
    """Who takes the most popular first, whatever its ids, is rare, by popularity."""
    rng = np.random.default_rng(4)
    names = rng.permutation(200)
    fans = [account(f"fan-{n}", rng.permutation(n) * HOUR, names[:n]) for n in range(50, 200, 3)]
    seen = scored("a", *fans, account("a", np.arange(200) * HOUR, names))
    assert seen["by_number"] == 0
    assert seen["observed"] > 0.85
    assert seen["p"] < 1e-6


def test_own_returns_are_no_list() -> None:
    """What an account took first it also returned to most; that alone is no order."""
    rng = np.random.default_rng(5)
    first = account("a", np.arange(200) * 6 * HOUR, rng.permutation(5_000)[:200])
    returns = []
    for step in range(200):
        again = np.arange(step % 7, step + 1, 7)
        returns.append({name: values[again] for name, values in first.items()})
        returns[-1]["ts"] = first["ts"][step] + (again * 60 + 60).astype("timedelta64[s]")
    seen = scored("a", first, *returns)
    assert seen["observed"] < 0.2
    assert seen["p"] > 0.1

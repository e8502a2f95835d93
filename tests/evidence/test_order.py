"""Order finds lists, and does not mistake albums or returns for lists."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.evidence import Scores
from ringfence.evidence.order import MINIMUM_HOURS, Order, order_p_values
from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.testing import account, small_ledger, together, users

HOUR = 3_600


def correlations(rng: np.random.Generator, runs: Integers, run: int) -> Floats:
    """Correlate number with time for accounts that take whole albums in random order."""
    found = []
    for hours in runs:
        albums = rng.integers(0, 1_000_000, hours)
        numbers = (albums[:, None] * run + np.arange(run)).ravel()
        found.append(abs(np.corrcoef(np.repeat(np.arange(hours), run), numbers)[0, 1]))
    return np.array(found)


@pytest.mark.parametrize("run", [1, 12])
def test_albums_in_random_order_are_not_rare(run: int) -> None:
    """Accounts that take albums in random order have p ≤ a with a chance of at most a."""
    rng = np.random.default_rng(run)
    hours = rng.integers(MINIMUM_HOURS, 200, 3_000)
    p = order_p_values(correlations(rng, hours, run), hours.astype(np.float64))
    for level in (0.1, 0.05, 0.01, 0.001):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level / p.size)


def test_the_sample_size_is_hours() -> None:
    """With items as the sample size, albums in random order would look like a list."""
    rng = np.random.default_rng(3)
    hours = np.full(1_000, 15)
    found = correlations(rng, hours, 12)
    as_items = order_p_values(found, hours * 12.0)
    assert np.mean(as_items <= 0.1) > 2 * np.mean(order_p_values(found, hours.astype(float)) <= 0.1)


def test_closer_and_longer_is_rarer() -> None:
    """A closer correlation and a longer one are rarer, and no correlation has p = 1."""
    close = order_p_values(np.linspace(0, 1, 50), np.full(50, 100.0))
    assert np.all(np.diff(close) < 0)
    assert close[0] == 1.0
    assert 0 < close[-1] < 1e-20
    longer = order_p_values(np.full(4, 0.5), np.array([10.0, 20.0, 100.0, 1_000.0]))
    assert np.all(np.diff(longer) < 0)


def scored(name: str, *events: Columns) -> dict[str, float]:
    """Return the numbers and the p-value of one account."""
    with small_ledger(together(*events)) as context:
        names = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        scores: Scores = Order().score(context)
        row = int(np.flatnonzero(scores.keys == names[name])[0])
        accusing = scores.p_values if scores.accusing is None else scores.accusing
        own = {"p": float(scores.p_values[row]), "accusing": float(accusing[row])}
        return {**scores.at(row), **own}


def test_a_list_of_ids_is_found() -> None:
    """An account that follows the numbers in the ids, up or down, is rare."""
    numbers = np.random.default_rng(6).permutation(16_000)[:2_000]
    for items in (np.sort(numbers), np.sort(numbers)[::-1]):
        seen = scored("a", users(30), account("a", np.arange(2_000) * HOUR // 4, items))
        assert seen["by_number"] == 1
        assert seen["observed"] > 0.99
        assert seen["p"] < 1e-10


def test_a_list_by_popularity_is_found() -> None:
    """An account that takes the most popular items first is rare, whatever the ids."""
    rng = np.random.default_rng(4)
    names = rng.permutation(200)
    fans = [account(f"fan-{n}", rng.permutation(n) * HOUR, names[:n]) for n in range(50, 200, 3)]
    seen = scored("a", *fans, account("a", np.arange(200) * HOUR, names))
    assert seen["by_number"] == 0
    assert seen["observed"] > 0.85
    assert seen["p"] < 1e-6


def test_own_returns_are_not_a_list() -> None:
    """An account returns most to the items that it took first; that alone is not rare."""
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


def in_journals(events: Columns) -> Columns:
    """Name each item by its journal of sixty and its number there."""
    numbers = [int(str(one).rpartition("-")[2]) for one in events["item"]]
    return {**events, "item": np.array([f"j{n // 60:02}-{n % 60:04}" for n in numbers], object)}


def test_several_lists_one_after_another_are_not_called_honest() -> None:
    """Ids begin again in each journal. The correlation with one list shows nothing, and says so."""
    hours = np.arange(600) * HOUR // 4
    journals = np.array([5, 0, 8, 3, 9, 1, 6, 4, 7, 2])
    walk = account("a", hours, (60 * journals[:, None] + np.arange(60)).ravel())
    seen = scored("a", in_journals(users(30, groups=75)), in_journals(walk))
    assert seen["observed"] < 0.2
    assert seen["several_lists"]
    assert "in several lists one after another" in Order().sentence({**seen, "p_value": seen["p"]})
    listed = scored("a", users(30, groups=75), account("a", hours, np.arange(600)))
    assert not listed["several_lists"]
    assert listed["p"] < 1e-10


def test_an_order_that_nobody_can_judge_is_a_suspicion_only() -> None:
    """Where no other user took such items in succession, the order does not help to accuse."""
    seen = scored("a", users(30), account("a", np.arange(600) * HOUR // 4, np.arange(600) + 50_000))
    assert seen["unwitnessed"]
    assert (seen["accusing"], seen["p"] < 1e-10) == (1.0, True)
    assert "does not count toward an accusation" in Order().sentence(seen)


def test_an_order_that_others_show_to_be_rare_counts() -> None:
    """Where many other users take such items in no order, the order helps to accuse."""
    hours = np.arange(1_200) * HOUR // 40
    seen = scored("a", users(30, groups=75), account("a", hours, range(1_200)))
    assert seen["accusing"] == seen["p"] < 1e-10
    assert "accusation" not in Order().sentence(seen)

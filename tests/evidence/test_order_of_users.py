"""Order tells lists from media that everybody takes in order, and from following what is new."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.evidence.order import Order
from ringfence.stats.arrays import Columns, Floats
from ringfence.testing import account, small_ledger, together, users

DAY, HOUR = 86_400, 3_600
DAYS = 28
PER_DAY = 40
"""Articles per day of the feed."""


def follower(rng: np.random.Generator, name: str) -> Columns:
    """Make a user who takes articles of the last days, a few per day; ids rise with their day."""
    days = np.repeat(np.arange(DAYS), rng.integers(2, 12))
    published = days + 20 - np.minimum(rng.exponential(1, days.size).astype(int), 20)
    items = published * PER_DAY + (PER_DAY * rng.random(days.size) ** 2).astype(int)
    return account(name, days * DAY + rng.integers(7 * HOUR, 22 * HOUR, days.size), items)


def visitor(rng: np.random.Generator, name: str) -> Columns:
    """Make a user who opens a few books and turns some pages of each."""
    starts = rng.integers(0, 30_000, 8)
    when = np.sort(rng.integers(0, DAYS * DAY, 8))
    pages = np.arange(8)
    return account(
        name,
        (when[:, None] + 30 * pages).ravel(),
        (starts[:, None] + pages).ravel(),
    )


def transcriber(rng: np.random.Generator, name: str, step: int = 1) -> Columns:
    """Make a user who takes page after page, 15 to 90 per day, for four weeks."""
    per_day = int(rng.integers(15, 90))
    days = np.repeat(np.arange(DAYS), per_day)
    within = np.tile(np.arange(per_day), DAYS) * 180 + 8 * HOUR
    first = int(rng.integers(0, 20_000))
    return account(name, days * DAY + within, first + np.arange(days.size) * step)


def p_values(*events: Columns, of: str) -> Floats:
    """Return the p-values of order for the accounts whose names begin with a text."""
    with small_ledger(together(*events)) as context:
        names = dict(context.engine.rows("SELECT account_key, account FROM accounts"))
        scores = Order().score(context)
        chosen = [names[key].startswith(of) for key in scores.keys.tolist()]
        return np.asarray(scores.p_values[np.array(chosen, dtype=bool)])


def conservative(p: Floats) -> bool:
    """Return whether p-values are uniform or larger, up to chance."""
    levels = (0.2, 0.1, 0.05, 0.01, 0.001)
    return all(np.mean(p <= level) <= level + 3 * np.sqrt(level / p.size) for level in levels)


def test_followers_of_a_feed_are_not_rare() -> None:
    """Where ids rise with time, p-values of users who follow what is new are conservative."""
    rng = np.random.default_rng(1)
    crowds = [[follower(rng, f"f-{n}") for n in range(80)] for _ in range(2)]
    assert conservative(np.concatenate([p_values(*crowd, of="f-") for crowd in crowds]))


@pytest.mark.parametrize("readers", [1, 8])
def test_readers_of_pages_are_not_rare(readers: int) -> None:
    """Among users who turn pages, those who take thousands in order are not rare."""
    rng = np.random.default_rng(readers)
    visitors = [visitor(rng, f"v-{n}") for n in range(100)]
    many = [transcriber(rng, f"t-{n}") for n in range(readers)]
    p = p_values(*visitors, *many, of="t-")
    assert p.size == readers
    assert conservative(p)
    assert p.min() > 0.1


def test_where_most_large_holders_go_in_order_it_cannot_tell() -> None:
    """Large holders that all go in order are not rare, whatever other users do."""
    rng = np.random.default_rng(3)
    many = [transcriber(rng, f"t-{n}") for n in range(8)]
    p = p_values(users(60), *many, of="t-")
    assert p.min() > 0.1


@pytest.mark.parametrize("walkers", [1, 2])
def test_a_walk_among_users_who_do_not_is_found(walkers: int) -> None:
    """An account that takes id after id among users who do not is as rare as before."""
    rng = np.random.default_rng(4)
    p = p_values(users(80), *(transcriber(rng, f"t-{n}") for n in range(walkers)), of="t-")
    assert p.max() < 1e-8


def test_a_walk_with_gaps_among_readers_of_pages_is_found() -> None:
    """Members that divide a list do not go from one page to the next, and are found."""
    rng = np.random.default_rng(5)
    visitors = [visitor(rng, f"v-{n}") for n in range(100)]
    share = transcriber(np.random.default_rng(9), "t", step=7)
    rest = account("rest", np.arange(10_000) * 200, rng.permutation(40_000)[:10_000])
    assert p_values(*visitors, rest, share, of="t").max() < 1e-8


def test_a_walk_through_the_archive_of_a_feed_is_found() -> None:
    """Among followers of a feed, an account that takes old articles in order is rare."""
    rng = np.random.default_rng(6)
    followers = [follower(rng, f"f-{n}") for n in range(100)]
    walk = account("walk", np.arange(700) * DAYS * DAY // 700, np.arange(700))
    assert p_values(*followers, walk, of="walk").max() < 1e-8

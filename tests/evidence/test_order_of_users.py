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


def transcriber(
    rng: np.random.Generator, name: str, step: int = 1, least: int = 0, jump: int = 0
) -> Columns:
    """Make a user who takes page after page, 15 to 90 per day, for four weeks.

    ``jump`` is the largest distance of a page from the one whose turn it is.
    """
    first = least + int(rng.integers(0, 20_000))
    return walk(rng, name, first, int(rng.integers(15, 90)), days=DAYS, step=step, jump=jump)


def walk(  # noqa: PLR0913 - what a walk is
    rng: np.random.Generator,
    name: str,
    first: int,
    per_day: int = 2_000,
    *,
    days: int = 3,
    step: int = 1,
    jump: int = 0,
) -> Columns:
    """Make an account that takes page after page, by default as fast as nobody reads."""
    day = np.repeat(np.arange(days), per_day)
    within = np.tile(np.arange(per_day), days) * min(180, 14 * HOUR // per_day) + 8 * HOUR
    pages = first + np.arange(day.size) * step + rng.integers(-jump, jump + 1, day.size)
    return account(name, day * DAY + within, pages)


def p_values(*events: Columns, of: str) -> Floats:
    """Return the p-values that count toward an accusation, of the accounts with such names."""
    with small_ledger(together(*events)) as context:
        names = dict(context.engine.rows("SELECT account_key, account FROM accounts"))
        scores = Order().score(context)
        chosen = [names[key].startswith(of) for key in scores.keys.tolist()]
        assert scores.accusing is not None
        assert (scores.accusing >= scores.p_values).all()
        return np.asarray(scores.accusing[np.array(chosen, dtype=bool)])


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


def browsers(rng: np.random.Generator, accounts: int, within: int = 40) -> list[Columns]:
    """Make users who open two items near each other, one after the other, on ten days."""
    when = np.arange(10) * 2 * DAY
    found = []
    for number in range(accounts):
        first = rng.integers(0, 22_000, 10)
        moments = (when[:, None] + [0, 60]).ravel()
        near = first + rng.integers(2, within, 10) * rng.choice([-1, 1], 10)
        found.append(
            account(f"b-{number}", moments, np.column_stack([first, near]).ravel() + within)
        )
    return found


@pytest.mark.parametrize("walkers", [1, 2])
def test_a_walk_among_users_who_do_not_is_found(walkers: int) -> None:
    """An account that takes id after id is rare where many others take near items in no order."""
    rng = np.random.default_rng(4)
    others = browsers(rng, 400)
    many = [walk(rng, f"t-{n}", 9_000 * n) for n in range(walkers)]
    p = p_values(*others, *many, of="t-")
    assert p.size == walkers
    assert p.max() < 1e-8


@pytest.mark.parametrize("walkers", [1, 2])
def test_a_reader_among_users_of_an_index_is_not_accused_of_order(walkers: int) -> None:
    """Many others jump from hit to hit, and a reader takes no more pages per day than people do."""
    rng = np.random.default_rng(4)
    many = [walk(rng, f"t-{n}", 9_000 * n, 210, days=DAYS) for n in range(walkers)]
    assert p_values(*browsers(rng, 400), *many, of="t-").tolist() == [1.0] * walkers


@pytest.mark.parametrize("readers", [1, 2, 3])
def test_a_walk_that_nobody_else_could_judge_does_not_accuse(readers: int) -> None:
    """Few readers of pages are not accused of their order where the others take other items."""
    rng = np.random.default_rng(readers)
    few = [transcriber(rng, f"t-{n}", least=50_000) for n in range(readers)]
    p = p_values(users(80), *few, of="t-")
    assert p.tolist() == [1.0] * readers


@pytest.mark.parametrize("readers", [1, 3])
@pytest.mark.parametrize("jump", [1, 2, 5, 25])
def test_readers_who_jump_within_a_work_are_not_accused_of_order(jump: int, readers: int) -> None:
    """A few readers who jump by some pages, where others take other items."""
    rng = np.random.default_rng(10 * jump + readers)
    few = [transcriber(rng, f"t-{n}", least=50_000, jump=jump) for n in range(readers)]
    assert p_values(users(80), *few, of="t-").tolist() == [1.0] * readers


@pytest.mark.parametrize("jump", [1, 2, 5, 25])
def test_a_reader_who_jumps_among_readers_who_do_not_is_not_accused_of_order(jump: int) -> None:
    """Where others turn pages, nothing shows that the order of a reader who also jumps is rare."""
    rng = np.random.default_rng(jump)
    visitors = [visitor(rng, f"v-{n}") for n in range(100)]
    assert p_values(*visitors, transcriber(rng, "t", jump=jump), of="t").min() > 0.1


@pytest.mark.parametrize("jump", [1, 2, 5, 16, 32, 50])
def test_a_walk_with_jumps_among_users_who_take_near_items_is_found(jump: int) -> None:
    """An account that covers the ids by small steps is rare where many others step farther."""
    rng = np.random.default_rng(jump)
    near = browsers(rng, 400, within=max(40, 12 * jump))
    assert p_values(*near, walk(rng, "t", 9_000, jump=jump), of="t").max() < 1e-8


def test_a_reader_of_two_pages_at_a_time_is_not_accused_of_order() -> None:
    """Others turn each of the same pages, and this reader requests every second one."""
    rng = np.random.default_rng(3)
    reader = transcriber(rng, "t", step=2)
    numbers = np.array([int(str(one).rpartition("-")[2]) for one in reader["item"]])
    visitors = [
        account(f"v-{n}", np.arange(8) * 60 + n * HOUR, page + np.arange(8))
        for n, page in enumerate(np.repeat(np.arange(numbers.min(), numbers.max(), 6), 2).tolist())
    ]
    assert p_values(*visitors, reader, of="t").min() > 0.1


def test_readers_of_the_same_pages_show_that_order_is_usual_there() -> None:
    """Where those who open two pages of a work mostly turn the page, a long reader is not rare.

    All other users, who are many more, take articles with ids far away, in no order.
    """
    rng = np.random.default_rng(8)
    reader = transcriber(rng, "t")
    numbers = np.array([int(str(one).rpartition("-")[2]) for one in reader["item"]])
    turned = rng.choice(numbers, 30)
    readers = [
        account(f"v-{n}", np.array([n, n + 1]) * HOUR, [page, page + (1 if n % 4 else 9)])
        for n, page in enumerate(turned.tolist())
    ]
    articles = [
        {**one, "item": np.array([f"z{name}" for name in one["item"]], object)}
        for one in browsers(rng, 200)
    ]
    assert p_values(*articles, *readers, reader, of="t").tolist() == [1.0]


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
    archive = account("walk", np.arange(700) * DAY // 700, np.arange(700))
    assert p_values(*followers, archive, of="walk").max() < 1e-8

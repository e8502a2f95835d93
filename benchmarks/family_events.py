"""Make an archive and a newspaper with a few users of an honest family, as event records.

The family reads whole registers where others follow an index of names, or fetches whole issues
where others read articles. All numbers are assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.stats.seconds import DAY, HOUR

START: Final = np.datetime64("2026-03-02T00:00:00", "s")
"""A Monday."""
DAYS: Final = 28
OTHERS: Final = 990
"""Accounts beside the family, some of which have no events."""
FAMILY: Final = "family"
"""Begins the names of the family's accounts."""

REGISTERS: Final = 2_000
IMAGES: Final = 250
"""Images per register of the archive."""
ARTICLES: Final = 120
"""Articles per issue of the newspaper."""
OLD_ISSUES: Final = 1_000
"""Issues before the first day."""

BROWSERS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14; K) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Mobile/15E148 Safari/604.1",
)
EPAPER: Final = "Epaper/7.2 (iPad; iOS 19.1)"

Random = np.random.Generator


@dataclass(frozen=True)
class Sitting:
    """Items that one account takes in one go.

    Attributes:
        account: name of the account.
        client: its program.
        surface: ``stream`` or ``download``.
        second: (items,) seconds since the start.
        item: (items,) numbers of the items; those of one group follow each other.
    """

    account: str
    client: str
    surface: str
    second: Floats
    item: Integers


def write_events(events: Columns, path: Path) -> None:
    """Write events into a Parquet file, in order of time. Numbers that are unknown are empty."""
    order = np.argsort(events["ts"], kind="stable")
    arrays = {name: pa.array(values[order], from_pandas=True) for name, values in events.items()}
    pq.write_table(pa.table(arrays), path)


def historians(size: int, rng: Random) -> Columns:
    """Make an archive in which most users follow an index of names.

    Hits of one name lie 3 to 39 images apart in one register. The family pages through whole
    registers, 150 to 210 images per day, one per 45 seconds.
    """
    sittings = [one for user in range(OTHERS) for one in _index_user(rng, user)]
    sittings += [one for user in range(size) for one in _historian(rng, user)]
    return _together(sittings, group="register", per_group=IMAGES)


def _index_user(rng: Random, user: int) -> Iterator[Sitting]:
    for day in _days(rng, rng.uniform(0.05, 0.5)):
        item: list[int] = []
        for register in _popular(rng, REGISTERS, 1 + rng.poisson(2.5), 0.6):
            steps = rng.integers(3, 40, rng.poisson(1.2))
            image = np.cumsum([rng.integers(0, IMAGES), *steps]) % IMAGES
            item += (register * IMAGES + image).tolist()
        second = day * DAY + _evening(rng) + _pauses(rng, len(item), 50)
        yield Sitting(f"user-{user}", BROWSERS[user % 4], "stream", second, np.array(item))


def _historian(rng: Random, user: int) -> Iterator[Sitting]:
    """Page through registers that follow each other."""
    at = int(rng.integers(0, REGISTERS)) * IMAGES
    for day in range(DAYS):
        count = int(rng.integers(150, 211))
        second = day * DAY + _evening(rng) + _pauses(rng, count, 45)
        item = (at + np.arange(count)) % (REGISTERS * IMAGES)
        at += count
        yield Sitting(f"{FAMILY}-{user}", BROWSERS[user % 4], "stream", second, item)


def epaper(size: int, rng: Random) -> Columns:
    """Make a newspaper with a feed of articles. The family's app fetches each whole issue once.

    It does so on 70 to 100 % of mornings. Three of four articles that others read are of the day.
    """
    ranks = np.array([rng.permutation(ARTICLES) for _ in range(DAYS)])
    sittings = [one for user in range(OTHERS) for one in _feed_reader(rng, user, ranks)]
    sittings += [one for user in range(size) for one in _subscriber(rng, user)]
    return _together(sittings, group="issue", per_group=ARTICLES)


def _feed_reader(rng: Random, user: int, ranks: Integers) -> Iterator[Sitting]:
    rate = rng.lognormal(np.log(4), 0.8)
    for day in _days(rng, rng.uniform(0.1, 0.8)):
        count = 1 + rng.poisson(rate)
        source = rng.random(count)
        issue = np.where(source < 0.75, day, max(day - 1, 0))
        recent = ranks[issue, _popular(rng, ARTICLES, count, 0.9)] + ARTICLES * issue
        old = -1 - rng.integers(0, OLD_ISSUES * ARTICLES, count)
        item = np.where(source < 0.9, recent, old) + OLD_ISSUES * ARTICLES
        second = day * DAY + _evening(rng) + _pauses(rng, count, 150)
        yield Sitting(f"user-{user}", BROWSERS[user % 4], "stream", second, item)


def _subscriber(rng: Random, user: int) -> Iterator[Sitting]:
    wakes = rng.uniform(5 * HOUR, 8 * HOUR)
    for day in _days(rng, rng.uniform(0.7, 1)):
        fetched = np.cumsum(rng.uniform(0.3, 1.2, ARTICLES))
        second = day * DAY + wakes + rng.exponential(900) + fetched
        item = (OLD_ISSUES + day) * ARTICLES + np.arange(ARTICLES)
        yield Sitting(f"{FAMILY}-{user}", EPAPER, "download", second, item)


def _days(rng: Random, share: float) -> Iterator[int]:
    """Yield each day with this chance."""
    yield from np.flatnonzero(rng.random(DAYS) < share).tolist()


def _popular(rng: Random, count: int, draws: int, exponent: float) -> Integers:
    """Draw numbers below a count by Zipf's law, in which number n has rank n + 1."""
    weights = np.cumsum(np.arange(1, count + 1) ** -exponent)
    drawn: Integers = np.searchsorted(weights, rng.random(draws) * weights[-1])
    return drawn


def _evening(rng: Random) -> float:
    """Return the second of a day at which somebody begins: in the morning, at noon or later."""
    hour = rng.choice([7, 8, 12, 13, 18, 19, 20, 21, 22], p=[0.1] * 5 + [0.15, 0.15, 0.1, 0.1])
    return float(HOUR * (hour + rng.random()))


def _pauses(rng: Random, count: int, mean: float) -> Floats:
    """Return the seconds since the first item: pauses of eight seconds and more."""
    return np.cumsum(8 + rng.exponential(mean - 8, count))


def _together(sittings: Sequence[Sitting], group: str, per_group: int) -> Columns:
    """Return the events of all sittings."""
    count = [one.item.size for one in sittings]
    second = np.concatenate([one.second for one in sittings])
    item = np.concatenate([one.item for one in sittings])
    traits = {
        name: np.repeat(np.array([getattr(one, name) for one in sittings], object), count)
        for name in ("account", "surface", "client")
    }
    return traits | {
        "ts": START + second.astype("timedelta64[s]"),
        "item": np.array([f"item-{one}" for one in item], object),
        "group": np.array([f"{group}-{one // per_group}" for one in item], object),
    }

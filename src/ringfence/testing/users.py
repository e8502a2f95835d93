"""Make small, seeded events of users and of accounts that extract, for tests of evidence.

These users are not a realistic model; the simulator in ``ringfence.lab`` is. They have just enough
of each habit that every test has something to measure. An item's name has its number, and eight
items with successive numbers form a group.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.stats.arrays import Columns, Integers
from ringfence.stats.seconds import DAY, HOUR

START: Final = np.datetime64("2025-06-02T00:00:00")
"""Start of every log: a Monday, 00:00 UTC."""

GROUP_SIZE: Final = 8

BROWSERS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15",
)

SCRIPT: Final = "python-requests/2.32.3"


def users(
    accounts: int, *, days: int = 28, groups: int = 2_000, uses: float = 250, seed: int = 1
) -> Columns:
    """Return events of users, with a heavy tail in how much they take.

    The number of uses is lognormal with a spread of 0.7. Each user's share of returns follows the
    measured Beta distribution. A taste is a few dozen groups, popular ones more often. Uses come in
    sittings within waking hours.

    Args:
        accounts: number of users, named ``user-0000`` and so on.
        days: length of the log.
        groups: number of groups in the catalogue.
        uses: median number of uses per user.
        seed: the same seed gives the same events.
    """
    rng = np.random.default_rng(seed)
    return together(*(_user(rng, number, days, groups, uses) for number in range(accounts)))


def account(  # noqa: PLR0913 - each is one column of a log
    name: str,
    seconds: npt.ArrayLike,
    items: npt.ArrayLike,
    *,
    surface: str = "stream",
    client: str = BROWSERS[0],
    networks: int = 1,
    played: float = 180.0,
) -> Columns:
    """Return the events of one account.

    Args:
        name: name of the account.
        seconds: time of each event, in seconds since :data:`START`.
        items: number of each item, which determines its group.
        surface: surface of all events.
        client: client name of all events.
        networks: number of networks, used in turn from event to event.
        played: seconds played per event.
    """
    moments = np.asarray(seconds, dtype=np.int64)
    numbers = np.asarray(items, dtype=np.int64)
    origin = sum(name.encode()) % 200
    return {
        "ts": START + moments.astype("timedelta64[s]"),
        "account": _repeated(name, moments.size),
        "item": _named("item-{:07d}", numbers),
        "group": _named("group-{:06d}", numbers // GROUP_SIZE),
        "surface": _repeated(surface, moments.size),
        "client": _repeated(client, moments.size),
        "ip": _named(f"10.{origin}.{{}}.7", np.arange(moments.size) % networks),
        "seconds": np.full(moments.size, played),
    }


def extractor(name: str, *, days: int, hours: int, per_hour: int, networks: int = 1) -> Columns:
    """Return events of an account that extracts in every way that a log can show.

    It takes the items in the order of their numbers, each once, at an even pace, in the first
    hours of each day. The items are downloaded by a script from many networks.

    Args:
        name: name of the account.
        days: number of days in use, from the first day on.
        hours: hours in use per day.
        per_hour: items per hour.
        networks: number of networks.
    """
    steps = np.arange(days * hours * per_hour)
    hour = steps // per_hour
    seconds = (hour // hours * 24 + hour % hours) * HOUR + steps % per_hour * HOUR // per_hour
    return account(name, seconds, steps, surface="download", client=SCRIPT, networks=networks)


def together(*tables: Columns) -> Columns:
    """Merge events into one table in time order."""
    joined = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    order = np.argsort(joined["ts"], kind="stable")
    return {name: values[order] for name, values in joined.items()}


def _user(rng: np.random.Generator, number: int, days: int, groups: int, uses: float) -> Columns:
    count = int(np.clip(rng.lognormal(np.log(uses), 0.7), 5, 300 * days))
    seconds = _sittings(rng, count, days)
    events = account(
        f"user-{number:04d}",
        seconds,
        _items(rng, count, groups),
        client=BROWSERS[number % 2] if number % 20 else SCRIPT,
        networks=1 + number % 6,
    )
    events["surface"] = np.where(
        rng.random(count) < 0.1 * (number % 5), "download", "stream"
    ).astype(object)
    events["seconds"] = np.round(rng.uniform(20, 240, count))
    return events


def _items(rng: np.random.Generator, count: int, groups: int) -> Integers:
    """Draw items: new ones from a taste, and returns to items taken before."""
    breadth = rng.integers(20, 80) + count // 10
    taste = (groups * rng.random(breadth) ** 3).astype(np.int64)
    weights = rng.dirichlet(np.full(taste.size, 0.7))
    fresh = rng.choice(taste, count, p=weights) * GROUP_SIZE + (
        GROUP_SIZE * rng.random(count) ** 1.5
    ).astype(np.int64)
    returns = rng.random(count) < rng.beta(2.5, 3.3)
    earlier = (rng.random(count) * np.arange(count)).astype(np.int64)
    return np.asarray(np.where(returns, fresh[earlier], fresh), dtype=np.int64)


def _sittings(rng: np.random.Generator, count: int, days: int) -> Integers:
    """Draw times: sittings of about twelve uses, in waking hours that differ between users."""
    sittings = count // 12 + 1
    wakes = rng.integers(6, 11)
    begins = (rng.integers(0, days, sittings) * 24 + wakes) * HOUR + (
        rng.beta(2, 1.5, sittings) * 14 * HOUR
    ).astype(np.int64)
    sitting = np.sort(rng.choice(begins, count))
    position = np.arange(count) - np.searchsorted(sitting, sitting, side="left")
    moments = sitting + position * 190 + rng.integers(0, 60, count)
    return np.asarray(np.minimum(moments, days * DAY - 1), dtype=np.int64)


def _repeated(text: str, times: int) -> npt.NDArray[Any]:
    return np.full(times, text, dtype=object)


def _named(pattern: str, numbers: Integers) -> npt.NDArray[Any]:
    distinct, which = np.unique(numbers, return_inverse=True)
    names = np.array([pattern.format(number) for number in distinct], dtype=object)
    return np.asarray(names[which], dtype=object)

"""Events of users and of accounts that extract, small and seeded, for tests of evidence.

Not a model of anybody (that is the simulator's task): just enough of each habit that every test has
something to measure. Items are named by group and number, eight to a group.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.stats.arrays import Columns, Integers

START: Final = np.datetime64("2025-06-02T00:00:00")
"""A Monday, 00:00 UTC; every population begins here."""

GROUP_SIZE: Final = 8

BROWSERS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15",
)

SCRIPT: Final = "python-requests/2.32.3"


def users(
    accounts: int, *, days: int = 28, groups: int = 2_000, uses: float = 250, seed: int = 1
) -> Columns:
    """Return events of users with heavy tails in how much they take.

    Uses are lognormal (``uses`` the median, spread 0.7); each user's share of returns is a draw
    of the measured Beta law; tastes are some tens of groups, popular ones more often; use comes
    in sittings within waking hours.

    Args:
        accounts: how many; named ``user-0000`` and on.
        days: length of the log.
        groups: groups in the catalogue.
        uses: the median user's.
        seed: same seed, same events.
    """
    rng = np.random.default_rng(seed)
    parts = [_user(rng, number, days, groups, uses) for number in range(accounts)]
    return together(*parts)


def account(  # noqa: PLR0913 - each is one thing a log tells of an account
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
        name: the account's.
        seconds: time of each event, in seconds since :data:`START`.
        items: number of each item; its group follows from it.
        surface: how it takes.
        client: its client's name.
        networks: it moves through so many networks, event by event.
        played: seconds played of each.
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
    """Return an account that extracts in every way that a log shows.

    It takes down the list of items, group after group, each once, evenly, in the first ``hours`` of
    each day; as downloads, by a script, from many networks, several at once.

    Args:
        name: the account's.
        days: days in use, from the first on.
        hours: hours in use a day.
        per_hour: items an hour.
        networks: how many.
    """
    steps = np.arange(days * hours * per_hour)
    hour = steps // per_hour
    seconds = (hour // hours * 24 + hour % hours) * 3600 + steps % per_hour * 3600 // per_hour
    return account(name, seconds, steps, surface="download", client=SCRIPT, networks=networks)


def together(*parts: Columns) -> Columns:
    """Put events together, in time order."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(joined["ts"], kind="stable")
    return {name: values[order] for name, values in joined.items()}


def _user(rng: np.random.Generator, number: int, days: int, groups: int, uses: float) -> Columns:
    count = int(np.clip(rng.lognormal(np.log(uses), 0.7), 5, 300 * days))
    seconds = _sittings(rng, count, days)
    part = account(
        f"user-{number:04d}",
        seconds,
        _items(rng, count, groups),
        client=BROWSERS[number % 2] if number % 20 else SCRIPT,
        networks=1 + number % 6,
    )
    part["surface"] = np.where(rng.random(count) < 0.1 * (number % 5), "download", "stream").astype(
        object
    )
    part["seconds"] = np.round(rng.uniform(20, 240, count))
    return part


def _items(rng: np.random.Generator, count: int, groups: int) -> Integers:
    """Draw items: new ones from a taste, returns to any taken before."""
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
    """Draw times: sittings of some twelve uses, in waking hours that differ between users."""
    sittings = count // 12 + 1
    wakes = rng.integers(6, 11)
    begins = (rng.integers(0, days, sittings) * 24 + wakes) * 3600 + (
        rng.beta(2, 1.5, sittings) * 14 * 3600
    ).astype(np.int64)
    sitting = np.sort(rng.choice(begins, count))
    position = np.arange(count) - np.searchsorted(sitting, sitting, side="left")
    moments = sitting + position * 190 + rng.integers(0, 60, count)
    return np.asarray(np.minimum(moments, days * 86400 - 1), dtype=np.int64)


def _repeated(text: str, times: int) -> npt.NDArray[Any]:
    return np.full(times, text, dtype=object)


def _named(pattern: str, numbers: Integers) -> npt.NDArray[Any]:
    distinct, which = np.unique(numbers, return_inverse=True)
    names = np.array([pattern.format(number) for number in distinct], dtype=object)
    return np.asarray(names[which], dtype=object)

"""Accounts that copy a library to a device, and accounts that take a list as fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import numpy as np

from ringfence.evidence import Context
from ringfence.evidence.reference_distributions import Kind
from ringfence.stats.arrays import Columns, Integers
from ringfence.testing import account, small_ledger, together, users
from ringfence.testing.users import GROUP_SIZE

DAY, HOUR = 86_400, 3_600
GROUPS: Final = 2_000
CROWD: Final = 150
ALL: Final = ("ts", "account", "item", "group", "surface", "seconds")


def library(rng: np.random.Generator, items: int) -> Integers:
    """Return the items of a library: whole groups, album by album."""
    groups = rng.permutation(GROUPS)[: -(-items // GROUP_SIZE)]
    every: Integers = (groups[:, None] * GROUP_SIZE + np.arange(GROUP_SIZE)).ravel()[:items]
    return every


def syncer(  # noqa: PLR0913 - each parameter is one habit
    name: str,
    rng: np.random.Generator,
    *,
    items: int,
    gap: float,
    devices: int = 1,
    plays: bool = False,
) -> Columns:
    """Copy one library to each device in an evening, and top it up by one album per week."""
    held = library(rng, items + 32)
    first = rng.integers(1, 5) * DAY + 17 * HOUR + rng.integers(0, 5 * HOUR)
    copies = [
        account(
            name,
            first + device * 4 * DAY + (np.arange(items) * gap).astype(np.int64),
            held[:items],
            surface="download",
            played=0.0,
        )
        for device in range(devices)
    ]
    topped = account(
        name,
        first + np.repeat(np.arange(1, 4) * 7 * DAY, GROUP_SIZE) + 2 * np.arange(24),
        held[items : items + 24],
        surface="download",
        played=0.0,
    )
    heard = np.arange(200) * 4 * HOUR // 2 if plays else np.zeros(0, np.int64)
    played = account(name, 6 * DAY + heard, rng.choice(held[:100], heard.size))
    return together(*copies, topped, played)


def fast_list(  # noqa: PLR0913 - each parameter is one habit
    name: str,
    items: Integers,
    *,
    start: int = 20 * DAY,
    gap: float = 0.6,
    surface: str = "download",
    played: float = 0.0,
) -> Columns:
    """Take items in their order at full speed."""
    moments = start + (np.arange(items.size) * gap).astype(np.int64)
    return account(name, moments, items, surface=surface, played=played)


def most_used(crowd: Columns, count: int) -> Integers:
    """Return the most used items of a crowd, most used first."""
    names, uses = np.unique(crowd["item"], return_counts=True)
    top = names[np.argsort(-uses, kind="stable")][:count]
    return np.array([int(str(name).rpartition("-")[2]) for name in top])


@cache
def listeners(seed: int = 11) -> Columns:
    """Return ordinary listeners; one in ten also downloads a little."""
    crowd = users(CROWD, days=28, groups=GROUPS, uses=400, seed=seed)
    number = np.array([int(str(name)[-4:]) for name in crowd["account"]])
    rng = np.random.default_rng(seed)
    some = (number % 10 == 0) & (rng.random(number.size) < 0.3)
    return crowd | {"surface": np.where(some, "download", crowd["surface"])}


@contextmanager
def ledger_with(
    *events: Columns, columns: tuple[str, ...] = ALL, kind: Kind = "music"
) -> Iterator[Context]:
    """Fold events with some of the columns."""
    joined = together(*events)
    with small_ledger({name: joined[name] for name in columns}, kind=kind) as context:
        yield context

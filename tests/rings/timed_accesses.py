"""Accesses with their times: people with reasons to coincide, and rings in lockstep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.random import Generator

from ringfence.engine import Engine, open_engine
from ringfence.rings.lockstep.coincidences import CoincidentDays
from ringfence.rings.lockstep.compared import compare_whole_accounts
from ringfence.settings import EngineSettings
from ringfence.stats.seconds import DAY

ITEMS = 3_000
DAYS = 42

Accesses = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Account, item and second of each access; a program may take an item again."""


def users(rng: Generator, accounts: int = 300, first: int = 0) -> Accesses:
    """Draw people who take popular items in their waking hours; some take ten times as many."""
    uses = np.minimum(np.exp(rng.normal(4.5, 0.9, accounts)), 2_500).astype(int)
    account = np.repeat(first + np.arange(accounts), uses)
    item = (ITEMS * rng.random(account.size) ** 3).astype(int)
    hour = rng.normal(15, 3, account.size)
    day = rng.integers(0, DAYS, account.size)
    return account, item, (day * DAY + hour * 3_600).astype(int)


def followers(rng: Generator, accounts: int, first: int) -> Accesses:
    """Draw people who play a list, which is renewed weekly, in order and skip some items."""
    days = np.arange(0, DAYS, 7)
    begin = days * DAY + rng.uniform(6 * 3_600, 23 * 3_600, (accounts, days.size))
    return _albums(rng, begin, first, 50_000, tracks=50, skipped=0.2)


def midnights(rng: Generator, accounts: int, first: int) -> Accesses:
    """Draw people who start a new album within minutes of midnight, once a week."""
    days = np.arange(4, DAYS, 7)
    begin = days * DAY + rng.exponential(240, (accounts, days.size))
    return _albums(rng, begin, first, 60_000, tracks=12, skipped=0.0)


def party(rng: Generator, accounts: int, first: int) -> Accesses:
    """Draw people who hear fifteen tracks in the same seconds, once a week."""
    days = np.arange(5, DAYS, 7)
    begin = days * DAY + 20 * 3_600 + rng.uniform(0, 5, (accounts, days.size))
    return _albums(rng, begin, first, 70_000, tracks=15, skipped=0.1)


def lockstep(  # noqa: PLR0913, PLR0917 - each is what a ring differs in
    rng: Generator,
    accounts: int,
    first: int,
    per_day: int = 10,
    days: int = 21,
    within: float = 15.0,
) -> Accesses:
    """Draw accounts that take the same popular items at the same times, within some seconds."""
    when = (np.arange(days)[:, None] * DAY + rng.uniform(8, 23, (days, per_day)) * 3_600).ravel()
    account = np.repeat(first + np.arange(accounts), when.size)
    second = np.tile(when, accounts) + rng.uniform(-within, within, account.size)
    return account, np.tile(np.arange(when.size), accounts), second.astype(int)


def together(*crowds: Accesses) -> Accesses:
    """Put crowds into one population."""
    account, item, second = (np.concatenate(each) for each in zip(*crowds, strict=True))
    return account, item, second


@contextmanager
def ledger(accesses: Accesses) -> Iterator[Engine]:
    """Yield an engine with the holdings of these accesses: the first of each account and item."""
    account, item, second = accesses
    with open_engine(EngineSettings(threads=1)) as engine:
        keys = {"account_key": account.astype(np.uint64), "item_key": item.astype(np.uint64)}
        engine.table("accesses", {**keys, "second": (second + 20_000 * DAY).astype(np.uint32)})
        engine.run(
            "CREATE TABLE holdings AS SELECT account_key, item_key, min(second) AS first, "
            "max(second) AS last, count(*) AS uses FROM accesses GROUP BY account_key, item_key"
        )
        engine.run("CREATE TEMP TABLE set_apart (account_key UBIGINT, client VARCHAR)")
        compare_whole_accounts(engine)
        yield engine


def coincident_days(accesses: Accesses, members: np.ndarray) -> CoincidentDays:
    """Count the coincident days of some accounts."""
    with ledger(accesses) as engine:
        return CoincidentDays.of(engine, members.astype(np.uint64))


def _albums(  # noqa: PLR0913, PLR0917 - each is what a habit differs in
    rng: Generator, begin: np.ndarray, first: int, item: int, tracks: int, skipped: float
) -> Accesses:
    """Play the list of each column track by track from its begin, beside other accesses."""
    people, lists = begin.shape
    starts = np.cumsum(rng.uniform(150, 300, (lists, tracks)), axis=1)
    second = begin[:, :, None] + starts
    account = np.broadcast_to(first + np.arange(people)[:, None, None], second.shape)
    items = np.broadcast_to(item + np.arange(lists * tracks).reshape(lists, tracks), second.shape)
    heard = rng.random(second.shape) >= skipped
    played = account[heard], items[heard], second[heard].astype(int)
    return together(played, users(rng, people, first))

"""The ledgers that the checks run on; each is folded once per process."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from ringfence.evidence import Context
from ringfence.stats.arrays import Columns
from ringfence.testing.small_ledger import small_ledger
from ringfence.testing.users import extractor, together, users

MILD: Final = "extractor-mild"
EXTREME: Final = "extractor-extreme"
REQUIRED_COLUMNS: Final = ("ts", "account", "item")

_OPEN_LEDGERS: Final = ExitStack()
atexit.register(_OPEN_LEDGERS.close)


@cache
def all_columns() -> Context:
    """Return 120 users and two extractors, one of them bolder in every way, with every column."""
    return _folded(_events())


@cache
def required_columns() -> Context:
    """Return the same accounts in a log of time, account and item only."""
    events = _events()
    taken = events["status"] == "200"
    return _folded({name: events[name][taken] for name in REQUIRED_COLUMNS})


@cache
def in_slices() -> Context:
    """Return the same accounts, folded in slices of uneven length, in time order."""
    events = _events()
    size = events["ts"].size
    cuts = [0, size // 7, size // 7 + 1, size // 2, size]
    return _folded(
        *({name: values[a:b] for name, values in events.items()} for a, b in pairwise(cuts))
    )


@cache
def renamed() -> Context:
    """Return the same accounts with every account, item and group renamed."""
    events = dict(_events())
    events["account"] = np.array([new_name(name) for name in events["account"]], dtype=object)
    # Items keep the number that ends their id, because an extractor may follow it.
    events["item"] = np.array([f"=<b>Ж {name[5:]}" for name in events["item"]], dtype=object)
    events["group"] = np.array([name[::-1] for name in events["group"]], dtype=object)
    return _folded(events)


@cache
def empty() -> Context:
    """Return a ledger without any event."""
    return _folded()


@cache
def one_user() -> Context:
    """Return a single user, who cannot be compared with others."""
    return _folded(users(1, seed=3))


def new_name(account: str) -> str:
    """Return the name of an account in :func:`renamed`."""
    return f"\x1b[31m{account[::-1]}</script>"


@cache
def _events() -> Columns:
    return together(
        _browsed(_answered(users(120), "200")),
        _answered(extractor(MILD, days=10, hours=18, per_hour=80, networks=12), "200"),
        _answered(extractor(EXTREME, days=10, hours=24, per_hour=200, networks=40), "200"),
        *(_guesses(f"user-{number:04d}", per_hour=number % 20, days=1) for number in range(9, 50)),
        _guesses(MILD, per_hour=160),
        _guesses(EXTREME, per_hour=600),
        *(_lists(f"user-{number:04d}", per_hour=number % 8, days=1) for number in range(9, 50)),
        *(_archives(f"user-{number:04d}", per_hour=number % 3, days=1) for number in range(9, 50)),
        _archives(MILD, per_hour=10),
        _archives(EXTREME, per_hour=25, hours=24),
        _lists(MILD, per_hour=40),
        _lists(EXTREME, per_hour=100, hours=24),
    )


def _answered(events: Columns, status: str) -> Columns:
    """Return events with the status of their answers, and without traces of a browser."""
    size = events["ts"].size
    return {
        **events,
        "status": np.full(size, status, dtype=object),
        "records": np.full(size, 1, dtype=np.int64),
        "bytes": np.full(size, 5_000_000, dtype=np.int64),
        "referrer": np.full(size, None, dtype=object),
        "assets": np.zeros(size, np.int64),
    }


def _browsed(events: Columns) -> Columns:
    """Return events with the traces of browsers, which differ from user to user."""
    user = np.unique(events["account"], return_inverse=True)[1]
    number = np.arange(user.size)
    referred = number % 10 <= user % 7 + 3
    return {
        **events,
        "referrer": np.array([None, "https://catalogue.example/"])[referred.astype(int)],
        "assets": np.where(number % 4 == 0, user % 5, 0),
    }


def _guesses(name: str, per_hour: int, days: int = 10) -> Columns:
    """Return requests for items that do not exist, more than the account takes on a day."""
    guesses = _answered(extractor(name, days=days, hours=18, per_hour=per_hour), "404")
    return {**guesses, "item": np.array([f"no-{item}" for item in guesses["item"]], dtype=object)}


def _lists(name: str, per_hour: int, days: int = 10, hours: int = 18) -> Columns:
    """Return requests for pages of search results with 100 records each."""
    pages = _answered(extractor(name, days=days, hours=hours, per_hour=per_hour), "200")
    size = pages["ts"].size
    return {
        **pages,
        "item": np.array([f"list-{item}" for item in pages["item"]], dtype=object),
        "surface": np.full(size, "search", dtype=object),
        "records": np.full(size, 100, dtype=np.int64),
    }


def _archives(name: str, per_hour: int, days: int = 10, hours: int = 18) -> Columns:
    """Return downloads of archives with 15 items each."""
    archives = _answered(extractor(name, days=days, hours=hours, per_hour=per_hour), "200")
    return {
        **archives,
        "item": np.array([f"archive-{item}" for item in archives["item"]], dtype=object),
        "records": np.full(archives["ts"].size, 15, dtype=np.int64),
    }


def _folded(*slices: Columns) -> Context:
    return _OPEN_LEDGERS.enter_context(small_ledger(*slices))

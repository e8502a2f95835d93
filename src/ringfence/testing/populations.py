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
    return _folded({name: _events()[name] for name in REQUIRED_COLUMNS})


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
        users(120),
        extractor(MILD, days=10, hours=18, per_hour=80, networks=12),
        extractor(EXTREME, days=10, hours=24, per_hour=200, networks=40),
    )


def _folded(*slices: Columns) -> Context:
    return _OPEN_LEDGERS.enter_context(small_ledger(*slices))

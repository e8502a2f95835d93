"""The populations that the checks put to a test; each is folded once a process."""

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
NEEDED: Final = ("ts", "account", "item")

_OPEN: Final = ExitStack()
atexit.register(_OPEN.close)


@cache
def everything() -> Context:
    """Return 120 users and two extractors, the one twice as bold, with every column."""
    return _folded(_events())


@cache
def bare() -> Context:
    """Return the same from a log of time, account and item alone."""
    return _folded({name: _events()[name] for name in NEEDED})


@cache
def sliced() -> Context:
    """Return the same, folded in slices of uneven length, in time order."""
    events = _events()
    size = events["ts"].size
    cuts = [0, size // 7, size // 7 + 1, size // 2, size]
    return _folded(
        *({name: values[a:b] for name, values in events.items()} for a, b in pairwise(cuts))
    )


@cache
def relabelled() -> Context:
    """Return the same with every account, item and group renamed."""
    events = dict(_events())
    events["account"] = np.array([renamed(name) for name in events["account"]], dtype=object)
    # Items keep the number they end on: lists may be followed by number.
    events["item"] = np.array([f"=<b>Ж {name[5:]}" for name in events["item"]], dtype=object)
    events["group"] = np.array([name[::-1] for name in events["group"]], dtype=object)
    return _folded(events)


@cache
def nothing() -> Context:
    """Return a ledger that nothing was folded into."""
    return _folded()


@cache
def alone() -> Context:
    """Return one user with nobody to compare with."""
    return _folded(users(1, seed=3))


def renamed(account: str) -> str:
    """Return the name that an account has in :func:`relabelled`."""
    return f"\x1b[31m{account[::-1]}</script>"


@cache
def _events() -> Columns:
    return together(
        users(120),
        extractor(MILD, days=10, hours=18, per_hour=80, networks=12),
        extractor(EXTREME, days=10, hours=24, per_hour=200, networks=40),
    )


def _folded(*slices: Columns) -> Context:
    return _OPEN.enter_context(small_ledger(*slices))

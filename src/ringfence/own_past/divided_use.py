"""Read the use of accounts before and after a cut, as arrays with one row per cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.engine import Engine
from ringfence.own_past.cuts import MEASURED, OWNER_DAYS, divide_use
from ringfence.stats.arrays import Columns, Flags, Floats, Keys, Rows


@dataclass(frozen=True)
class UsePart:
    """One part of the use of accounts at cuts: arrays of one length.

    Attributes:
        days: days with use.
        span: calendar days.
        items: new items.
        log_items: sum over days of the logarithm of new items.
        log_items_2: the same of squares.
        tasted: days with new items.
        taste: sum over these days of the mean logarithm of the holders of new items.
        taste_2: the same of squares.
        hours: (cuts, 24) days on which each hour was used.
    """

    days: Floats
    span: Floats
    items: Floats
    log_items: Floats
    log_items_2: Floats
    tasted: Floats
    taste: Floats
    taste_2: Floats
    hours: Floats


@dataclass(frozen=True)
class DividedUse:
    """The use of accounts, each divided at a cut; one row per cut.

    Attributes:
        keys: account keys, ascending; an account may have several cuts.
        cut: first day after the cut, since 1970.
        is_foreign: whether the later part is what came from foreign places. Other rows are accounts
            that are cut in the middle, for comparison.
        past: use before the cut.
        since: use after it.
        owner_days: days since the cut on which known places were used as well.
    """

    keys: Keys
    cut: Floats
    is_foreign: Flags
    past: UsePart
    since: UsePart
    owner_days: Floats


def read_divided_use(engine: Engine) -> DividedUse:
    """Divide the use of all accounts, and return those with use in both parts.

    Args:
        engine: holds the ledger, on which the evidence steps have run. Writes temp tables.
    """
    divide_use(engine)
    rows = engine.columns(MEASURED)
    before = _first_of_pairs(rows)
    keys, cut = rows["account_key"][before], rows["cut"][before].astype(np.float64)
    begin, end = rows["first"][before], rows["last"][before + 1]
    return DividedUse(
        keys,
        cut,
        rows["is_foreign"][before].astype(np.bool_),
        _part(rows, before, cut - begin),
        _part(rows, before + 1, end - cut + 1),
        _owner_days(engine, keys, cut),
    )


def _first_of_pairs(rows: Columns) -> Rows:
    """Return the rows of the past that are followed by the other part of the same cut."""
    same = rows["part"][1:] - rows["part"][:-1] == 1
    for name in ("account_key", "cut", "is_foreign"):
        same &= rows[name][1:] == rows[name][:-1]
    return np.flatnonzero(same)


def _part(rows: Columns, at: Rows, span: Floats) -> UsePart:
    hours = np.column_stack([rows[f"h{hour}"][at] for hour in range(24)])
    names = ("days", "items", "log_items", "log_items_2", "tasted", "taste", "taste_2")
    values = {name: np.asarray(rows[name][at], np.float64) for name in names}
    return UsePart(span=np.asarray(span, np.float64), hours=hours.astype(np.float64), **values)


def _owner_days(engine: Engine, keys: Keys, cut: Floats) -> Floats:
    """Return the owner's days since each cut; cuts of other accounts have none."""
    rows = engine.columns(OWNER_DAYS)
    known = {
        (int(key), int(day)): float(days)
        for key, day, days in zip(rows["account_key"], rows["cut"], rows["days"], strict=True)
    }
    return np.array([known.get((int(k), int(d)), 0.0) for k, d in zip(keys, cut, strict=True)])

"""Name what planted requests ask for, and list the items that their answers show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ringfence.lab.evaluate.item_pools import NamedItemPool
from ringfence.lab.simulate.event_columns import (
    ARCHIVE,
    ITEM,
    ITEMS_PER_PAGE,
    LISTING,
    MISSING,
    REFUSED,
    EventColumns,
)
from ringfence.lab.simulate.log_columns import FIRST_MISSING, records_of
from ringfence.stats.arrays import Codes, Integers, Names

_NAMED: Final = (ITEM, REFUSED)


def request_names(pool: NamedItemPool, takes: EventColumns) -> Names:
    """Return the name of what each request asks for."""
    names = np.full(len(takes), None, dtype=object)
    namings: dict[int, Callable[[Integers], Names]] = {
        MISSING: lambda number: _numbered("tr-", number + FIRST_MISSING),
        ARCHIVE: lambda number: "al-" + pool.group_names(number),
        LISTING: lambda number: _numbered("search-", number),
        **dict.fromkeys(_NAMED, pool.item_names),
    }
    for response, naming in namings.items():
        rows = np.flatnonzero(takes.response == response)
        if len(rows):
            names[rows] = naming(takes.item[rows])
    return names


def request_groups(pool: NamedItemPool, takes: EventColumns) -> Names:
    """Return the name of the group of each request; None where there is none."""
    names = np.full(len(takes), None, dtype=object)
    named = np.flatnonzero(np.isin(takes.response, _NAMED))
    names[named] = pool.group_names(pool.group_of(takes.item[named]))
    archives = np.flatnonzero(takes.response == ARCHIVE)
    names[archives] = pool.group_names(takes.item[archives])
    return names


def records(pool: NamedItemPool, takes: EventColumns) -> Integers:
    """Return the number of items that each answer shows or holds."""
    sizes = np.zeros(len(takes), np.int64)
    for row in np.flatnonzero(takes.response == ARCHIVE):
        sizes[row] = len(pool.whole(int(takes.item[row])))
    return records_of(takes.response, sizes)


def shown_items(pool: NamedItemPool, takes: EventColumns) -> EventColumns:
    """Return one row per item that an answer shows: none for failures, all items of an archive."""
    if not takes.response.any():
        return takes
    shown = [_shown(pool, int(item), code) for item, code in zip(takes.item, takes.response)]  # noqa: B905 - columns
    rows = np.repeat(np.arange(len(takes)), [len(items) for items in shown])
    item = np.concatenate(shown).astype(np.int64)
    some = takes.at(rows)
    response = np.zeros(len(item), np.int8)
    return EventColumns(some.second, some.account, item, some.seconds, some.surface, response)


def _shown(pool: NamedItemPool, item: int, response: Codes) -> Integers:
    if response == ITEM:
        return np.array([item])
    if response == ARCHIVE:
        return pool.whole(item)
    if response == LISTING:
        return pool.listed((item * ITEMS_PER_PAGE + np.arange(ITEMS_PER_PAGE)) % pool.items)
    return np.zeros(0, np.int64)


def _numbered(prefix: str, numbers: Integers) -> Names:
    return np.array([f"{prefix}{number}" for number in numbers.tolist()], dtype=object)

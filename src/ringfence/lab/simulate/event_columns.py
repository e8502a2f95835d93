"""Simulated events as columns of numbers, before they get names and an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ringfence.stats.arrays import Codes, Integers, SmallIntegers

SURFACE_NAMES: Final = ("stream", "download", "metadata", "search")
"""Surfaces of an event; :attr:`EventColumns.surface` counts from 0 here."""

RESPONSE_NAMES: Final = ("item", "missing", "refused", "archive", "listing")
"""What a request was answered with: an item; nothing, because the item does not exist; nothing,
because it was refused; a whole group in one file; or a page of a list of items.
:attr:`EventColumns.response` counts from 0 here."""

ITEM, MISSING, REFUSED, ARCHIVE, LISTING = range(len(RESPONSE_NAMES))

ITEMS_PER_PAGE: Final = 100
"""Items on a page of a list."""

UNKNOWN: Final = -1
"""Seconds played of an event that played nothing, or of which they are unknown."""


@dataclass(frozen=True)
class EventColumns:
    """Events of some accounts, all columns of one length, in no order.

    Attributes:
        second: seconds since the first midnight (UTC) of the scenario or campaign. A day may begin
            before its midnight, as days of other time zones do.
        account: number of the account.
        item: number of the item in its pool. It depends on ``response``: of a missing item, the
            number after the last item of the pool; the number of a group; or of a page of a list.
        seconds: seconds played, or :data:`UNKNOWN`.
        surface: position in :data:`SURFACE_NAMES`.
        response: position in :data:`RESPONSE_NAMES`.
    """

    second: Integers
    account: Integers
    item: Integers
    seconds: SmallIntegers
    surface: Codes
    response: Codes

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.second)

    def at(self, rows: Integers) -> EventColumns:
        """Return some rows, in the order given."""
        return EventColumns(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def streams(
        cls,
        second: Integers,
        account: Integers,
        item: Integers,
        seconds: SmallIntegers | None = None,
    ) -> EventColumns:
        """Return streams; their seconds played are unknown if they are not given."""
        count = len(second)
        played = np.full(count, UNKNOWN, np.int32) if seconds is None else seconds
        zero = np.zeros(count, np.int8)
        return cls(second, account, item, played, zero, zero)


def joined(batches: Sequence[EventColumns]) -> EventColumns:
    """Put events one after another; no batches give no events."""
    if not batches:
        none = np.zeros(0, np.int64)
        return EventColumns.streams(none, none, none)
    return EventColumns(
        *(
            np.concatenate([getattr(p, column.name) for p in batches])
            for column in fields(EventColumns)
        )
    )

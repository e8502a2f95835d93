"""Takes on their way to an event table: columns, in no order yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ringfence.stats.arrays import Codes, Integers, SmallIntegers

SURFACES: Final = ("stream", "download", "metadata", "search")
"""How an item is taken; :attr:`EventColumns.surface` counts from 0 here."""

UNKNOWN: Final = -1
"""Seconds played where nothing was played or nobody knows."""


@dataclass(frozen=True)
class EventColumns:
    """Event records of some accounts, all columns of one length.

    Attributes:
        second: seconds since the midnight (UTC) the scenario or campaign starts with; a day may
            begin before its midnight, as days of other time zones do.
        account: number of the account within its crowd.
        item: number of the item on its shelf.
        seconds: seconds played, :data:`UNKNOWN` where nothing was.
        surface: position in :data:`SURFACES`.
    """

    second: Integers
    account: Integers
    item: Integers
    seconds: SmallIntegers
    surface: Codes

    def __len__(self) -> int:
        """Return the number of takes."""
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
        """Make streams; without seconds, nobody knows how long they were."""
        count = len(second)
        played = np.full(count, UNKNOWN, np.int32) if seconds is None else seconds
        return cls(second, account, item, played, np.zeros(count, np.int8))


def joined(parts: Sequence[EventColumns]) -> EventColumns:
    """Put takes one after another; no parts make no takes."""
    if not parts:
        none = np.zeros(0, np.int64)
        return EventColumns.streams(none, none, none)
    return EventColumns(
        *(
            np.concatenate([getattr(p, column.name) for p in parts])
            for column in fields(EventColumns)
        )
    )

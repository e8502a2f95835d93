"""Takes on their way to an event table: columns, in no order yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ringfence.lab.simulate.keyed import Codes, Small
from ringfence.stats.arrays import Integers

SURFACES: Final = ("stream", "download", "metadata", "search")
"""How an item is taken; :attr:`Takes.surface` counts from 0 here."""

UNKNOWN: Final = -1
"""Seconds played where nothing was played or nobody knows."""


@dataclass(frozen=True)
class Takes:
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
    seconds: Small
    surface: Codes

    def __len__(self) -> int:
        """Return the number of takes."""
        return len(self.second)

    def at(self, rows: Integers) -> Takes:
        """Return some rows, in the order given."""
        return Takes(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def streams(
        cls, second: Integers, account: Integers, item: Integers, seconds: Small | None = None
    ) -> Takes:
        """Make streams; without seconds, nobody knows how long they were."""
        count = len(second)
        played = np.full(count, UNKNOWN, np.int32) if seconds is None else seconds
        return cls(second, account, item, played, np.zeros(count, np.int8))


def joined(parts: Sequence[Takes]) -> Takes:
    """Put takes one after another; no parts make no takes."""
    if not parts:
        none = np.zeros(0, np.int64)
        return Takes.streams(none, none, none)
    return Takes(
        *(np.concatenate([getattr(p, column.name) for p in parts]) for column in fields(Takes))
    )

"""Fetches: events of a person's day that are not plays of an ordinary listener."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ringfence.lab.simulate.event_columns import ITEM, SURFACE_NAMES, UNKNOWN, EventColumns
from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Floats, Integers, Keys
from ringfence.stats.seconds import DAY

_PURPOSE = 1 << 33
"""Separates the keys of fetches from those of plays."""


@dataclass(frozen=True)
class Fetches:
    """Fetches of some persons on one day, in the order of persons and of time.

    Attributes:
        row: (fetches,) row of the person in the table of people.
        nth: (fetches,) number of the fetch within the person's batch.
        key: (fetches,) key of everything random about the fetch.
        second: (fetches,) time in seconds since the scenario's first midnight (UTC).
    """

    row: Integers
    nth: Integers
    key: Keys
    second: Integers

    @classmethod
    def of(  # noqa: PLR0913 - one batch needs all of this
        cls,
        people: People,
        rows: Integers,
        count: Integers,
        day: int,
        *,
        start: Floats,
        gap: Floats,
    ) -> Self:
        """Place a batch of fetches in each person's day, one after another.

        Args:
            people: traits.
            rows: (persons,) rows of people.
            count: (persons,) number of fetches; at least 0.
            day: day since the scenario started.
            start: (persons,) local second of the day of the first fetch.
            gap: (persons,) mean seconds from one fetch to the next.
        """
        of = np.repeat(np.arange(len(rows)), count)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        row = rows[of]
        key = derive_keys(derive_keys(people.key[row], _PURPOSE + day), nth)
        local = start[of] + (nth + uniform(key, 1)) * gap[of]
        second = day * DAY + local.astype(np.int64) - people.zone[row]
        return cls(row, nth, key, second)

    def __len__(self) -> int:
        """Return the number of fetches."""
        return len(self.row)

    def person(self, people: People) -> Keys:
        """Return the key of the person of each fetch."""
        person: Keys = people.key[self.row]
        return person

    def events(
        self,
        people: People,
        item: Integers,
        surface: str | Integers = "stream",
        response: int | Integers = ITEM,
    ) -> EventColumns:
        """Return the fetches as events.

        Args:
            people: traits.
            item: (fetches,) numbers of the items.
            surface: one surface for all, or (fetches,) positions in ``SURFACE_NAMES``.
            response: one response for all, or (fetches,) positions in ``RESPONSE_NAMES``.
        """
        code = SURFACE_NAMES.index(surface) if isinstance(surface, str) else surface
        return EventColumns(
            second=self.second,
            account=people.account[self.row],
            item=item,
            seconds=np.full(len(self), UNKNOWN, np.int32),
            surface=np.broadcast_to(np.asarray(code, np.int8), len(self)),
            response=np.broadcast_to(np.asarray(response, np.int8), len(self)),
        )


def log_uniform(key: Keys, purpose: int, least: float, most: float) -> Floats:
    """Draw a number for each key, all orders of magnitude between two bounds equally likely."""
    drawn: Floats = least * (most / least) ** uniform(key, purpose)
    return drawn

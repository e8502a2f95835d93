"""Cut a scenario's events into batches: blocks of accounts over runs of days, sorted by time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.stats.arrays import Codes, Integers, SmallIntegers
from ringfence.stats.seconds import DAY

ROWS: Final = 4_000_000
"""Events of a batch, about: some 200 MB of memory while it is made."""
_PER_DAY: Final = 80
"""Events of a user per day, about."""
_EARLY: Final = 1 << 31
"""Seconds as unsigned numbers: those from here on are negative. Scenarios end long before."""
_BLOCKS, _BLOCK = 8, range(250, 12_501)

Seconds = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class BatchLayout:
    """The blocks of accounts and runs of days of a scenario's batches.

    The layout depends on the scenario alone.

    Attributes:
        blocks: first user of each block, and one after the last user.
        runs: first day of each run of days, and one after the last day.
    """

    blocks: tuple[int, ...]
    runs: tuple[int, ...]

    @classmethod
    def of(cls, users: int, days: int) -> Self:
        """Return a layout with batches of :data:`ROWS` and blocks for several processors."""
        block = min(max(-(-users // _BLOCKS), _BLOCK.start), _BLOCK.stop - 1)
        run = max(1, ROWS // (block * _PER_DAY))
        return cls((*range(0, users, block), users), (*range(0, days, run), days))

    def events(self) -> int:
        """Return the expected number of the users' events, about."""
        return self.blocks[-1] * self.runs[-1] * _PER_DAY


@dataclass(frozen=True)
class EventBatch:
    """Events as numbers of half the width, because moving memory takes most of the time.

    Attributes:
        second: seconds since the scenario's first midnight; before it, a huge number.
        account: number in the scenario.
        item: number of the item.
        seconds: seconds played.
        surface: position in ``SURFACES``.
        response: position in ``RESPONSE_NAMES``.
    """

    second: Seconds
    account: SmallIntegers
    item: SmallIntegers
    seconds: SmallIntegers
    surface: Codes
    response: Codes

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.second)

    @classmethod
    def of(cls, events: EventColumns) -> Self:
        """Return events as narrower numbers."""
        return cls(
            second=events.second.astype(np.uint32),
            account=events.account.astype(np.int32),
            item=events.item.astype(np.int32),
            seconds=events.seconds,
            surface=events.surface,
            response=events.response,
        )

    def at(self, rows: Integers) -> EventBatch:
        """Return some rows, in the order given."""
        return EventBatch(*(getattr(self, column.name)[rows] for column in fields(self)))


def user_batches(
    plan: ScenarioPlan, layout: BatchLayout, block: int
) -> Iterator[tuple[int, EventBatch]]:
    """Make the events of a block of users.

    Yields:
        The number of a run of days, and the events between its midnights (UTC) sorted by time.
    """
    waiting: list[EventBatch] = []
    run, last = 0, len(layout.runs) - 2
    days = plan.users.block(layout.blocks[block], layout.blocks[block + 1])
    for day, events in enumerate(days):
        waiting.append(EventBatch.of(events))
        # The day after a run still has events of the run: some time zones are ahead of UTC.
        if run < last and day == layout.runs[run + 1]:
            batch, rest = _cut(waiting, layout.runs[run + 1] * DAY)
            yield run, batch
            run, waiting = run + 1, [rest]
    yield run, _cut(waiting, layout.runs[-1] * DAY)[0]


def extractor_batches(plan: ScenarioPlan, layout: BatchLayout) -> Iterator[tuple[int, EventBatch]]:
    """Make the events of all attacks, in the same way as :func:`user_batches`."""
    for run, first in enumerate(layout.runs[:-1]):
        last = layout.runs[run + 1]
        yield run, _cut([EventBatch.of(plan.campaign_events(first, last))], last * DAY)[0]


def _cut(waiting: Sequence[EventBatch], end: int) -> tuple[EventBatch, EventBatch]:
    """Return the events before a moment and those after it, both sorted by time.

    Events of one second stay in the order they have, which the seed decides. Events before the
    scenario are left out.
    """
    columns = [
        np.concatenate([getattr(p, column.name) for p in waiting]) for column in fields(EventBatch)
    ]
    together = EventBatch(*columns)
    order = _order(together.second)
    # Times before the scenario, huge as they are, come last.
    ends = np.array([end, _EARLY], np.uint32)
    cut, early = np.searchsorted(together.second, ends, sorter=order).tolist()
    return together.at(order[:cut]), together.at(order[cut:early])


def _order(second: Seconds) -> Integers:
    """Return the stable order: two radix sorts of 16 bits are faster than one of 32."""
    low = np.argsort((second & 0xFFFF).astype(np.uint16), kind="stable")
    high = (second >> 16).astype(np.uint16)[low]
    return low[np.argsort(high, kind="stable")]

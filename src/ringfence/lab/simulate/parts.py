"""Parts of a scenario's events: blocks of accounts over runs of days, each in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.world import DAY, World
from ringfence.stats.arrays import Codes, Integers, SmallIntegers

ROWS: Final = 4_000_000
"""Events of a part, about: some 200 MB of memory while it is made."""
_A_DAY: Final = 80
"""Events of a user a day, about."""
_EARLY: Final = 1 << 31
"""Seconds as unsigned numbers: those from here on are negative. Scenarios end long before."""
_BLOCKS, _BLOCK = 8, range(250, 12_501)

Seconds = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Layout:
    """How a scenario is cut into parts; it depends on the scenario alone.

    Attributes:
        blocks: first user of each block, and the end of the last one.
        runs: first day of each run of days, and the end of the last one.
    """

    blocks: tuple[int, ...]
    runs: tuple[int, ...]

    @classmethod
    def of(cls, users: int, days: int) -> Self:
        """Cut so that parts are of :data:`ROWS`, and enough blocks for several processors."""
        block = min(max(-(-users // _BLOCKS), _BLOCK.start), _BLOCK.stop - 1)
        run = max(1, ROWS // (block * _A_DAY))
        return cls((*range(0, users, block), users), (*range(0, days, run), days))

    def events(self) -> int:
        """Return how many events to expect of the users, about."""
        return self.blocks[-1] * self.runs[-1] * _A_DAY


@dataclass(frozen=True)
class Part:
    """Takes as numbers of half the width: there are many of them, and memory is what takes time.

    Attributes:
        second: seconds since the scenario's first midnight; before it, huge.
        account: number in the crowd.
        item: number of the item.
        seconds: seconds played.
        surface: position in ``SURFACES``.
    """

    second: Seconds
    account: SmallIntegers
    item: SmallIntegers
    seconds: SmallIntegers
    surface: Codes

    def __len__(self) -> int:
        """Return the number of takes."""
        return len(self.second)

    @classmethod
    def of(cls, takes: EventColumns) -> Self:
        """Narrow takes."""
        return cls(
            second=takes.second.astype(np.uint32),
            account=takes.account.astype(np.int32),
            item=takes.item.astype(np.int32),
            seconds=takes.seconds,
            surface=takes.surface,
        )

    def at(self, rows: Integers) -> Part:
        """Return some rows, in the order given."""
        return Part(*(getattr(self, column.name)[rows] for column in fields(self)))


def user_parts(world: World, layout: Layout, block: int) -> Iterator[tuple[int, Part]]:
    """Make the takes of a block of users.

    Yields:
        The number of a run of days and the takes between its midnights (UTC), in the order of
        time.
    """
    held: list[Part] = []
    run, last = 0, len(layout.runs) - 2
    days = world.users.block(layout.blocks[block], layout.blocks[block + 1])
    for day, takes in enumerate(days):
        held.append(Part.of(takes))
        # The day after a run still has takes of the run: its east is ahead of UTC.
        if run < last and day == layout.runs[run + 1]:
            part, rest = _cut(held, layout.runs[run + 1] * DAY)
            yield run, part
            run, held = run + 1, [rest]
    yield run, _cut(held, layout.runs[-1] * DAY)[0]


def extractor_parts(world: World, layout: Layout) -> Iterator[tuple[int, Part]]:
    """Make the takes of all attacks, as :func:`user_parts` those of users."""
    for run, first in enumerate(layout.runs[:-1]):
        last = layout.runs[run + 1]
        yield run, _cut([Part.of(world.extracted(first, last))], last * DAY)[0]


def _cut(held: Sequence[Part], end: int) -> tuple[Part, Part]:
    """Return takes before a moment and from it on, both in the order of time.

    Takes of one second stay in the order they have, which the seed decides. What lies before the
    scenario is left out.
    """
    columns = [np.concatenate([getattr(p, column.name) for p in held]) for column in fields(Part)]
    together = Part(*columns)
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

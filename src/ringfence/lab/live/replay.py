"""Replay a scenario against a gate: each request is asked for first, as a gateway does.

Users take what they are allowed, and forget what they are refused. An extractor has a list. It asks
for the first item that it has not got yet, at each moment at which it is active, until it gets it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, time
from typing import Final

import numpy as np

from ringfence.lab.live.tally import IncidentTally
from ringfence.lab.simulate.attributes import CLIENT_NAMES
from ringfence.lab.simulate.batches import (
    BatchLayout,
    EventBatch,
    extractor_batches,
    user_batches,
)
from ringfence.lab.simulate.event_columns import SURFACE_NAMES
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.stats.seconds import DAY

GateQuestion = Callable[[str, str, float], tuple[str, str]]
"""Asks for an account, an item and a moment; returns the action and its reason."""

_ALLOW: Final = "allow"


class AccessReplay:
    """Asks for the items of a scenario, and makes the records of what was allowed.

    Args:
        plan: the scenario.
        ask: asks the gate.
        start: the scenario's first midnight in seconds since 1970; by default its own date.

    Attributes:
        tally: what has happened.
        start: the first midnight.
    """

    def __init__(self, plan: ScenarioPlan, ask: GateQuestion, start: int | None = None) -> None:
        self._plan = plan
        self._ask = ask
        midnight = datetime.combine(plan.scenario.start, time(), UTC)
        self.start = int(midnight.timestamp()) if start is None else start
        self._users = plan.users.accounts
        self.tally = IncidentTally(plan.accounts - self._users, plan.law.items)
        self._lists: dict[int, deque[tuple[int, str]]] = {
            account: deque() for account in range(self._users, plan.accounts)
        }
        self._names = [f"user-{number}" for number in plan.public.tolist()]
        clients = plan.attributes.client.tolist()
        self._heads = [
            f'"account":"{name}","client":{json.dumps(CLIENT_NAMES[client])}'
            for name, client in zip(self._names, clients, strict=True)
        ]

    def name(self, account: int) -> str:
        """Return the name of an account in the events."""
        return self._names[account]

    def steps(self, seconds: float) -> Iterator[tuple[float, EventBatch]]:
        """Yield the events of the scenario in steps of time.

        Args:
            seconds: length of a step.

        Yields:
            The end of the step in seconds since the first midnight, and its events.
        """
        days = self._plan.scenario.days
        layout = BatchLayout((0, self._users), tuple(range(days + 1)))
        both = zip(
            user_batches(self._plan, layout, 0),
            extractor_batches(self._plan, layout),
            strict=True,
        )
        for (day, users), (_, extractors) in both:
            batch = _merged(users, extractors)
            ends = np.append(np.arange(day * DAY + seconds, (day + 1) * DAY, seconds),
                             (day + 1) * DAY)  # fmt: skip
            cuts = np.searchsorted(batch.second, ends).tolist()
            for end, first, last in zip(ends.tolist(), [0, *cuts[:-1]], cuts, strict=True):
                yield end, batch.at(np.arange(first, last))

    def play(self, batch: EventBatch) -> list[str]:
        """Ask for the items of a step, in order, and return the records of those allowed."""
        seconds = batch.second.tolist()
        accounts = batch.account.tolist()
        numbers = batch.item.astype(np.int64)
        own, items = numbers.tolist(), self._plan.item(numbers).tolist()
        played, surfaces = batch.seconds.tolist(), batch.surface.tolist()
        records: list[str] = []
        tally = self.tally
        tally.requests += len(seconds)
        for place, account in enumerate(accounts):
            moment = self.start + seconds[place]
            item = f"tr-{items[place]}"
            wanted = self._lists.get(account)
            if wanted is not None:
                wanted.append((own[place], item))
                item = wanted[0][1]
            action, why = self._ask(self._names[account], item, moment)
            if action != _ALLOW:
                if wanted is None:
                    tally.denied[account] += 1
                else:
                    tally.refused(account, why, moment)
                continue
            if wanted is not None:
                tally.taken.add(wanted.popleft()[0])
            length = f',"seconds":{played[place]}' if played[place] >= 0 else ""
            records.append(
                f'{{"ts":{moment},{self._heads[account]},"item":"{item}"'
                f',"surface":"{SURFACE_NAMES[surfaces[place]]}"{length}}}\n'
            )
        return records


def _merged(one: EventBatch, other: EventBatch) -> EventBatch:
    """Return the events of both, sorted by time."""
    together = EventBatch(
        *(
            np.concatenate([getattr(one, column.name), getattr(other, column.name)])
            for column in fields(EventBatch)
        )
    )
    return together.at(np.argsort(together.second, kind="stable"))

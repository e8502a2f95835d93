"""Replay a scenario against a gate: each request is asked for first, as a gateway does.

Users take what they are allowed, and forget what they are refused. An extractor has a list. It asks
for the first item that it has not got yet, at each moment at which it is active, until it gets it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime, time
from typing import Final, NamedTuple

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

GateQuestion = tuple[str, str, float]
"""An account, an item, and the moment in seconds since 1970."""

GateQuestions = Callable[[Sequence[GateQuestion]], Sequence[tuple[str, str]]]
"""Asks several questions, in order; returns the action and its reason for each."""

_ALLOW: Final = "allow"


class _Request(NamedTuple):
    """A request: the account and the item by their numbers in the scenario, and the item's name."""

    moment: int
    account: int
    item: int
    name: str
    seconds: int
    surface: int


class AccessReplay:
    """Asks for the items of a scenario, and makes the records of what was allowed.

    Args:
        plan: the scenario.
        ask: asks the gate some questions.
        start: the scenario's first midnight in seconds since 1970; by default its own date.

    Attributes:
        tally: what has happened.
        start: the first midnight.
    """

    def __init__(self, plan: ScenarioPlan, ask: GateQuestions, start: int | None = None) -> None:
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
        requests = self._requests(batch)
        self.tally.requests += len(requests)
        records: list[str] = []
        for some in self._independent(requests):
            answers = self._ask([(self._names[one.account], one.name, one.moment) for one in some])
            for request, (action, why) in zip(some, answers, strict=True):
                if action == _ALLOW:
                    records.append(self._allowed(request))
                else:
                    self._refused(request, why)
        return records

    def _requests(self, batch: EventBatch) -> list[_Request]:
        numbers = batch.item.astype(np.int64)
        columns = (
            (batch.second.astype(np.int64) + self.start).tolist(), batch.account.tolist(),
            numbers.tolist(), [f"tr-{item}" for item in self._plan.item(numbers).tolist()],
            batch.seconds.tolist(), batch.surface.tolist(),
        )  # fmt: skip
        return [_Request(*row) for row in zip(*columns, strict=True)]

    def _independent(self, requests: Sequence[_Request]) -> Iterator[list[_Request]]:
        """Yield runs in which no extractor asks twice: its answers decide its next requests."""
        run: list[_Request] = []
        asking: set[int] = set()
        for request in requests:
            if request.account in asking:
                yield run
                run, asking = [], set()
            if request.account in self._lists:
                asking.add(request.account)
                run.append(self._next_on_list(request))
            else:
                run.append(request)
        yield run

    def _next_on_list(self, request: _Request) -> _Request:
        """Return an extractor's request, for the first item that it has not got."""
        wanted = self._lists[request.account]
        wanted.append((request.item, request.name))
        item, name = wanted[0]
        return request._replace(item=item, name=name)

    def _allowed(self, request: _Request) -> str:
        """Note that a request was allowed, and return its record."""
        wanted = self._lists.get(request.account)
        if wanted is not None:
            wanted.popleft()
            self.tally.taken.add(request.item)
        seconds = f',"seconds":{request.seconds}' if request.seconds >= 0 else ""
        return (
            f'{{"ts":{request.moment},{self._heads[request.account]},"item":"{request.name}"'
            f',"surface":"{SURFACE_NAMES[request.surface]}"{seconds}}}\n'
        )

    def _refused(self, request: _Request, why: str) -> None:
        if request.account in self._lists:
            self.tally.refused(request.account, why, request.moment)
        else:
            self.tally.denied[request.account] += 1


def _merged(one: EventBatch, other: EventBatch) -> EventBatch:
    """Return the events of both, sorted by time."""
    together = EventBatch(
        *(
            np.concatenate([getattr(one, column.name), getattr(other, column.name)])
            for column in fields(EventBatch)
        )
    )
    return together.at(np.argsort(together.second, kind="stable"))

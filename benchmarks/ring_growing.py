"""Search for planted rings while they grow, and record what they hold when they are found.

Users are folded up to the same moment as the ring, so that no later event is known.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.ring_plans import RingPlan, RingSearch, search_rings

from ringfence.lab.evaluate import Population
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.lab.evaluate.replay import attack_events
from ringfence.lab.evaluate.verdict_times import first_searchable, joint_holding, search_times

DAY: Final = 86_400

TWICE: Final = 2.0
"""Growth of the joint holding between two searches. A ring could thus have been found with half of
the items that the table shows."""


@dataclass
class RingProgress:
    """The searches for one ring among users so far.

    Attributes:
        name: name of the ring.
        planted: its takes.
        ledger: its ledger.
        due: moments of the searches.
        found_at: the first moment at which most of its accounts are in one ring and are most of
            that ring; None before.
        found: members in that ring then.
        strangers: users in any ring at any moment.
        last: the last search.
    """

    name: str
    planted: PlantedAttack
    ledger: GrowingLedger
    due: frozenset[int]
    found_at: int | None = None
    found: int = 0
    strangers: set[str] = field(default_factory=set)
    last: RingSearch | None = None

    def add(self, moment: int, search: RingSearch) -> None:
        """Record a search."""
        own = frozenset(self.planted.names)
        self.last = search
        self.strangers |= frozenset().union(*search.members) - own
        for members in search.members:
            inside = len(members & own)
            if self.found_at is None and 2 * inside >= max(len(own), len(members)):
                self.found_at, self.found = moment, inside

    @property
    def joint(self) -> int:
        """Distinct items of all accounts when the ring was found; 0 if it was not."""
        return int(joint_holding(self.planted, [self.found_at or 0])[0])

    def progress(self, moment: int) -> str:
        """Return one line about the last search."""
        held = int(joint_holding(self.planted, [moment])[0])
        state = "found" if self.found_at else "not found"
        seconds = self.last.seconds if self.last else 0.0
        return f"{self.name}: {held:,} items, {state}, {seconds:.0f} s"

    @property
    def each(self) -> float:
        """Mean number of distinct items per account then."""
        before = self.planted.moment < (self.found_at or 0)
        pairs = np.column_stack([self.planted.account[before], self.planted.item[before]])
        return len(np.unique(pairs, axis=0)) / self.planted.names.size


def grow_rings(
    population: Population, plans: Sequence[RingPlan], *, to_the_end: bool = True
) -> Iterator[RingProgress]:
    """Plant rings one at a time among the users, and search for each as it grows.

    Args:
        population: the users.
        plans: the rings.
        to_the_end: search at the end of the campaign too, if the ring was found before.
    """
    select = f"SELECT * FROM {population.relation}"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        users = stack.enter_context(GrowingLedger(select, population.settings))
        every = [_start(population, plan, Path(folder) / str(n)) for n, plan in enumerate(plans)]
        for one in every:
            stack.enter_context(one.ledger)
        for moment in sorted(set().union(*(one.due for one in every))):
            for one in every:
                open_ = one.found_at is None or (to_the_end and moment == max(one.due))
                if moment in one.due and open_:
                    users.advance(moment)
                    one.ledger.advance(moment)
                    with joint_context(users, one.ledger) as context:
                        one.add(moment, search_rings(context, population.settings))
                    print(one.progress(moment), file=sys.stderr, flush=True)
        yield from every


def _start(population: Population, plan: RingPlan, scratch: Path) -> RingProgress:
    scratch.mkdir()
    planted = plan.plant(population, scratch)
    end = min(planted.end, population.start + population.days * DAY)
    # Most accounts cannot be found before half of them hold enough items to be examined.
    begin = first_searchable(planted, (planted.names.size + 1) // 2)
    times = [*(at for at in range(planted.start, end, plan.step) if at > begin), end]
    ledger = GrowingLedger(attack_events(population, planted), population.settings)
    return RingProgress(plan.name, planted, ledger, search_times(planted, times, TWICE))

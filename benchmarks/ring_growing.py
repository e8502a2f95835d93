"""Rings looked for again and again while they grow: what they hold when they are found.

Users are folded up to the same moment as the ring, so that nothing is known that comes later.
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
"""A ring is looked for again when its joint holding has grown so many times: it may have been there
to be found at half of what is said."""


@dataclass
class Growing:
    """One ring among users, as far as it has been looked for.

    Attributes:
        name: of the ring.
        planted: its takes.
        folding: its ledger.
        due: moments at which it is looked for.
        found_at: the first moment at which most of its accounts are in a ring of which they are
            most; None as long as there is none.
        found: members in it then.
        strangers: users that were in any ring at any moment.
        last: the last look.
    """

    name: str
    planted: PlantedAttack
    folding: GrowingLedger
    due: frozenset[int]
    found_at: int | None = None
    found: int = 0
    strangers: set[str] = field(default_factory=set)
    last: RingSearch | None = None

    def see(self, moment: int, seen: RingSearch) -> None:
        """Take note of a search."""
        own = frozenset(self.planted.names)
        self.last = seen
        self.strangers |= frozenset().union(*seen.members) - own
        for members in seen.members:
            inside = len(members & own)
            if self.found_at is None and 2 * inside >= max(len(own), len(members)):
                self.found_at, self.found = moment, inside

    @property
    def joint(self) -> int:
        """Distinct items that all accounts held when the ring was found; 0 if it was not."""
        return int(joint_holding(self.planted, [self.found_at or 0])[0])

    def progress(self, moment: int) -> str:
        """Say in a line what the last look came to."""
        held = int(joint_holding(self.planted, [moment])[0])
        state = "found" if self.found_at else "not found"
        seconds = self.last.seconds if self.last else 0.0
        return f"{self.name}: {held:,} items, {state}, {seconds:.0f} s"

    @property
    def each(self) -> float:
        """Distinct items an account held then, on average."""
        before = self.planted.moment < (self.found_at or 0)
        pairs = np.column_stack([self.planted.account[before], self.planted.item[before]])
        return len(np.unique(pairs, axis=0)) / self.planted.names.size


def growing(
    population: Population, plans: Sequence[RingPlan], *, to_the_end: bool = True
) -> Iterator[Growing]:
    """Plant rings, one at a time among the users, and look for each as it grows.

    Args:
        population: users.
        plans: rings.
        to_the_end: look at the campaign's end too when a ring has been found before.
    """
    select = f"SELECT * FROM {population.relation}"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        users = stack.enter_context(GrowingLedger(select, population.settings))
        every = [_begun(population, plan, Path(folder) / str(n)) for n, plan in enumerate(plans)]
        for one in every:
            stack.enter_context(one.folding)
        for moment in sorted(set().union(*(one.due for one in every))):
            for one in every:
                open_ = one.found_at is None or (to_the_end and moment == max(one.due))
                if moment in one.due and open_:
                    users.advance(moment)
                    one.folding.advance(moment)
                    with joint_context(users, one.folding) as context:
                        one.see(moment, search_rings(context, population.settings))
                    print(one.progress(moment), file=sys.stderr, flush=True)
        yield from every


def _begun(population: Population, plan: RingPlan, scratch: Path) -> Growing:
    scratch.mkdir()
    planted = plan.plant(population, scratch)
    end = min(planted.end, population.start + population.days * DAY)
    # Before half of its accounts hold enough to be looked at, most cannot be in what is found.
    begin = first_searchable(planted, (planted.names.size + 1) // 2)
    times = [*(at for at in range(planted.start, end, plan.step) if at > begin), end]
    folding = GrowingLedger(attack_events(population, planted), population.settings)
    return Growing(plan.name, planted, folding, search_times(planted, times, TWICE))

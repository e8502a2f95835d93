"""Rings that hide behind repeats of their own or behind items that users hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.extractors.day_plan import DayPlan
from ringfence.lab.simulate.extractors.repeats import choose_new_share, choose_repeats
from ringfence.lab.simulate.extractors.rings import RingStrategy
from ringfence.lab.simulate.extractors.strategy import Share
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers

_REPEATS: Final = 10
_BOUGHT: Final = 11


@dataclass(frozen=True, kw_only=True)
class Replaying(RingStrategy):
    """A ring in which a share of the events repeat recent items and favourites.

    Attributes:
        repeats: share of events that repeat an own item; people's median is 0.56 in 30 days.
    """

    name: ClassVar[str] = "replaying"

    repeats: Share = 0.4

    def day_items(self, pool: ItemPool, seed: int, day: int, plan: DayPlan) -> Integers:
        """Return new items of the list and repeats of earlier ones."""
        rng = np.random.default_rng([seed, day, _REPEATS])
        new, had = choose_new_share(plan, 1.0 - self.repeats, rng)
        nth = np.where(new, had, choose_repeats(had, rng))
        return self.listed_items(pool, seed, plan.account, nth)


@dataclass(frozen=True, kw_only=True)
class Colliding(RingStrategy):
    """A ring that buys collisions: a share of its events take items that users hold.

    Attributes:
        bought: share of events whose item is drawn by popularity, by each account on its own.
    """

    name: ClassVar[str] = "colliding"

    bought: Share = 0.3

    def day_items(self, pool: ItemPool, seed: int, day: int, plan: DayPlan) -> Integers:
        """Return items of the list, and items drawn by popularity among them."""
        rng = np.random.default_rng([seed, day, _BOUGHT])
        new, had = choose_new_share(plan, 1.0 - self.bought, rng)
        item = self.listed_items(pool, seed, plan.account, had)
        return np.where(new, item, pool.used(rng.random(len(plan))))

"""Rings that hide: behind repeats of their own, and behind items that users hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.extractors.agenda import Agenda
from ringfence.lab.simulate.extractors.mixing import some_new
from ringfence.lab.simulate.extractors.returning import returns
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Share
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers

_REPEATS, _BOUGHT = range(10, 12)


@dataclass(frozen=True, kw_only=True)
class Replaying(Ring):
    """A ring in which a share of the takes are repeats, of recent items and of favourites.

    Attributes:
        repeats: share of takes that repeat an own item; people's median is 0.56 in 30 days.
    """

    name: ClassVar[str] = "replaying"

    repeats: Share = 0.4

    def chosen(self, shelf: ItemPool, seed: int, day: int, plan: Agenda) -> Integers:
        """Return new items of the list and repeats of earlier ones."""
        rng = np.random.default_rng([seed, day, _REPEATS])
        new, had = some_new(plan, 1.0 - self.repeats, rng)
        return self.listed(shelf, seed, plan.account, np.where(new, had, returns(had, rng)))


@dataclass(frozen=True, kw_only=True)
class Colliding(Ring):
    """A ring that buys collisions: a share of its takes are items that users hold.

    Attributes:
        bought: share of takes that are drawn as users' uses fall, by each account on its own.
    """

    name: ClassVar[str] = "colliding"

    bought: Share = 0.3

    def chosen(self, shelf: ItemPool, seed: int, day: int, plan: Agenda) -> Integers:
        """Return items of the list, and items as they are used among them."""
        rng = np.random.default_rng([seed, day, _BOUGHT])
        new, had = some_new(plan, 1.0 - self.bought, rng)
        item = self.listed(shelf, seed, plan.account, had)
        return np.where(new, item, shelf.used(rng.random(len(plan))))

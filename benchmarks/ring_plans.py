"""Define the rings that benchmarks plant, and search for rings as a scan does."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ringfence.evidence import Context
from ringfence.lab.evaluate import Population
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.simulate.attacks import load_attack
from ringfence.lab.simulate.extractors import STRATEGIES, Strategy
from ringfence.pipeline.steps import combined_verdicts
from ringfence.settings import Settings
from ringfence.verdicts import RingVerdict, judge

DAYS: Final = 10
"""Days that a ring works: the last days of its population."""

HUMAN: Final[dict[str, Any]] = {"clock": "human", "played": "human"}


@dataclass(frozen=True)
class RingPlan:
    """A ring to plant.

    Attributes:
        name: as in tables.
        strategy: the strategy of its accounts.
        step: seconds between the moments at which a search may happen.
    """

    name: str
    strategy: Strategy = field(repr=False)
    step: int = 3600

    def plant(self, population: Population, scratch: Path) -> PlantedAttack:
        """Plant the ring in the last days of a population."""
        days = min(self.strategy.days, population.days)
        return plant(
            population,
            "ring",
            self.strategy,
            seed=0,
            first_day=population.days - days,
            days=days,
            scratch=scratch,
        )


def ring(name: str, strategy: str, days: int = DAYS, **parameters: Any) -> RingPlan:  # noqa: ANN401
    """Return a ring with a strategy of the simulator, at human hours and playing lengths."""
    return RingPlan(name, STRATEGIES[strategy](days=days, **{**HUMAN, **parameters}))


def shares(accounts: int, each: int, days: int = DAYS) -> RingPlan:
    """Return a ring that divides the most used items, with ``each`` items per account."""
    name = f"{accounts:,} × {each}"
    return ring(name, "shares", days, accounts=accounts, least=each, most=each)


def bought(share: float, days: int = DAYS) -> RingPlan:
    """Return a ring of 200 accounts with 100 takes each; ``share`` of them imitate users."""
    name, per_day = f"200 × 100, {share:.0%} bought", round(100 / days)
    return ring(name, "colliding", days, accounts=200, per_day=per_day, bought=share)


def by_artist(days: int = DAYS) -> RingPlan:
    """Return a ring of 40 accounts with 300 takes each that divides whole artists."""
    return ring("40 × 300, by artist", "by_group", days, accounts=40, per_day=300 // days)


RINGS: Final = (
    shares(40, 300),
    shares(200, 100),
    shares(1000, 50),
    shares(1000, 300),
    ring("40 × 20 to 300", "shares", accounts=40, least=20, most=300),
    ring("40 × 250, 40 % replays", "replaying", accounts=40, per_day=42, repeats=0.4),
    bought(0.1),
    bought(0.3),
    bought(0.5),
    by_artist(),
)
"""Rings among simulated users. Unless the name says otherwise, the most used items come first."""

AT_RANDOM: Final = (
    ring("40 × 300, at random", "tail", accounts=40, per_day=30),
    ring("200 × 100, at random", "tail", accounts=200, per_day=10),
    ring("1,000 × 300, at random", "tail", accounts=1000, per_day=30),
)
"""Rings that take random items of a catalogue of two million items."""

INCIDENT: Final = RingPlan(
    "incident-480", load_attack("incident-480", {"days": 2}).strategy, step=300
)
"""The first two days of the published incident, at full speed."""

LOCKSTEP: Final = ring("40 in lockstep, 300 each", "lockstep", accounts=40, per_day=30)
"""A ring whose accounts take the same items within seconds of each other."""


def at_most(plans: tuple[RingPlan, ...], accounts: int) -> tuple[RingPlan, ...]:
    """Return the rings with at most this number of accounts."""
    return tuple(plan for plan in plans if plan.strategy.accounts <= accounts)


@dataclass(frozen=True)
class RingSearch:
    """The result of one search.

    Attributes:
        rings: the rings found, with their verdicts.
        members: names of the accounts in each ring.
        seconds: duration of loading and searching.
    """

    rings: tuple[RingVerdict, ...]
    members: tuple[frozenset[str], ...]
    seconds: float


def search_rings(context: Context, settings: Settings) -> RingSearch:
    """Judge all accounts and search for rings, as a scan does."""
    scored = judge(context, lambda _: None)
    begin = time.perf_counter()
    rings = combined_verdicts(context, scored, settings).rings
    seconds = time.perf_counter() - begin
    keys = scored.accounts["account_key"].tolist()
    names = dict(zip(keys, scored.accounts["account"].tolist(), strict=True))
    members = tuple(frozenset(names[key] for key in one.ring.keys.tolist()) for one in rings)
    return RingSearch(rings, members, seconds)

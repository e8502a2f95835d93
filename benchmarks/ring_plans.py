"""The rings that benchmarks plant, and one look for rings as a scan takes it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ringfence.evidence import Context
from ringfence.lab.evaluate import Population
from ringfence.lab.evaluate.planting import Planted, plant
from ringfence.lab.simulate.attacks import load_attack
from ringfence.lab.simulate.extractors import STRATEGIES, Strategy
from ringfence.pipeline.steps import ring_verdicts
from ringfence.settings import Settings
from ringfence.verdicts import RingVerdict, judge

DAYS: Final = 10
"""Days that a ring works: the last ones of its population."""

HUMAN: Final[dict[str, Any]] = {"clock": "human", "played": "human"}


@dataclass(frozen=True)
class Plan:
    """A ring to plant.

    Attributes:
        name: as in tables.
        strategy: what it does.
        step: seconds between the moments at which it may be looked for.
    """

    name: str
    strategy: Strategy = field(repr=False)
    step: int = 3600

    def planted(self, population: Population, scratch: Path) -> Planted:
        """Plant it in the last days of a population."""
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


def ring(name: str, strategy: str, days: int = DAYS, **parameters: Any) -> Plan:  # noqa: ANN401
    """Plan a ring of so many days by a strategy of the simulator, pretending to be people."""
    return Plan(name, STRATEGIES[strategy](days=days, **{**HUMAN, **parameters}))


def shares(accounts: int, each: int, days: int = DAYS) -> Plan:
    """Plan a ring that deals the most used items out, so many each."""
    name = f"{accounts:,} × {each}"
    return ring(name, "shares", days, accounts=accounts, least=each, most=each)


def bought(share: float, days: int = DAYS) -> Plan:
    """Plan a ring of 200 with 100 takes each, of which so many are what users take."""
    name, a_day = f"200 × 100, {share:.0%} bought", round(100 / days)
    return ring(name, "colliding", days, accounts=200, a_day=a_day, bought=share)


def by_artist(days: int = DAYS) -> Plan:
    """Plan a ring of 40 with 300 takes each that takes one artist's whole work after another's."""
    return ring("40 × 300, by artist", "by_group", days, accounts=40, a_day=300 // days)


RINGS: Final = (
    shares(40, 300),
    shares(200, 100),
    shares(1000, 50),
    shares(1000, 300),
    ring("40 × 20 to 300", "shares", accounts=40, least=20, most=300),
    ring("40 × 250, 40 % replays", "replaying", accounts=40, a_day=42, repeats=0.4),
    bought(0.1),
    bought(0.3),
    bought(0.5),
    by_artist(),
)
"""Rings among simulated users. Items are dealt out most used first unless the name differs."""

AT_RANDOM: Final = (
    ring("40 × 300, at random", "tail", accounts=40, a_day=30),
    ring("200 × 100, at random", "tail", accounts=200, a_day=10),
    ring("1,000 × 300, at random", "tail", accounts=1000, a_day=30),
)
"""Rings that take anything there is, in a catalogue of two million items."""

INCIDENT: Final = Plan("incident-480", load_attack("incident-480", {"days": 2}).strategy, step=300)
"""The published incident at full speed; its first two days are enough."""

LOCKSTEP: Final = ring("40 in lockstep, 300 each", "lockstep", accounts=40, a_day=30)
"""All take the same items within seconds of each other."""


def at_most(plans: tuple[Plan, ...], accounts: int) -> tuple[Plan, ...]:
    """Return the rings with at most so many accounts."""
    return tuple(plan for plan in plans if plan.strategy.accounts <= accounts)


@dataclass(frozen=True)
class Look:
    """What one search came to.

    Attributes:
        rings: found, with what a scan says of them.
        members: names of the accounts in each.
        seconds: of loading and searching.
    """

    rings: tuple[RingVerdict, ...]
    members: tuple[frozenset[str], ...]
    seconds: float


def look(context: Context, settings: Settings) -> Look:
    """Judge a population and look for rings in it, as a scan does."""
    scored = judge(context, lambda _: None)
    begin = time.perf_counter()
    rings = ring_verdicts(context, scored, settings)
    seconds = time.perf_counter() - begin
    keys = scored.accounts["account_key"].tolist()
    names = dict(zip(keys, scored.accounts["account"].tolist(), strict=True))
    members = tuple(frozenset(names[key] for key in one.ring.keys.tolist()) for one in rings)
    return Look(rings, members, seconds)

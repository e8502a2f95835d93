"""Plant an attack in a population: a strategy's takes as events beside the users'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import DuckDBEngine, Engine, Statement, identifier, literal
from ringfence.errors import SettingsError
from ringfence.lab.evaluate.planted_attributes import PlantedAttributes, unused_prefix
from ringfence.lab.evaluate.population import DAY, Population
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.event_columns import SURFACES, EventColumns, joined
from ringfence.lab.simulate.extractors import Strategy
from ringfence.stats.arrays import Columns, Integers, Names

PAST_DAYS: Final = 30
"""A stolen account is one whose user was active in so many days before the attack."""

ACTIVE: Final = Statement(
    "evaluate.active",
    """
SELECT DISTINCT account
FROM population
WHERE epoch(ts) >= $first AND epoch(ts) < $end
ORDER BY account
""",
)


@dataclass(frozen=True)
class Planted:
    """An attack beside a population; the arrays are of one length, in the order of time.

    Attributes:
        attack: its name.
        seed: what it was drawn with.
        start: midnight of its first day, seconds since 1970.
        end: the end of its last day.
        moment: when an item is taken, seconds since 1970.
        account: by which of ``names``.
        item: number of the item on the population's shelf.
        names: the extracting accounts.
        stolen: those of them that are users' accounts; they keep the user's takes.
        cut_short: whether the campaign would go on after ``end``.
        events: the takes as a Parquet file of events, as the population's.
    """

    attack: str
    seed: int
    start: int
    end: int
    moment: Integers = field(repr=False)
    account: Integers = field(repr=False)
    item: Integers = field(repr=False)
    names: Names = field(repr=False)
    stolen: frozenset[str]
    cut_short: bool
    events: Path


def plant(  # noqa: PLR0913 - each is one thing that decides what is planted
    population: Population,
    attack: str,
    strategy: Strategy,
    *,
    seed: int,
    first_day: int,
    days: int,
    scratch: Path,
    links: Sequence[PlantedLink] = (),
) -> Planted:
    """Make an attack's events; the population itself stays as it is.

    Args:
        population: where the attack takes place.
        attack: its name.
        strategy: what it does.
        seed: of all that is random; the same arguments give the same events.
        first_day: day of the population on which the campaign begins.
        days: days of the campaign to make, at most the strategy's own.
        scratch: an existing folder for the events.
        links: what the accounts share, as far as the population has columns for it.

    Raises:
        SettingsError: the population has too few active users to steal accounts from, or the
            attack takes nothing in these days.
    """
    start = population.start + first_day * DAY
    days = min(days, strategy.days)
    takes = joined([strategy.day(population.shelf, seed, day) for day in range(days)])
    if not len(takes):
        raise SettingsError(
            f"takes nothing in {days} days", where=f"attack {attack}", hint="give it more --days"
        )
    takes = takes.at(np.lexsort((takes.item, takes.account, takes.second)))
    path = scratch / f"planted-{attack}-{seed}.parquet"
    with DuckDBEngine(population.settings.engine) as engine:
        engine.view("population", f"SELECT * FROM {population.relation}")  # noqa: S608 - quoted
        names = _names(engine, population, attack, strategy, seed, start)
        attributes = PlantedAttributes(attack, names.size, strategy.stolen, links, seed)
        columns = _events(population, takes, names, start)
        columns |= attributes.of(engine, population.columns, takes, start)
        engine.table("planted", columns)
        _write(engine, population, path)
    return Planted(
        attack,
        seed,
        start,
        start + days * DAY,
        takes.second + start,
        takes.account,
        takes.item,
        names,
        frozenset(names) if strategy.stolen else frozenset(),
        days < strategy.days,
        path,
    )


def _names(  # noqa: PLR0913, PLR0917 - what decides them
    engine: Engine,
    population: Population,
    attack: str,
    strategy: Strategy,
    seed: int,
    start: int,
) -> Names:
    if not strategy.stolen:
        prefix = unused_prefix(engine, "account", f"planted {attack}")
        return np.array([f"{prefix} {n + 1}" for n in range(strategy.accounts)], dtype=object)
    moments = {"first": start - PAST_DAYS * DAY, "end": start}
    active = np.array([name for (name,) in engine.rows(ACTIVE, moments)], dtype=object)
    if active.size < strategy.accounts:
        raise SettingsError(
            f"needs {strategy.accounts:,} users to steal from, but {active.size:,} are active",
            where=f"attack {attack}, population {population.name}",
            hint="take a larger population, or begin the attack later with fewer --days",
        )
    order = np.random.default_rng([seed, 1]).permutation(active.size)
    return active[order[: strategy.accounts]]


def _events(population: Population, takes: EventColumns, names: Names, start: int) -> Columns:
    """Return who took what and when; seconds stay -1 where they are unknown."""
    shelf = population.shelf
    columns: Columns = {
        "moment": takes.second + start,
        "account": names[takes.account],
        "item": shelf.item_names(takes.item),
    }
    if "group" in population.columns:
        columns["group"] = shelf.group_names(shelf.group_of(takes.item))
    if "surface" in population.columns:
        columns["surface"] = np.array(SURFACES, dtype=object)[takes.surface]
    if "seconds" in population.columns:
        columns["seconds"] = takes.seconds.astype(np.int64)
    return columns


# Where no account has any, arrays do not say of which type they are.
_TYPED: Final = {
    "seconds": "CAST(nullif(seconds, -1) AS DOUBLE) AS seconds",
    "client": "CAST(client AS VARCHAR) AS client",
    "payment": "CAST(payment AS VARCHAR) AS payment",
    "signed_up": "CAST(signed_up AS TIMESTAMP) AS signed_up",
}


def _write(engine: Engine, population: Population, path: Path) -> None:
    named = [_TYPED.get(name, identifier(name)) for name in population.columns]
    select = ", ".join(["make_timestamp(moment * 1000000) AS ts", "account", "item", *named])
    engine.run("SET preserve_insertion_order = true")
    engine.run(f"COPY (SELECT {select} FROM planted) TO {literal(str(path))} (FORMAT parquet)")  # noqa: S608 - quoted

"""Plant an attack in a population: write its takes as events like those of the users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement, identifier, open_engine
from ringfence.errors import SettingsError
from ringfence.lab.evaluate.planted_attributes import PlantedAttributes, unused_prefix
from ringfence.lab.evaluate.planted_items import (
    records,
    request_groups,
    request_names,
    shown_items,
)
from ringfence.lab.evaluate.population import Population
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.event_columns import SURFACE_NAMES, EventColumns, joined
from ringfence.lab.simulate.extractors import Strategy
from ringfence.lab.simulate.log_columns import (
    ASSETS_SQL,
    RECORDS_SQL,
    REFERRER_SQL,
    STATUS_SQL,
    bytes_sql,
)
from ringfence.lab.simulate.origins import Origin
from ringfence.stats.arrays import Columns, Integers, Names
from ringfence.stats.seconds import DAY

ACTIVE_DAYS: Final = 30
"""Only accounts that were active in this number of days before an attack can be stolen."""

ACTIVE_USERS: Final = Statement(
    "evaluate.active",
    """
SELECT DISTINCT account
FROM population
WHERE epoch(ts) >= $first AND epoch(ts) < $end
ORDER BY account
""",
)


@dataclass(frozen=True)
class PlantedAttack:
    """An attack beside a population, with the items that it was shown in the order of time.

    Attributes:
        attack: its name.
        seed: the seed of its random choices.
        start: midnight of its first day, seconds since 1970.
        end: the end of its last day.
        moment: (takes,) the time of each take, seconds since 1970.
        account: (takes,) the taking account, as its place in ``names``.
        item: number of the item on the population's item_pool.
        names: (extractors,) names of the extracting accounts.
        stolen: the extracting accounts that belong to users and keep the users' own takes.
        cut_short: whether the campaign would go on after ``end``.
        events: a Parquet file of the takes, with the columns of the population.
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


def plant(  # noqa: PLR0913 - each parameter decides what is planted
    population: Population,
    attack: str,
    strategy: Strategy,
    *,
    seed: int,
    first_day: int,
    days: int,
    scratch: Path,
    links: Sequence[PlantedLink] = (),
    origin: Origin | None = None,
) -> PlantedAttack:
    """Write an attack's events to a file; the population itself stays unchanged.

    Args:
        population: the users among whom the attack takes place.
        attack: its name.
        strategy: decides who takes which item when.
        seed: of all random choices; the same arguments give the same events.
        first_day: day of the population on which the campaign begins.
        days: days of the campaign to write, at most the strategy's own.
        scratch: an existing folder for the events.
        links: attributes that the accounts share. Only columns of the population are written.
        origin: addresses and clients of the accounts, which are visitors without a login unless
            they are stolen.

    Raises:
        SettingsError: too few users are active to steal accounts from, or the attack takes
            nothing in these days.
    """
    start = population.start + first_day * DAY
    days = min(days, strategy.days)
    takes = _takes(population, attack, strategy, seed, days)
    path = scratch / f"planted-{attack}-{seed}.parquet"
    with open_engine(population.settings.engine) as engine:
        engine.view("population", f"SELECT * FROM {population.relation}")  # noqa: S608 - quoted
        attributes = PlantedAttributes(
            attack, strategy.accounts, strategy.stolen, links, seed, origin
        )
        names = attributes.visitors(engine)
        if names is None:
            names = _names(engine, population, attack, strategy, seed, start)
        columns = _events(population, takes, names, start)
        columns |= attributes.columns(engine, population.columns, takes, start)
        columns["traces"] = np.full(len(takes), origin is None)
        engine.table("planted", columns)
        _write(engine, population, path)
    shown = shown_items(population.item_pool, takes)
    return PlantedAttack(
        attack=attack,
        seed=seed,
        start=start,
        end=start + days * DAY,
        moment=shown.second + start,
        account=shown.account,
        item=shown.item,
        names=names,
        stolen=frozenset(names) if strategy.stolen else frozenset(),
        cut_short=days < strategy.days,
        events=path,
    )


def _takes(
    population: Population, attack: str, strategy: Strategy, seed: int, days: int
) -> EventColumns:
    """Return the takes of the first days of a campaign, in the order of time."""
    takes = joined([strategy.day(population.item_pool, seed, day) for day in range(days)])
    if not len(takes):
        raise SettingsError(
            f"takes nothing in {days} days", where=f"attack {attack}", hint="give it more --days"
        )
    return takes.at(np.lexsort((takes.item, takes.account, takes.second)))


def _names(  # noqa: PLR0913, PLR0917 - all of them decide the names
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
    moments = {"first": start - ACTIVE_DAYS * DAY, "end": start}
    active = np.array([name for (name,) in engine.rows(ACTIVE_USERS, moments)], dtype=object)
    if active.size < strategy.accounts:
        raise SettingsError(
            f"needs {strategy.accounts:,} users to steal from, but {active.size:,} are active",
            where=f"attack {attack}, population {population.name}",
            hint="take a larger population, or begin the attack later with fewer --days",
        )
    order = np.random.default_rng([seed, 1]).permutation(active.size)
    return active[order[: strategy.accounts]]


def _events(population: Population, takes: EventColumns, names: Names, start: int) -> Columns:
    """Return account, item and time of each take; ``seconds`` is -1 where it is unknown."""
    item_pool = population.item_pool
    columns: Columns = {
        "moment": takes.second + start,
        "account": names[takes.account],
        "item_name": request_names(item_pool, takes),
        "item": takes.item,
        "response": takes.response,
    }
    if "group" in population.columns:
        columns["group"] = request_groups(item_pool, takes)
    columns["surface_name"] = np.array(SURFACE_NAMES, dtype=object)[takes.surface]
    columns["surface"] = takes.surface
    if "records" in population.columns:
        columns["records"] = records(item_pool, takes)
    if "seconds" in population.columns:
        columns["seconds"] = takes.seconds.astype(np.int64)
    return columns


# A column without any value has no type of its own.
_TYPED: Final = {
    "seconds": "CAST(nullif(seconds, -1) AS DOUBLE) AS seconds",
    "client": "CAST(client AS VARCHAR) AS client",
    "payment": "CAST(payment AS VARCHAR) AS payment",
    "signed_up": "CAST(signed_up AS TIMESTAMP) AS signed_up",
    "group": 'CAST("group" AS VARCHAR) AS "group"',
    "surface": "surface_name AS surface",
    "status": f"{STATUS_SQL} AS status",
    "records": f"{RECORDS_SQL} AS records",
    "referrer": f"CAST({REFERRER_SQL} AS VARCHAR) AS referrer",
    "assets": f"{ASSETS_SQL} AS assets",
}


def _write(engine: Engine, population: Population, path: Path) -> None:
    pages = "assets" in population.columns
    typed = {**_TYPED, "bytes": f"{bytes_sql(pages=pages)} AS bytes"}
    named = [typed.get(name, identifier(name)) for name in population.columns]
    ts = "make_timestamp(moment * 1000000) AS ts"
    select = ", ".join([ts, "account", "item_name AS item", *named])
    engine.keep_order()
    engine.copy(f"SELECT {select} FROM planted", path)  # noqa: S608 - quoted

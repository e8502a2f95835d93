"""Plant an attack in a population: a strategy's takes as events beside the readers'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import DuckDBEngine, Statement
from ringfence.engine.duckdb import Columns, identifier, literal
from ringfence.errors import SettingsError
from ringfence.evaluate.named_shelf import Names
from ringfence.evaluate.population import DAY, Population
from ringfence.simulate.attacks import Link
from ringfence.simulate.attributes import CLIENTS, RARE, SCRIPT, TOGETHER, rotated
from ringfence.simulate.extractors import Strategy
from ringfence.simulate.keyed import Floats, Integers, keyed_uniform
from ringfence.simulate.takes import SURFACES, Takes, joined

PAST_DAYS: Final = 30
"""A stolen account is one whose reader was active in so many days before the attack."""
_HOUR: Final = 3600
_NETWORKS: Final = 1 << 14
"""Networks (/24) in RFC 6598's range."""

ACTIVE: Final = Statement(
    "evaluate.active",
    """
SELECT DISTINCT account
FROM population
WHERE epoch(ts) >= $first AND epoch(ts) < $end
ORDER BY account
""",
)

USUAL_CLIENTS: Final = Statement(
    "evaluate.usual_clients",
    """
SELECT client, count(DISTINCT account) AS accounts
FROM population
WHERE client IS NOT NULL
GROUP BY client
ORDER BY accounts DESC, client
LIMIT 20
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
        stolen: those of them that are readers' accounts; they keep the reader's takes.
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
    links: Sequence[Link] = (),
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
        links: what the accounts share; of these, events carry networks and clients.

    Raises:
        SettingsError: the population has too few active readers to steal accounts from, or the
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
        columns = _events(engine, population, takes, names, start, seed, links)
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
    engine: DuckDBEngine,
    population: Population,
    attack: str,
    strategy: Strategy,
    seed: int,
    start: int,
) -> Names:
    if not strategy.stolen:
        prefix = _unused_prefix(engine, f"planted {attack}")
        return np.array([f"{prefix} {n + 1}" for n in range(strategy.accounts)], dtype=object)
    moments = {"first": start - PAST_DAYS * DAY, "end": start}
    active = np.array([name for (name,) in engine.rows(ACTIVE, moments)], dtype=object)
    if active.size < strategy.accounts:
        raise SettingsError(
            f"needs {strategy.accounts:,} readers to steal from, but {active.size:,} are active",
            where=f"attack {attack}, population {population.name}",
            hint="take a larger population, or begin the attack later with fewer --days",
        )
    order = np.random.default_rng([seed, 1]).permutation(active.size)
    return active[order[: strategy.accounts]]


def _unused_prefix(engine: DuckDBEngine, prefix: str) -> str:
    """Lengthen a prefix until no account of the population has it."""
    known = "SELECT count(*) FROM population WHERE starts_with(account, $prefix)"
    while engine.rows(known, {"prefix": prefix})[0][0]:
        prefix = f"{prefix}'"
    return prefix


def _events(  # noqa: PLR0913, PLR0917 - what decides them
    engine: DuckDBEngine,
    population: Population,
    takes: Takes,
    names: Names,
    start: int,
    seed: int,
    links: Sequence[Link],
) -> Columns:
    """Return the columns of the events; seconds stay -1 where they are unknown."""
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
    if "ip" in population.columns:
        columns["ip"] = _addresses(takes, links, seed)
    if "client" in population.columns:
        columns["client"] = _clients(engine, names.size, seed, links)[takes.account]
    if "seconds" in population.columns:
        columns["seconds"] = takes.seconds.astype(np.int64)
    return columns


def _addresses(takes: Takes, links: Sequence[Link], seed: int) -> Names:
    """Give every take an address in its account's network, of RFC 6598's range."""
    host = _networks(takes, links, seed) % _NETWORKS * 256 + takes.account % 250
    numbers, places = np.unique((100 << 24) + (64 << 16) + host, return_inverse=True)
    texts = [".".join(str(n >> s & 255) for s in (24, 16, 8, 0)) for n in numbers]
    return np.array(texts, object)[places]


def _networks(takes: Takes, links: Sequence[Link], seed: int) -> Integers:
    """Return the network (/24) of every take: the account's own, one of few, or the hour's."""
    if "rotation" in links:
        return rotated(seed, takes.account, takes.second // _HOUR, _NETWORKS)
    return takes.account // (TOGETHER["network"] if "network" in links else 1)


def _clients(engine: DuckDBEngine, accounts: int, seed: int, links: Sequence[Link]) -> Names:
    """Give every account a usual client, as often as readers use it, a rare one, or a script."""
    if "script" in links or "client" in links:
        named = CLIENTS[SCRIPT if "script" in links else RARE]
        return np.full(accounts, named, dtype=object)
    table = engine.columns(USUAL_CLIENTS)
    if not table["client"].size:
        return np.full(accounts, None, dtype=object)
    shares: Floats = np.cumsum(table["accounts"].astype(np.float64))
    chance = keyed_uniform(np.full(accounts, seed % 2**31), np.arange(accounts))
    return np.asarray(table["client"][np.searchsorted(shares, chance * shares[-1], side="right")])


def _write(engine: DuckDBEngine, population: Population, path: Path) -> None:
    named = [identifier(name) for name in population.columns if name != "seconds"]
    if "seconds" in population.columns:
        named.append("CAST(nullif(seconds, -1) AS DOUBLE) AS seconds")
    select = ", ".join(["make_timestamp(moment * 1000000) AS ts", "account", "item", *named])
    engine.run("SET preserve_insertion_order = true")
    engine.run(f"COPY (SELECT {select} FROM planted) TO {literal(str(path))} (FORMAT parquet)")  # noqa: S608 - quoted

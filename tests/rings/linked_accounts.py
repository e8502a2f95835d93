"""Ledgers of account attributes from the simulator's users, where some accounts share values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ringfence.engine import Engine, open_engine
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import Attributes
from ringfence.ledger.tables import LEDGER_TABLES
from ringfence.population import join_accounts_table
from ringfence.rings.links.attributes import (
    ATTRIBUTE_COLUMNS,
    AccountAttributes,
    load_attributes,
    load_names,
)
from ringfence.settings import EngineSettings, Settings

START = 1_767_225_600
"""Midnight of the scenario's first day, 1 January 2026."""

FILL = (
    "INSERT INTO signups SELECT account, signed_up FROM crowd",
    "INSERT INTO clients SELECT account, 'client ' || client, 1 FROM crowd",
    "INSERT INTO payments SELECT account, 'paid ' || payment, 1 FROM crowd WHERE payment >= 0",
    "INSERT INTO devices SELECT DISTINCT account, 'dev ' || unnest([device, second]), 1 FROM crowd",
    (
        "INSERT INTO networks SELECT DISTINCT account, "
        "'10.' || network // 65536 || '.' || network % 65536, 1 "
        "FROM (SELECT account, unnest([home, mobile]) AS network FROM crowd)"
    ),
)
"""Each network of the simulator becomes a network of its own."""


def crowd(accounts: int, seed: int = 5) -> Attributes:
    """Return the attributes of users: campuses of 300, mobile networks of 500, popular clients."""
    return Attributes.of_crowd(seed, accounts)


def with_ring(one: Attributes, rows: np.ndarray, links: Sequence[PlantedLink]) -> Attributes:
    """Make some accounts share the values that these links name."""
    one.set_linked(rows, links, 20, 7)
    return one


@contextmanager
def ledger_of(one: Attributes, keys: np.ndarray, robots: Sequence[int] = ()) -> Iterator[Engine]:
    """Yield an engine with the ledger of accounts that have these keys."""
    columns = {name: getattr(one, name) for name in Attributes.__dataclass_fields__}
    columns |= {"account": keys, "signed_up": one.signed_up + START}
    with open_engine(EngineSettings(threads=1)) as engine:
        for name, table in LEDGER_TABLES.items():
            engine.run(f"CREATE TABLE {name} ({table.sql})")
        engine.run("CREATE TEMP TABLE set_apart (account_key UBIGINT, client VARCHAR)")
        engine.table("crowd", columns)
        for fill in FILL:
            engine.run(fill)
        join_accounts_table(engine, None, Settings())
        for row in robots:
            engine.run("INSERT INTO set_apart VALUES ($key, 'bot')", {"key": int(keys[row])})
        yield engine


def attributes_of(
    one: Attributes, keys: np.ndarray | None = None, robots: Sequence[int] = ()
) -> AccountAttributes:
    """Load the attributes of accounts; row n is account n unless keys say otherwise."""
    named = np.arange(one.home.size, dtype=np.uint64) + 1 if keys is None else keys
    with ledger_of(one, named, robots) as engine:
        links = load_attributes(engine, np.sort(named), frozenset(ATTRIBUTE_COLUMNS.values()))
        return load_names(engine, links, np.arange(named.size))

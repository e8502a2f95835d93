"""A service with users and a ring, and dumps of what the ring took."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ringfence.leaks.attribution import Attribution, LeakFiles, attribute_leak
from ringfence.ledger import open_writable
from ringfence.model.arrow_table import ArrowTable
from ringfence.settings import Settings
from ringfence.stats.arrays import Integers
from ringfence.testing.small_ledger import ONE_THREAD

CATALOGUE = 120_000
GROUP = 12
BEGIN = 1_760_000_000


@dataclass(frozen=True)
class Takes:
    """First takes: account and item numbers, and times."""

    account: Integers
    item: Integers
    time: Integers


def people(users: int, items: int, rng: np.random.Generator, *, albums: bool = False) -> Takes:
    """Return what users take: popular items more often, whole groups if asked for."""
    amounts = rng.poisson(items / (GROUP if albums else 1), users)
    account = np.repeat(np.arange(users), amounts)
    item = (CATALOGUE * rng.random(account.size) ** 3).astype(np.int64)
    if albums:
        account, item = np.repeat(account, GROUP), np.repeat(item // GROUP * GROUP, GROUP)
        item += np.tile(np.arange(GROUP), item.size // GROUP)
    return Takes(account, item, rng.integers(BEGIN, BEGIN + 10**7, account.size))


def fans(users: int, rng: np.random.Generator) -> Takes:
    """Return what users of many sizes take, each of one to four genres, popular items first."""
    genres = 40
    amounts = np.clip(rng.lognormal(4.1, 1.0, users), 5, 800).astype(np.int64)
    account = np.repeat(np.arange(users), amounts)
    tastes = rng.integers(0, genres, (users, 4))
    chosen = tastes[account, (rng.random(account.size) * (1 + account % 4)).astype(np.int64)]
    item = chosen + genres * (CATALOGUE / genres * rng.random(account.size) ** 3).astype(np.int64)
    return Takes(account, item, rng.integers(BEGIN, BEGIN + 10**7, account.size))


def with_dividers(takes: Takes, accounts: int, items: int, rng: np.random.Generator) -> Takes:
    """Add accounts that divide popular items among them."""
    first = int(takes.account.max()) + 1
    popular = np.unique((CATALOGUE * rng.random(6 * accounts * items) ** 2).astype(np.int64))
    taken = rng.permutation(popular)[: accounts * items]
    return Takes(
        np.concatenate([takes.account, first + np.arange(accounts).repeat(items)]),
        np.concatenate([takes.item, taken]),
        np.concatenate([takes.time, rng.integers(BEGIN, BEGIN + 10**7, taken.size)]),
    )


def with_ring(takes: Takes, members: int, items: int, rng: np.random.Generator) -> Takes:
    """Add a ring that divides a part of the catalogue."""
    first = int(takes.account.max()) + 1
    taken = rng.permutation(CATALOGUE)[: members * items]
    times = np.sort(rng.integers(BEGIN, BEGIN + 10**7, (members, items)), axis=1).ravel()
    return Takes(
        np.concatenate([takes.account, first + np.arange(members).repeat(items)]),
        np.concatenate([takes.item, taken]),
        np.concatenate([takes.time, times]),
    )


def write_ledger(
    path: Path, takes: Takes, ring: tuple[int, int] | None = None, *, groups: bool = True
) -> Path:
    """Write a ledger with these takes, and a known ring of the accounts in a range."""
    group = f"hash('g' || (i // {GROUP}))" if groups else "NULL"
    ledger = open_writable(path, ONE_THREAD)
    engine = ledger.engine
    engine.table("takes", {"a": takes.account, "i": takes.item, "t": takes.time.astype(np.uint32)})
    engine.run(
        "INSERT INTO aged_accounts SELECT DISTINCT hash('u' || a), 'u' || a, false FROM takes"
    )
    engine.run(
        f"INSERT INTO aged_holdings SELECT hash('u' || a), hash('t' || i), "
        f"{group}, min(t), max(t), count(*) FROM takes GROUP BY a, i"
    )
    if ring:
        engine.run(
            f"INSERT INTO rings SELECT 'ring-1', hash('u' || a) FROM range({ring[0]}, {ring[1]}) "
            "AS r(a)"
        )
    engine.close()
    return path


def whole_catalogue() -> ArrowTable:
    """Return the catalogue as a table."""
    import pyarrow as pa

    numbers = range(CATALOGUE)
    return ArrowTable(
        pa.table({"item": [f"t{n}" for n in numbers], "group": [f"g{n // GROUP}" for n in numbers]})
    )


def dump_of(items: Integers, **columns: list[str]) -> ArrowTable:
    """Return a dump with these items in order."""
    import pyarrow as pa

    return ArrowTable(pa.table({"item": [f"t{n}" for n in items.tolist()], **columns}))


def attributed(
    ledger: Path,
    dump: ArrowTable,
    catalogue: ArrowTable | None,
    rate: float = 0.01,
    **options: object,
) -> Attribution:
    """Attribute a dump."""
    settings = Settings.model_validate(
        {"engine": {"threads": 1}, "verdicts": {"false_accusation_rate": rate}}
    )
    return attribute_leak(LeakFiles(dump, ledger, catalogue, **options), settings)  # type: ignore[arg-type]

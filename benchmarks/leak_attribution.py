"""Measure attribution: members of a ring that are named, and users who are named wrongly.

    python -m benchmarks.leak_attribution [--runs N] [--write docs/benchmarks.md]

A ring of 480 accounts divides a part of a catalogue among 20,000 users, whose takes are clustered
and popular first. In each run another 1 % of what the ring took is published, mixed half and half
with items from elsewhere: in every second run drawn evenly, in the others popular first. The
holdings stay the same, so the counts of the statements are computed with NumPy. In the first run,
the engine computes them too, and both must agree.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from benchmarks.page import publish, table

from ringfence.leaks.attribution import LeakFiles, attribute_leak
from ringfence.leaks.attribution.likelihood import honest_rates, population_variation
from ringfence.ledger import open_writable
from ringfence.settings import Settings
from ringfence.stats.arrays import Flags, Floats, Integers, SmallIntegers

USERS, MEMBERS, EACH = 20_000, 480, 5_000
CATALOGUE = 25_600_000
USER_ITEMS = 300
RATE = 0.01


@dataclass(frozen=True)
class Holdings:
    """All pairs of account and item, the number of holders of each item, and the ring's items."""

    account: SmallIntegers
    item: SmallIntegers
    holders: SmallIntegers
    of_ring: Integers


def holdings(rng: np.random.Generator) -> Holdings:
    """Return what users and the ring hold. Users take albums of twelve, popular ones first."""
    albums = rng.poisson(USER_ITEMS * rng.lognormal(-0.3, 0.8, USERS) / 6)
    account = np.repeat(np.arange(USERS), albums).repeat(6)
    first = (CATALOGUE * rng.random(albums.sum()) ** 6).astype(np.int64) // 12 * 12
    item = first.repeat(6) + np.tile(np.arange(6) * 2, first.size)
    of_ring = rng.choice(CATALOGUE, MEMBERS * EACH, replace=False)
    members = USERS + np.arange(MEMBERS).repeat(EACH)
    pairs = np.unique(
        np.concatenate([account, members]) * CATALOGUE + np.concatenate([item, of_ring])
    )
    item = (pairs % CATALOGUE).astype(np.int32)
    holders = np.bincount(item, minlength=CATALOGUE).astype(np.int32)
    return Holdings((pairs // CATALOGUE).astype(np.int32), item, holders, of_ring)


def dump(held: Holdings, seed: int) -> Integers:
    """Return a dump: 1 % of the ring's items, and as many that no member holds."""
    rng = np.random.default_rng([seed, 7])
    own = rng.choice(held.of_ring, held.of_ring.size // 100, replace=False)
    draws = rng.random(4 * own.size) ** (1 if seed % 2 else 6)
    others = np.setdiff1d((CATALOGUE * draws).astype(np.int64), held.of_ring)
    return np.concatenate([own, rng.choice(others, min(own.size, others.size), replace=False)])


def level(holders: Integers | SmallIntegers) -> Integers:
    """Return the level of numbers of holders, as the statements do."""
    wide = np.maximum(holders, 1)
    deep = 2 + np.ceil(np.log2(wide / 2)).astype(np.int64)
    return np.where(holders <= 2, holders, deep)


def log_p_values(held: Holdings, leaked: Flags) -> Floats:
    """Return ln of the p-value of each account."""
    of_item = level(held.holders)
    pools = {
        "level": np.arange(of_item.max() + 1),
        "band": np.zeros(of_item.max() + 1, dtype=np.int64),
        "items": np.bincount(of_item),
        "leaked": np.bincount(of_item, weights=leaked),
    }
    of_pair = level(held.holders[held.item] - 1)
    seen = leaked[held.item]
    accounts = USERS + MEMBERS
    place = held.account.astype(np.int64) * pools["level"].size + of_pair
    size = accounts * pools["level"].size
    counts, hits = np.bincount(place, minlength=size), np.bincount(place, seen, minlength=size)
    rows = np.flatnonzero(counts)
    strata = {
        "level": rows % pools["level"].size,
        "band": np.zeros(rows.size, dtype=np.int64),
        "items": counts[rows],
        "leaked": hits[rows],
    }
    rates = honest_rates(pools, strata)
    expected = (counts.reshape(accounts, -1) * rates).sum(axis=1)
    observed = hits.reshape(accounts, -1).sum(axis=1).astype(np.int64)
    return population_variation(observed, expected, expected).log_p(observed, expected, expected)


def named_by_engine(held: Holdings, items: Integers) -> set[int]:
    """Return the accounts that the program names from a ledger with these holdings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ledger"
        ledger = open_writable(path, Settings())
        ledger.engine.table("pairs", {"a": held.account, "i": held.item})
        ledger.engine.run(
            "INSERT INTO aged_accounts SELECT DISTINCT hash('u' || a), 'u' || a, false FROM pairs"
        )
        ledger.engine.run(
            "INSERT INTO aged_holdings "
            "SELECT hash('u' || a), hash('t' || i), NULL, 1700000000, 1700000000, 1 FROM pairs"
        )
        ledger.engine.run(
            f"CREATE TEMP TABLE everything AS SELECT 't' || range AS item FROM range({CATALOGUE})"
        )
        ledger.engine.copy("FROM everything", Path(folder) / "catalogue.parquet")
        ledger.engine.close()
        leak = pa.table({"item": [f"t{one}" for one in items.tolist()]})
        found = attribute_leak(LeakFiles(leak, path, Path(folder) / "catalogue.parquet"))
    return {int(one[1:]) for one in found.accounts}


def measure(runs: int) -> str:
    """Return the result as a Markdown table."""
    held = holdings(np.random.default_rng(1))
    limit = np.log(RATE / (USERS + MEMBERS))
    members, users, wrong, seconds = [], 0, 0, 0.0
    for seed in range(runs):
        items = dump(held, seed)
        leaked = np.zeros(CATALOGUE, dtype=bool)
        leaked[items] = True
        begin = time.process_time()
        named = np.flatnonzero(log_p_values(held, leaked) <= limit)
        seconds += time.process_time() - begin
        members.append(np.sum(named >= USERS) / MEMBERS)
        users += int(np.sum(named < USERS))
        wrong += bool(np.any(named < USERS))
        if not seed:
            engine = named_by_engine(held, items)
            differ = len(engine ^ set(named.tolist()))
            print(f"engine: {len(engine)}, NumPy: {named.size}, differ: {differ}")
    rows = [
        ("runs", f"{runs:,}"),
        ("members named, mean", f"{np.mean(members):.2%}"),
        ("members named, worst run", f"{np.min(members):.2%}"),
        ("users named, all runs", f"{users:,}"),
        ("runs in which a user is named", f"{wrong:,}"),
        ("CPU seconds per run", f"{seconds / runs:.1f}"),
    ]
    return table(("attribution: ring of 480 among 20,000 users", "measured"), rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the table into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args(arguments)
    publish("leak attribution", measure(chosen.runs), chosen.write)


if __name__ == "__main__":
    main()

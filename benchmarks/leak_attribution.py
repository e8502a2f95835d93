"""Measure attribution: members of a ring that are named, and users who are named wrongly.

    python -m benchmarks.leak_attribution [--runs N] [--minutes N] [--engine]
        [--write docs/benchmarks.md]

A ring of 480 accounts divides a part of a catalogue among 20,000 users, whose takes are clustered
and popular first. In each run another 1 % of what the ring took is published, mixed half and half
with items from elsewhere: in every second run drawn evenly, in the others popular first. Every 100
runs, the users and the ring are drawn again. Holdings stay the same until then, so the counts of
the statements are computed with NumPy. With ``--engine``, the program computes the first run from a
ledger too, and both must agree.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from benchmarks.page import Row, publish, table
from scipy.stats import beta

from ringfence.leaks.attribution import LeakFiles, attribute_leak
from ringfence.leaks.attribution.likelihood import honest_rates
from ringfence.leaks.attribution.rarity import enough_holders, smallest_log_p
from ringfence.leaks.attribution.statements import RARITIES
from ringfence.leaks.attribution.tails import log_tails
from ringfence.leaks.attribution.variation import population_variation
from ringfence.ledger import open_writable
from ringfence.settings import Settings
from ringfence.stats.arrays import Flags, Floats, Integers, SmallIntegers

USERS, MEMBERS, EACH = 20_000, 480, 5_000
CATALOGUE = 25_600_000
ACCOUNTS = USERS + MEMBERS
USER_ITEMS = 300
RUNS_OF_POPULATION = 100
ENOUGH = 0.99
RATE = 0.01


@dataclass(frozen=True)
class Holdings:
    """All pairs of account and item, ordered by item.

    Attributes:
        account: (pairs,) the account.
        item: (pairs,) the item.
        starts: (items + 1,) where the pairs of each item begin.
        of_ring: the ring's items.
        is_of_ring: (items,) whether the ring holds it.
    """

    account: SmallIntegers
    item: SmallIntegers
    starts: Integers
    of_ring: Integers
    is_of_ring: Flags


def holdings(rng: np.random.Generator) -> Holdings:
    """Return what users and the ring hold. Users take albums of twelve, popular ones first."""
    albums = rng.poisson(USER_ITEMS * rng.lognormal(-0.3, 0.8, USERS) / 6)
    account = np.repeat(np.arange(USERS), albums).repeat(6)
    first = (CATALOGUE * rng.random(albums.sum()) ** 6).astype(np.int64) // 12 * 12
    item = first.repeat(6) + np.tile(np.arange(6) * 2, first.size)
    of_ring = rng.choice(CATALOGUE, MEMBERS * EACH, replace=False)
    members = USERS + np.arange(MEMBERS).repeat(EACH)
    pairs = np.sort(np.concatenate([item, of_ring]) * ACCOUNTS + np.concatenate([account, members]))
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    item = (pairs // ACCOUNTS).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(item, minlength=CATALOGUE))])
    is_of_ring = np.zeros(CATALOGUE, dtype=bool)
    is_of_ring[of_ring] = True
    return Holdings((pairs % ACCOUNTS).astype(np.int32), item, starts, of_ring, is_of_ring)


def dump(held: Holdings, seed: int) -> Integers:
    """Return a dump: 1 % of the ring's items, and as many that no member holds."""
    rng = np.random.default_rng([seed, 7])
    own = rng.choice(held.of_ring, held.of_ring.size // 100, replace=False)
    draws = rng.random(4 * own.size) ** (1 if seed % 2 else 6)
    items = np.sort((CATALOGUE * draws).astype(np.int64))
    others = items[(np.diff(items, prepend=-1) > 0) & ~held.is_of_ring[items]]
    return np.concatenate([own, rng.choice(others, min(own.size, others.size), replace=False)])


def level(holders: Integers) -> Integers:
    """Return the level of numbers of holders, as the statements do."""
    deep = 4 + np.ceil(2 * np.log2(np.maximum(holders, 1) / 4)).astype(np.int64)
    return np.where(holders <= 4, holders, deep)


class Counts:
    """The counts of the statements for one ledger and any dump.

    Args:
        held: of the ledger.
    """

    def __init__(self, held: Holdings) -> None:
        self._held = held
        self._of_item = level(np.diff(held.starts)).astype(np.int8)
        self._pools = np.bincount(self._of_item)
        self._levels = self._pools.size
        of_pair = level(np.diff(held.starts) - 1).astype(np.int8)[held.item]
        place = held.account.astype(np.int64) * self._levels + of_pair
        self._counts = np.bincount(place, minlength=ACCOUNTS * self._levels)

    def log_p_values(self, items: Integers, limit: float) -> Floats:
        """Return ln of the p-value of each account for a dump with these items.

        It is only computed if it may be below the limit, and is 0 otherwise. A mixed Poisson
        distribution has a heavier upper tail than the Poisson distribution of its mean (Shaked
        1980), so the tail of the latter tells.
        """
        hits = self._hits(items)
        rows = np.flatnonzero(self._counts)
        levels = np.arange(self._levels)
        pools = {
            "level": levels,
            "band": np.zeros_like(levels),
            "items": self._pools,
            "leaked": np.bincount(self._of_item[items], minlength=self._levels),
        }
        strata = {
            "level": rows % self._levels,
            "band": np.zeros_like(rows),
            "items": self._counts[rows],
            "leaked": hits[rows],
        }
        expected = self._counts.reshape(ACCOUNTS, -1) * honest_rates(pools, strata)
        observed = hits.reshape(ACCOUNTS, -1)
        compared = []
        for most in RARITIES.values():
            levels = slice(None if most is None else int(level(np.array([most]))[0]) + 1)
            leaked, mean = observed[:, levels].sum(axis=1), expected[:, levels].sum(axis=1)
            if most is None or enough_holders(leaked):
                log_p = log_tails(leaked, mean, np.ones(ACCOUNTS))
                some = np.flatnonzero(log_p <= limit)
                variation = population_variation(leaked, mean, mean)
                log_p[:] = 0
                log_p[some] = variation.log_p(leaked[some], mean[some], mean[some])
                compared.append(log_p)
        return smallest_log_p(np.array(compared))

    def _hits(self, items: Integers) -> Integers:
        """Return how many items of the dump each account holds, by level of other holders."""
        starts, ends = self._held.starts[items], self._held.starts[items + 1]
        sizes = ends - starts
        skipped = np.cumsum(sizes) - sizes
        pairs = np.arange(sizes.sum()) + (starts - skipped).repeat(sizes)
        place = self._held.account[pairs].astype(np.int64) * self._levels
        return np.bincount(place + level(sizes - 1).repeat(sizes), minlength=self._counts.size)


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


@dataclass
class Result:
    """Runs and what they named.

    Attributes:
        members: share of the members that a run named.
        users: number of users that a run named.
        seconds: processor time of all runs.
    """

    members: list[float] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, named: Integers, seconds: float) -> None:
        """Add a run."""
        users = int(np.sum(named < USERS))
        self.members.append((named.size - users) / MEMBERS)
        self.users.append(users)
        self.seconds += seconds

    @property
    def rows(self) -> list[Row]:
        """The result as rows of a table."""
        runs, members = len(self.members), np.array(self.members)
        enough, wrong = int(np.sum(members >= ENOUGH)), int(np.count_nonzero(self.users))
        low, high = interval(enough, runs, 0.025)
        _, most = interval(wrong, runs, 0.05)
        return [
            ("runs", f"{runs:,}"),
            ("populations", f"{-(-runs // RUNS_OF_POPULATION):,}"),
            ("members named, mean", f"{members.mean():.2%}"),
            ("members named, worst run", f"{members.min():.2%}"),
            ("runs that name no member", f"{np.sum(members == 0):,}"),
            ("runs with at least 99 % of the members", f"{enough / runs:.1%}"),
            ("the same, 95 % confidence interval", f"{low:.1%} to {high:.1%}"),
            ("users named, all runs", f"{sum(self.users):,}"),
            ("runs in which a user is named", f"{wrong:,}"),
            ("their share is at most, with 95 % confidence", f"{most:.2%}"),
            ("CPU seconds per run", f"{self.seconds / runs:.2f}"),
        ]


def interval(some: int, runs: int, tail: float) -> tuple[float, float]:
    """Return the exact limits of a share, each wrong with this chance (Clopper, Pearson 1934)."""
    low = beta.ppf(tail, some, runs - some + 1) if some else 0.0
    high = beta.ppf(1 - tail, some + 1, runs - some) if some < runs else 1.0
    return float(low), float(high)


def measure(runs: int, minutes: float, *, engine: bool) -> str:
    """Return the result as a Markdown table.

    Args:
        runs: number of runs.
        minutes: after this time, no other run begins.
        engine: whether the program repeats the first run.
    """
    limit = np.log(RATE / ACCOUNTS)
    result, begin, extra = Result(), time.monotonic(), list[Row]()
    for run in range(runs):
        population, seed = divmod(run, RUNS_OF_POPULATION)
        if time.monotonic() - begin > 60 * minutes:
            break
        if not seed:
            held = holdings(np.random.default_rng([population, 1]))
            counts = Counts(held)
        items = dump(held, seed)
        start = time.process_time()
        named = np.flatnonzero(counts.log_p_values(items, limit) <= limit)
        result.add(named, time.process_time() - start)
        if result.members[-1] < ENOUGH or result.users[-1]:
            print(
                f"population {population}, run {seed}: {result.members[-1]:.2%} of the members, "
                f"{result.users[-1]} users",
                flush=True,
            )
        if engine and not run:
            differ = len(named_by_engine(held, items) ^ set(named.tolist()))
            extra.append(("accounts that NumPy and the program name differently", f"{differ:,}"))
    header = ("attribution: ring of 480 among 20,000 users", "measured")
    return table(header, [*result.rows, *extra])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the table into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--engine", action="store_true")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args(arguments)
    text = measure(chosen.runs, chosen.minutes, engine=chosen.engine)
    publish("leak attribution", text, chosen.write)


if __name__ == "__main__":
    main()

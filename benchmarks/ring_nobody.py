"""Search for rings where there are none: real people, public logs, simulated users, markets."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.inputs import COLUMNS, LISTENERS, public_logs
from benchmarks.page import table
from benchmarks.ring_plans import search_rings

import ringfence
from ringfence.engine import Engine, Statement
from ringfence.lab.evaluate import Population, open_population
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.model.ring import Ring
from ringfence.rings import (
    Holdings,
    find_collision_rings,
    find_lockstep,
    holdings_from_pairs,
    load_holdings,
)
from ringfence.settings import Settings, load_settings
from ringfence.stats.arrays import Keys
from ringfence.verdicts import judge

SUBSETS: Final = 200
LEAST_ACCOUNTS: Final = 100
"""Least size of a random set of accounts; the largest set has all."""

MARKETS: Final = 8
"""Markets with disjoint catalogues: no user takes an item of another market."""

ALL_JOIN: Final = Statement("benchmarks.all_join", "DELETE FROM set_apart")
SET_OTHERS_APART: Final = Statement(
    "benchmarks.set_others_apart",
    """
INSERT INTO set_apart BY NAME
SELECT account_key FROM accounts WHERE account_key NOT IN (SELECT account_key FROM chosen)
""",
)
"""Accounts outside a set become robots while the set is searched: no search examines robots. These
users have no clients, so that none of them is a robot otherwise."""

Line = list[str]


def false_rings(scratch: Path, among: str = "") -> str:
    """Search everywhere and lay out what was found.

    Args:
        scratch: an existing folder.
        among: select places whose names contain this text.
    """
    lines: list[Line] = []
    for name, search in _PLACES.items():
        if among in name:
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                for line in search(name, Path(folder)):
                    print("|", " | ".join(line), "|", flush=True)
                    lines.append(line)
    header = ["users", "accounts", "searches", "rings found", "accounts in them"]
    return table(header, lines)


def in_markets(population: Population, markets: int = MARKETS) -> Population:
    """Divide users among markets, and give each market items and groups of its own."""
    market = f"'@' || hash(account) % {markets}"
    relation = (
        f'(SELECT * REPLACE (item || {market} AS item, "group" || {market} AS "group") '
        f"FROM {population.relation})"
    )
    return dataclasses.replace(population, relation=relation)


def search_once(name: str, population: Population) -> Line:
    """Search a population once, at its end, and return its row."""
    select = f"SELECT * FROM {population.relation}"
    with GrowingLedger(select, population.settings) as users:
        users.advance(population.start + population.days * 86_400)
        with joint_context(users) as context:
            found = search_rings(context, population.settings)
    inside = len(frozenset().union(*found.members))
    return [name, f"{population.accounts:,}", "1", f"{len(found.rings)}", f"{inside:,}"]


def subset(holdings: Holdings, chosen: Keys) -> Holdings:
    """Return the holdings of some accounts, without items that only one of them holds."""
    places = holdings.matrix[np.isin(holdings.accounts, chosen)].tocoo()
    account = holdings.accounts[np.isin(holdings.accounts, chosen)][places.row]
    shared = np.bincount(places.col, minlength=holdings.items.group.size)[places.col] > 1
    item = places.col[shared].astype(np.uint64)
    group = holdings.items.group[places.col[shared]].astype(np.uint64)
    return holdings_from_pairs(account[shared], item, group)


def lockstep_among(engine: Engine, chosen: Keys) -> tuple[Ring, ...]:
    """Search for lockstep among some accounts of a ledger, as if there were no others."""
    engine.table("chosen", {"account_key": chosen})
    engine.run(SET_OTHERS_APART)
    found = find_lockstep(engine)
    engine.run(ALL_JOIN)
    return found


def _real(scratch: Path, *, months: bool) -> Population:
    (scratch / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
    settings = load_settings(scratch / "listeners.toml")
    return open_population(str(LISTENERS), settings, scratch, account_months=months)


def _people(name: str, scratch: Path) -> Iterator[Line]:
    if LISTENERS.exists():
        yield search_once(name, _real(scratch, months=False))


def _months(name: str, scratch: Path) -> Iterator[Line]:
    """Search all person-months, and then random sets of them.

    Sets are searched for few collisions at all levels, and for lockstep. These users have no
    columns that link them.
    """
    if not LISTENERS.exists():
        return
    population = _real(scratch, months=True)
    yield search_once(name, population)
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as users:
        users.advance(population.start + population.days * 86_400)
        with joint_context(users) as context:
            order = judge(context, lambda _: None).most_suspicious_first()
            holdings = load_holdings(context.engine, np.sort(order))
            rings = [
                ring
                for chosen in _random_sets(holdings.accounts)
                for ring in (
                    *find_collision_rings(subset(holdings, chosen), order),
                    *lockstep_among(context.engine, chosen),
                )
            ]
    sizes = f"{LEAST_ACCOUNTS} to {holdings.accounts.size}"
    inside = sum(ring.keys.size for ring in rings)
    yield [f"random sets of the {name}", sizes, f"{SUBSETS}", f"{len(rings)}", f"{inside:,}"]


def _random_sets(accounts: Keys) -> Iterator[Keys]:
    rng = np.random.default_rng(0)
    for _ in range(SUBSETS):
        size = int(rng.integers(LEAST_ACCOUNTS, accounts.size + 1))
        yield rng.choice(accounts, size, replace=False)


def _logs(name: str, scratch: Path) -> Iterator[Line]:
    del scratch
    for path in public_logs():
        result = ringfence.scan(path)
        rings = [finding for finding in result.findings if finding.kind == "ring"]
        inside = sum(len(ring.accounts) for ring in rings)
        accounts = f"{result.counts['accounts']:,}"
        yield [f"{name}: {path.name}", accounts, "1", f"{len(rings)}", f"{inside:,}"]


def _simulated(name: str, scratch: Path) -> Iterator[Line]:
    population = open_population("incident", Settings(), scratch)
    yield search_once(name, population)
    yield search_once(f"{name}, in {MARKETS} disjoint markets", in_markets(population))


_PLACES: Final = {
    "48 people, whole histories": _people,
    "884 person-months": _months,
    "public log": _logs,
    "20,000 simulated": _simulated,
}

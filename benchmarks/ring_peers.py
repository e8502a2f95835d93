"""Compare Ringfence's two ring tests with published methods for groups of accounts.

    python -m benchmarks.ring_peers [--write docs/benchmarks.md] [--among TEXT] [--ring TEXT]

Each ring is planted alone among the same users and searched for once, at its end. Of a peer's
groups, the table shows the one that fits the ring best, chosen after the fact. Ringfence's rings
are shown as found. ``--among`` and ``--ring`` select rows whose names contain the text.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.inputs import COLUMNS, LISTENERS
from benchmarks.page import publish, table
from benchmarks.ring_plans import LOCKSTEP, RingPlan, by_artist, ring, shares

from ringfence.lab.evaluate import Population, ScoredLedger, open_population
from ringfence.lab.evaluate.detectors import fraudar, synchrotrap
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.replay import attack_events
from ringfence.lab.evaluate.scored_ledger import score_ledger
from ringfence.rings import find_collision_rings, find_lockstep, load_holdings
from ringfence.settings import Settings, load_settings
from ringfence.stats.arrays import Keys

PLANS: Final = (
    shares(40, 300),
    shares(200, 100),
    by_artist(),
    ring("40 × 300, at random", "tail", accounts=40, per_day=30),
    LOCKSTEP,
)

SIMILARITIES: Final = (0.5, 0.2, 0.05)
"""Thresholds of similarity: the one of the detector, and lower ones."""


NOTE: Final = (
    "Members found (users in the same group). A peer's group is the one that fits the ring best, "
    "chosen after the fact."
)


def collisions(ledger: ScoredLedger) -> list[Keys]:
    """Return rings whose members share too few items."""
    order = ledger.scored.most_suspicious_first()
    holdings = load_holdings(ledger.context.engine, np.sort(order))
    return [one.keys for one in find_collision_rings(holdings, order)]


def lockstep(ledger: ScoredLedger) -> list[Keys]:
    """Return rings whose members take the same items at the same time."""
    return [one.keys for one in find_lockstep(ledger.context.engine)]


def clusters(ledger: ScoredLedger) -> Iterator[Keys]:
    """Yield clusters of two accounts or more, at every threshold."""
    common = synchrotrap.SharedActions.read(ledger.context.engine)
    for similar in SIMILARITIES:
        cluster = common.clusters(similar)
        for number in np.flatnonzero(np.bincount(cluster) > 1):
            yield common.keys[cluster == number]


def blocks(ledger: ScoredLedger) -> Iterator[Keys]:
    """Yield the accounts of dense blocks."""
    for keys, _ in fraudar.block_members(ledger):
        yield keys


def fit(group: Keys, ring_: Keys) -> float:
    """Return the Jaccard similarity of a group and the ring."""
    shared = np.intersect1d(group, ring_).size
    return shared / (group.size + ring_.size - shared)


def all_of(groups: Iterable[Keys], ring_: Keys) -> str:
    """Count members and users in all groups together."""
    return _counted(np.unique(np.concatenate([np.zeros(0, np.uint64), *groups])), ring_)


def best_of(groups: Iterable[Keys], ring_: Keys) -> str:
    """Count members and users in the group that fits the ring best."""
    none = np.zeros(0, np.uint64)
    return _counted(max(groups, key=lambda group: fit(group, ring_), default=none), ring_)


def _counted(group: Keys, ring_: Keys) -> str:
    members = np.intersect1d(group, ring_).size
    return f"{members:,} ({group.size - members:,})" if group.size else "–"


def rows(where: str, population: Population, plans: Iterable[RingPlan]) -> Iterator[list[str]]:
    """Search for each ring in every way."""
    end = population.start + population.days * 86_400
    select = f"SELECT * FROM {population.relation}"
    with (
        tempfile.TemporaryDirectory() as scratch,
        GrowingLedger(select, population.settings) as users,
    ):
        users.advance(end)
        for plan in plans:
            attack = plan.plant(population, Path(scratch))
            with GrowingLedger(attack_events(population, attack), population.settings) as ledger:
                ledger.advance(end)
                with joint_context(users, ledger) as context:
                    scored = score_ledger(context, population.settings, end)
                    yield [where, plan.name, *_cells(scored, frozenset(attack.names))]


def _cells(ledger: ScoredLedger, names: frozenset[str]) -> Iterator[str]:
    accounts = ledger.scored.accounts
    inside = [name in names for name in accounts["account"]]
    ring_: Keys = accounts["account_key"][np.array(inside)]
    yield f"{len(names):,}"
    yield all_of(collisions(ledger), ring_)
    yield all_of(lockstep(ledger), ring_)
    yield best_of(clusters(ledger), ring_)
    yield best_of(blocks(ledger), ring_)


def populations(scratch: Path, among: str) -> Iterator[tuple[str, Population]]:
    """Yield the selected populations; that of real people only if the data is available."""
    people, crowd = "884 person-months", "20,000 simulated"
    if among in people and LISTENERS.exists():
        (scratch / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
        settings = load_settings(scratch / "listeners.toml")
        yield people, open_population(str(LISTENERS), settings, scratch, account_months=True)
    if among in crowd:
        yield crowd, open_population("incident", Settings(), scratch)


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the table into")
    parser.add_argument("--among", default="", help="only places whose names contain this")
    parser.add_argument("--ring", default="", help="only rings whose names contain this")
    options = parser.parse_args()
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for where, population in populations(Path(folder), options.among):
            plans = [plan for plan in PLANS if options.ring in plan.name]
            for line in rows(where, population, plans):
                print("|", " | ".join(line), "|", flush=True)
                lines.append(line)
    header = ["among", "ring (accounts × items)", "accounts", "few collisions", "lockstep"]
    header = [*header, "as SynchroTrap, best cluster", "as FRAUDAR, best block"]
    publish("ring_peers", f"{table(header, lines)}\n\n{NOTE}", options.write)


if __name__ == "__main__":
    main()

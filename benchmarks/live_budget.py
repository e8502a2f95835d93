"""Measure the errors of the budget: honest people who are refused, and takes that are not counted.

    python -m benchmarks.live_budget [--histories FILE] [--kinds] [--write docs/honest-users.md]

Replays the histories of real people through the gate, each from its first play on, as if the
service had begun on that day. The filter is full before the first play, so it errs as much as it
ever does. Then an extractor asks for 1,000 new items per day. With ``--kinds``, the simulated
honest users that are easily mistaken for extractors are replayed too: the first take of each item.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from benchmarks.fairness import KINDS, PREFIX
from benchmarks.inputs import REAL
from benchmarks.page import publish, table

from ringfence.lab.simulate import Truth, load_scenario, read_truth, write_scenario
from ringfence.service.authorize.gate import Gate
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.keys import name_hash
from ringfence.service.exposure.state import ExposureSize, ExposureState
from ringfence.service.files import ServiceFolder
from ringfence.stats.seconds import DAY

HISTORIES: Final = REAL / "listeners-dev.parquet"
CAPACITY: Final = 2_000_000
NOW: Final = 1_700_000_000
HALF_YEAR: Final = 180


def _state(folder: str, rule: BudgetRule, *, full: bool) -> ExposureState:
    size = ExposureSize(CAPACITY, 100_000)
    state = ExposureState(ServiceFolder(Path(folder)), bytes(range(32)), rule, size, NOW)
    if full:
        room = state.pairs.parts[0].capacity - 250_000
        state.pairs.add_all(np.random.default_rng(3).integers(0, 2**64, room, np.uint64))
    return state


def _listeners(rule: BudgetRule, histories: Path, condition: str) -> list[str]:
    """Return plays, new items, refused plays and the share of new items that was not counted."""
    plays = duckdb.sql(
        f"SELECT listener, track, epoch(ts)::BIGINT FROM '{histories}' {condition} ORDER BY ts"
    ).fetchall()
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(_state(folder, rule, full=True), shadow=False)
        known: set[tuple[int, int]] = set()
        refused, people = 0, set()
        mixed = np.random.default_rng(4).integers(1, 2**64, 2_000_000, np.uint64).tolist()
        for listener, track, moment in plays:
            known.add((listener, track))
            answer = gate.answer(mixed[listener], mixed[track + 1_000], "", moment)
            if answer.action != "allow":
                refused += 1
                people.add(listener)
        charged = sum(
            number for (action, why), number in gate.counts.items()
            if (action, why) in {("allow", "new"), ("allow", "copy")}
        )  # fmt: skip
        copies = gate.counts["allow", "copy"]
    missed = 1 - (charged + refused) / len(known) if not refused else float("nan")
    return [
        f"{len(plays):,}", f"{len(known):,}", f"{refused:,} ({len(people)} people)",
        f"{copies:,}", f"{missed:.2%}",
    ]  # fmt: skip


def _extractor(rule: BudgetRule, days: int) -> int:
    """Return the items that an account gets which asks for 1,000 new ones per day."""
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(_state(folder, rule, full=False), shadow=False)
        for number in range(days * 1_000):
            gate.answer(7, number + 1, "", NOW + number * DAY // 1_000)
        return sum(number for (action, _), number in gate.counts.items() if action == "allow")


def kinds_table(kinds: Sequence[str] = KINDS) -> str:
    """Return how many users of each simulated kind are refused an item, and how many items."""
    rows = []
    for kind in kinds:
        with tempfile.TemporaryDirectory() as scratch:
            write_scenario(load_scenario(f"{PREFIX}{kind}"), Path(scratch))
            truth = read_truth(Path(scratch) / "truth.parquet")
            takes = duckdb.sql(
                "SELECT account, hash(item), epoch(min(ts))::BIGINT AS first FROM "
                f"'{scratch}/events/*.parquet' WHERE item IS NOT NULL GROUP BY ALL ORDER BY first"
            ).fetchall()
        rows.append([kind, *_refusals(kind, truth, takes)])
    header = ["kind", "users", "refused users", "of their new items", "other users refused"]
    return table(header, rows)


def _refusals(kind: str, truth: Truth, takes: Sequence[tuple[str, int, int]]) -> list[str]:
    number = name_hash(bytes(range(32)))
    asked, refused = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(_state(folder, BudgetRule(), full=False), shadow=False)
        for account, item, moment in takes:
            asked[account] += 1
            refused[account] += gate.answer(number(account), item, "", moment).action != "allow"
    own = [account for account in asked if truth.kinds[account] == kind]
    items, total = sum(refused[one] for one in own), sum(asked[one] for one in own)
    users = sum(refused[one] > 0 for one in own)
    others = sum(refused[one] > 0 for one in asked if truth.kinds[one] != kind)
    return [f"{len(own):,}", f"{users:,}", f"{items / total:.2%}" if items else "0", f"{others:,}"]


def budget_errors(histories: Path = HISTORIES) -> str:
    """Return the tables about errors, or a sentence that the histories are missing."""
    rules = {"defaults": BudgetRule(), "no copies": BudgetRule(sync_allowance=0)}
    got = {
        name: [_extractor(rule, days) for days in (1, 30, HALF_YEAR)]
        for name, rule in rules.items()
    }
    rows = [
        [name, *(f"{number:,}" for number in numbers), f"{86_000_000 / numbers[2]:,.0f}"]
        for name, numbers in got.items()
    ]
    header = ["items of an extractor that asks for 1,000 per day", "1 day", "30 days", "180 days"]
    stopped = table([*header, "accounts for 86 million items in 180 days"], rows)
    if not histories.exists():
        return f"{stopped}\n\nThe histories are missing, so errors were not measured."
    columns = ["48 people, from the first play on", "plays", "new items", "refused"]
    people = [
        [f"{name}, {kind}", *_listeners(rule, histories, condition)]
        for name, rule in rules.items()
        for kind, condition in (
            ("all plays", ""),
            ("plays of 30 s", "WHERE seconds >= 30 OR seconds IS NULL"),
        )
    ]
    errors = table([*columns, "charged to copies", "not counted"], people)
    return f"{errors}\n\n{stopped}"


def main() -> None:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=Path, default=HISTORIES)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, metavar="KIND")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.kinds is None:
        print(budget_errors(options.histories))
    else:
        publish("live_budget", kinds_table(options.kinds or KINDS), options.write)


if __name__ == "__main__":
    main()

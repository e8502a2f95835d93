"""Scan services with three or ten honest users of families that no scenario has.

    python -m benchmarks.honest_families [--seeds 3] [--keep FILE] [--write docs/honest-users.md]

Each family is beside about 990 other users for 28 days. Nobody extracts. A scan takes 5 to 15
seconds of processor time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.fairness import Outcome, earlier_rows, outcome_of
from benchmarks.family_copies import hit_collectors, jumping_readers, shared_logins
from benchmarks.family_events import FAMILY, Random, epaper, historians, write_events
from benchmarks.page import publish, table

import ringfence
from ringfence.lab.simulate import Truth
from ringfence.stats.arrays import Columns

SIZES: Final = (3, 10)
"""Accounts of the family in one service."""

FIRST_SEED: Final = 161_000

HEADER: Final = (
    "family", "beside", "size", "accused", "suspects", "least p-value", "others accused",
    "others suspects", "rings",
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A few honest users of one behaviour, and others.

    Attributes:
        beside: the others, and what their log lacks.
        make: makes the events, one array per column. It takes the number of accounts of the family,
            random numbers, a seed of the simulator and an empty folder.
    """

    beside: str
    make: Callable[[int, Random, int, Path], Columns]


FAMILIES: Final[Mapping[str, Family]] = {
    "historians": Family(
        "users of an index of names", lambda size, rng, _seed, _scratch: historians(size, rng)
    ),
    "e-paper subscribers": Family(
        "readers of a feed", lambda size, rng, _seed, _scratch: epaper(size, rng)
    ),
    "readers who jump by up to 5 pages": Family(
        "readers of articles", lambda size, *given: jumping_readers(size, 5, *given)
    ),
    "readers who jump by up to 25 pages": Family(
        "readers of articles", lambda size, *given: jumping_readers(size, 25, *given)
    ),
    "copies of popular playlists": Family("listeners, without surfaces", hit_collectors),
    "two libraries of one login": Family("listeners, without surfaces", shared_logins),
}
"""The families, by the names that the table has for them."""


def judge_family(name: str, size: int, seed: int, scratch: Path) -> Outcome:
    """Make the events of a family and of others, scan them and return how they were judged.

    Args:
        name: one of :data:`FAMILIES`.
        size: number of accounts of the family.
        seed: from 0.
        scratch: an empty folder.
    """
    rng = np.random.default_rng([FIRST_SEED + seed, list(FAMILIES).index(name), size])
    events = FAMILIES[name].make(size, rng, FIRST_SEED + seed, scratch)
    path = scratch / "all-events.parquet"
    write_events(events, path)
    accounts = np.unique(events["account"])
    kinds = {one: FAMILY if one.startswith(FAMILY) else "other" for one in accounts}
    return outcome_of(ringfence.scan(str(path)), Truth(kinds, {}), FAMILY)


def row_of(name: str, size: int, seeds: int) -> tuple[str, ...]:
    """Return one row of the table: sums over the seeds, and the least p-value of the family."""
    outcomes = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as scratch:
            outcomes.append(judge_family(name, size, seed, Path(scratch)))

    def total(attribute: str) -> str:
        return f"{sum(int(getattr(outcome, attribute)) for outcome in outcomes):,}"

    return (
        name, FAMILIES[name].beside, f"{seeds} × {size}", total("accused"), total("suspects"),
        f"{min(one.least for one in outcomes):.1e}", total("others_accused"),
        total("others_suspects"), total("rings"),
    )  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="rows, one JSON list per line")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    rows = earlier_rows(options.keep)
    done = {(row[0], row[2]) for row in rows}
    for size, name in itertools.product(SIZES, FAMILIES):
        if (name, f"{options.seeds} × {size}") in done:
            continue
        rows.append(row_of(name, size, options.seeds))
        print("|", " | ".join(rows[-1]), "|", flush=True)
        if options.keep is not None:
            with options.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    publish("honest families", table(HEADER, rows), options.write)


if __name__ == "__main__":
    main()

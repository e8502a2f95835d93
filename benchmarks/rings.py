"""Measure which planted rings are found, what they hold by then, and false rings.

    python -m benchmarks.rings [--write docs/benchmarks.md] [--among TEXT] [--ring TEXT]

Plants rings one at a time among simulated users and, if the data is available, among real people.
The first search for a ring is when half of its accounts hold ten items. Further searches follow
whenever its joint holding has doubled, and at the end. Then it searches where nobody extracts: in
random sets of person-months, in public logs, and in simulated markets that share nothing.
``--among`` and ``--ring`` select rows whose names contain the text.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.inputs import COLUMNS, LISTENERS
from benchmarks.page import publish, table
from benchmarks.ring_growing import RingProgress, grow_rings
from benchmarks.ring_nobody import false_rings
from benchmarks.ring_plans import AT_RANDOM, INCIDENT, RINGS, RingPlan, at_most

from ringfence.lab.evaluate import Population, open_population
from ringfence.settings import Settings, load_settings

TWO_MILLION: Final = """
description = "20,000 users of two million items."
seed = 5
days = 14
[catalogue]
items = 2_000_000
[users]
accounts = 20_000
"""

MOST_FILES: Final = 86_000_000
"""Files taken in the published incident."""

AMONG_FEW, AMONG_MONTHS = 40, 200
"""Accounts of the largest ring planted among whole histories, and among person-months. Larger rings
would be most of the accounts."""


@dataclass(frozen=True)
class Place:
    """A population in which rings are planted.

    Attributes:
        name: as in tables.
        source: file or scenario.
        plans: the rings to plant.
        months: whether an account is a month of a user.
    """

    name: str
    source: str
    plans: tuple[RingPlan, ...]
    months: bool = False

    def opened(self, scratch: Path) -> Population:
        """Open the population."""
        real = self.source == str(LISTENERS)
        settings = load_settings(scratch / "listeners.toml") if real else Settings()
        return open_population(self.source, settings, scratch, account_months=self.months)


def places(scratch: Path) -> Iterator[Place]:
    """Yield all places; those of real people only if the data is available."""
    (scratch / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
    (scratch / "two-million.toml").write_text(TWO_MILLION, encoding="utf-8")
    if LISTENERS.exists():
        yield Place("48 people, whole histories", str(LISTENERS), at_most(RINGS, AMONG_FEW))
        among = at_most(RINGS, AMONG_MONTHS)
        yield Place("884 person-months", str(LISTENERS), among, months=True)
    yield Place("20,000 simulated", "incident", (*RINGS, INCIDENT))
    yield Place("20,000 simulated, 2 M items", str(scratch / "two-million.toml"), AT_RANDOM)


def row(where: str, one: RingProgress) -> list[str]:
    """Return the row of one ring; members of all rings at the end count together."""
    own = frozenset(one.planted.names)
    rings = one.last.rings if one.last else ()
    inside = len(own & frozenset().union(*one.last.members)) if one.last else 0
    first = rings[0].ring if rings else None
    return [
        where,
        one.name,
        f"{one.joint:,}" if one.found_at else "–",
        f"{one.each:,.0f}" if one.found_at else "–",
        f"{one.found:,}" if one.found_at else "–",
        f"{inside:,} / {len(own):,}",
        f"{len(rings)}",
        f"{len(one.strangers):,}",
        f"{first.observed:,.0f} / {first.expected:,.0f}" if first else "–",
        f"{first.log_p / np.log(10):,.0f}" if first else "–",
        f"{one.last.seconds:.0f}" if one.last else "–",
    ]


HEADER: Final = [
    *("among", "ring (accounts × items)", "found at, joint items", "items each", "members then"),
    *("at the end, members", "rings", "users in any", "in common / expected", "log10 p"),
    "search, s",
]


def planted_rings(scratch: Path, among: str, ring: str) -> str:
    """Plant all rings in all places, and return the table."""
    lines: list[list[str]] = []
    notes: list[str] = []
    for place in places(scratch):
        plans = [plan for plan in place.plans if ring in plan.name]
        if among not in place.name or not plans:
            continue
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            (Path(folder) / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
            population = place.opened(Path(folder))
            for one in grow_rings(population, plans):
                lines.append(row(place.name, one))
                print("|", " | ".join(lines[-1]), "|", flush=True)
                if one.name == INCIDENT.name and one.found_at:
                    notes.append(
                        f"`{one.name}` is found at {one.joint / MOST_FILES:.3%} of the incident's "
                        "86 million files (target: before 0.1 %)."
                    )
    return "\n\n".join([table(HEADER, lines), *notes])


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the tables into")
    parser.add_argument("--among", default="", help="only places whose names contain this")
    parser.add_argument("--ring", default="", help="only rings whose names contain this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = [planted_rings(Path(folder), options.among, options.ring)]
        if not options.ring:
            tables += ["Where nobody extracts:", false_rings(Path(folder), options.among)]
    publish("rings", "\n\n".join(tables), options.write)


if __name__ == "__main__":
    main()

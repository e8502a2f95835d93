"""Scan services of a thousand users of which one or three are of an unusual kind.

    python -m benchmarks.few_of_a_kind [--seeds N] [--write docs/honest-users.md]

Tests that learn from the population what is usual cannot learn it from three accounts. The others
are readers of articles beside kinds of texts, and listeners of music beside the other kinds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.fairness import KINDS, Outcome, judge, scenario_of
from benchmarks.page import publish, table

from ringfence.lab.simulate import load_scenario

FEW: Final = (1, 3)
"""Users of the kind in one service."""

HEADER: Final = (
    "kind", "beside", "of the kind", "accused", "suspects", "least p-value", "others accused",
    "others suspects", "rings",
)  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    rows = []
    for few in FEW:
        for kind in KINDS:
            rows.append(_row(kind, few, options.seeds))
            print("|", " | ".join(rows[-1]), "|", flush=True)
    publish("few of a kind", table(HEADER, rows), options.write)


def _row(kind: str, few: int, seeds: int) -> tuple[str, ...]:
    music = scenario_of(kind, share=None, accounts=None, seed=0).users.rest == "casual"
    outcomes = list(_outcomes(kind, few, seeds, "honest-sync" if music else "honest-reader"))

    def total(name: str) -> str:
        return f"{sum(int(getattr(outcome, name)) for outcome in outcomes):,}"

    return (
        kind, "casual" if music else "reader", f"{seeds} × {few}", total("accused"),
        total("suspects"), f"{min(one.least for one in outcomes):.1e}", total("others_accused"),
        total("others_suspects"), total("rings"),
    )  # fmt: skip


def _outcomes(kind: str, few: int, seeds: int, beside: str) -> Iterator[Outcome]:
    service = load_scenario(beside)
    users = service.users.model_copy(update={"kinds": {kind: few}})
    for seed in range(seeds):
        scenario = service.model_copy(update={"users": users, "seed": service.seed + 1_000 * seed})
        with tempfile.TemporaryDirectory() as folder:
            yield judge(scenario, kind, Path(folder))


if __name__ == "__main__":
    main()

"""Measure what an extractor gets that hides as a device and copies its items at once.

    python -m benchmarks.copied_artists [--seeds 3] [--write docs/evaluation.md]

They are planted among 990 casual listeners and ten users who copy their library (``honest-sync``).
A scan judges them two days after the copies began, and another one 19 days after.
``copied-artists`` takes whole artists, and ``copied-list`` the most used items in no order. Each is
scanned with all columns, and in a log without surfaces and artists.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.fairness import scenario_of, without
from benchmarks.page import publish, table

import ringfence
from ringfence.lab.evaluate.outcome import UNSEEN_MONTHS
from ringfence.lab.simulate import read_truth, write_scenario
from ringfence.lab.simulate.scenario import AttackSection

CASES: Final = (
    ("copied-artists", 1, 9_900),
    ("copied-artists", 1, 14_000),
    ("copied-artists", 10, 3_000),
    ("copied-artists", 10, 9_900),
    ("copied-list", 10, 9_900),
)
"""Attack, accounts, and items of each."""

LOGS: Final[dict[str, tuple[str, ...]]] = {"all columns": (), "neither": ("surface", "group")}
"""Columns that a log lacks, by the name of the log."""

START_DAY: Final = 9
"""Day on which the copies begin."""

SCANNED_AFTER: Final = (2, 19)
"""Days from then to the scan."""

HEADER: Final = (
    "attack", "accounts", "items each", "log", "scan after days", "extracting", "suspects",
    "in rings", "honest extracting", "honest suspects", "work factor",
)  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    rows = []
    for case in CASES:
        for log, days in itertools.product(LOGS, SCANNED_AFTER):
            rows.append(_row(*case, log, days, options.seeds))
            print("|", " | ".join(rows[-1]), "|", flush=True)
    publish("copied artists", table(HEADER, rows), options.write)


def _row(  # noqa: PLR0913, PLR0917 - what a row varies
    attack: str, accounts: int, items: int, log: str, days: int, seeds: int
) -> tuple[str, ...]:
    """Return the sums over the seeds."""
    counts = [0] * 5
    for seed in range(seeds):
        section = AttackSection(
            name=attack, start_day=START_DAY, parameters={"accounts": accounts, "per_day": items}
        )
        found = _judged(section, log, days, seed)
        counts = [one + other for one, other in zip(counts, found, strict=True)]
    passes = f"{1e6 / items / UNSEEN_MONTHS:.1f}" if not counts[0] else "–"
    return (
        attack,
        f"{seeds} × {accounts}",
        f"{items:,}",
        log,
        str(days),
        *map(str, counts),
        passes,
    )


def _judged(attack: AttackSection, log: str, days: int, seed: int) -> list[int]:
    """Return how many extractors and users are extracting and suspect, and extractors in rings."""
    service = scenario_of("sync", share=0.01, accounts=None, seed=seed)
    changed = {"attack": (attack,), "days": START_DAY + days}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scenario(without(service.model_copy(update=changed), LOGS[log]), folder)
        result = ringfence.scan(str(folder / "events" / "*.parquet"))
        planted = read_truth(folder / "truth.parquet").extractors
    verdicts = {one.id: one.verdict for one in result.findings if one.kind == "account"}
    rings = {name for one in result.findings if one.kind == "ring" for name in one.accounts}
    own = [verdicts.get(name) for name in planted]
    others = [verdict for name, verdict in verdicts.items() if name not in planted]
    return [
        own.count("extracting"), own.count("suspect"), len(rings & planted),
        others.count("extracting"), others.count("suspect"),
    ]  # fmt: skip


if __name__ == "__main__":
    main()

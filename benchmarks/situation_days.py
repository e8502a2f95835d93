"""Measure after how many days each situation is found, and what its accounts hold by then.

    python -m benchmarks.situation_days [--situation NAME ...] [--seeds 3] [--keep FILE]
        [--write docs/evaluation.md]

The events until the end of a day of the attack are scanned as an operator would scan them on that
evening. A situation counts as found if one finding holds enough of the accounts that have come so
far (:func:`benchmarks.situations.meets_target`). The first such day is sought by halving the days.
This assumes that a situation stays found; that day and the day before are checked. A run scans at
most 1 + log2(days) times, rounded up, and takes 10 to 60 CPU-seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from benchmarks.page import publish, table
from benchmarks.situation_runs import cell, measure_missing, options_of
from benchmarks.situations import meets_target

from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate import SITUATIONS, SituationOutcome, judge_situation
from ringfence.lab.evaluate.situations import SEED_STEP
from ringfence.lab.evaluate.summary import estimate_mean
from ringfence.lab.simulate import load_scenario, read_truth, write_scenario
from ringfence.settings import Settings

ATTACK: Final = """
CREATE TABLE attack AS
SELECT item, status, CAST(ts AS DATE) AS day
FROM events
WHERE list_contains($extractors, account) AND (NOT $foreign OR ip LIKE '100.%')
"""
"""The requests of the attack. Those of stolen logins come from the network of the thief."""

DAYS: Final = "SELECT DISTINCT day FROM attack ORDER BY day"

TAKEN: Final = "SELECT count(DISTINCT item) FROM attack WHERE status = 200 AND day <= $day"


UNTIL: Final = "SELECT * FROM events WHERE CAST(ts AS DATE) <= $day"

COME: Final = """
SELECT *
FROM read_parquet($truth)
WHERE account IN (SELECT account FROM events WHERE CAST(ts AS DATE) <= $day)
"""
"""The truth about the accounts that have come."""


@dataclass(frozen=True)
class Days:
    """When a situation with one seed is found.

    Attributes:
        situation: its name.
        seed: number of the run; 0 is the permanent scenario.
        days: days with requests of the attack.
        found: number of the first of these days at whose end it is found; 0 if it is not.
        held: distinct items that the accounts of the attack took for it until then; all of them if
            it is not found.
        taken: those that they take in all.
    """

    situation: str
    seed: int
    days: int
    found: int
    held: int
    taken: int


def measure_days(situation: str, seed: int, scratch: Path) -> Days:
    """Scan a situation at the end of several of its days, and return the first that is enough.

    Args:
        situation: one of :data:`SITUATIONS`.
        seed: number of the run.
        scratch: an existing folder.
    """
    scenario = load_scenario(situation)
    write_scenario(scenario.with_seed(scenario.seed + SEED_STEP * seed), scratch)
    extractors = sorted(read_truth(scratch / "truth.parquet").extractors)
    with duckdb.connect() as connection:
        files = path_sql(scratch / "events", "*.parquet")
        connection.execute(f"CREATE VIEW events AS FROM read_parquet({files})")
        foreign = situation.startswith("stolen")
        connection.execute(ATTACK, {"extractors": extractors, "foreign": foreign})
        days = [day for (day,) in connection.execute(DAYS).fetchall()]
        found = first_of(
            len(days),
            lambda day: meets_target(scan_until(connection, situation, days[day - 1], scratch)),
        )
        taken = [_taken(connection, day) for day in days]
    held = taken[found - 1 if found else -1]
    return Days(situation, seed, len(days), found, held, taken[-1])


def scan_until(
    connection: duckdb.DuckDBPyConnection, situation: str, day: date, scratch: Path
) -> SituationOutcome:
    """Judge what a scan at the end of a day finds, with the accounts that have come by then.

    Args:
        connection: it has the view ``events``.
        situation: name of the situation.
        day: last day of which the events are scanned.
        scratch: folder with the truth about all accounts.
    """
    with TemporaryDirectory(dir=scratch) as folder:
        known = Path(folder)
        (known / "events").mkdir()
        until = connection.sql(UNTIL, params={"day": day})
        until.write_parquet(str(known / "events" / "until.parquet"))
        come = connection.sql(COME, params={"day": day, "truth": str(scratch / "truth.parquet")})
        come.write_parquet(str(known / "truth.parquet"))
        return judge_situation(situation, 0, Settings(), known)


def first_of(number: int, holds: Callable[[int], bool]) -> int:
    """Return the first of the numbers from 1 on for which something holds; 0 if it never does.

    It must hold for all that follow. Each question is about the middle of those that are left.

    Args:
        number: the last number.
        holds: the question.
    """
    if not holds(number):
        return 0
    without, held = 0, number
    while held - without > 1:
        middle = (without + held) // 2
        without, held = (without, middle) if holds(middle) else (middle, held)
    return held


def text(rows: Sequence[Days]) -> str:
    """Return the table as Markdown."""
    header = (
        "situation",
        "days of the attack",
        "found after days",
        "items held then",
        "of all it takes",
    )
    body = []
    for name in SITUATIONS:
        seeds = [one for one in rows if one.situation == name]
        if not seeds:
            continue
        body.append(
            (
                name,
                cell(estimate_mean([one.days for one in seeds]), ".0f"),
                ", ".join(str(one.found or "not found") for one in seeds),
                cell(estimate_mean([one.held for one in seeds]), ",.0f"),
                cell(estimate_mean([one.held / one.taken for one in seeds]), ".0%"),
            )
        )
    return table(header, body)


def _taken(connection: duckdb.DuckDBPyConnection, day: date) -> int:
    rows = connection.execute(TAKEN, {"day": day}).fetchall()
    return int(rows[0][0])


def main() -> None:
    """Measure the situations with all seeds and publish the table."""
    options = options_of(__doc__, SITUATIONS)
    rows = measure_missing(
        product(options.situation, range(options.seeds)),
        lambda run, scratch: measure_days(*run, scratch),
        run_of=lambda one: (one.situation, one.seed),
        read=lambda row: Days(**row),
        keep=options.keep,
    )
    publish("situation_days", text(rows), options.write)


if __name__ == "__main__":
    main()

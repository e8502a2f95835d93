"""Measure what each newer question costs: in a fold, and in a scan of a ledger.

    python -m benchmarks.cost_of_tests [--events 300000] [--write docs/benchmarks.md]

The questions are those about failed requests, lists, weight, browsers' traces, the own past with
its places, and crowds. Each has statements of its own, so the time of these is what a fold would
save without the question. Reading is measured with and without the columns of a question. The log
has readers with logins and visitors who come once, and every column that a question reads. It is
folded as one source, and in sources of 1,000 events, as the live service does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
from benchmarks.page import publish, table

from ringfence.engine import Engine, Statement, literal
from ringfence.events import Source
from ringfence.ledger import Ledger, open_writable
from ringfence.own_past import measure_own_past, single_out_foreign_use
from ringfence.pipeline.steps import find_rings, measure
from ringfence.rings import find_crowds
from ringfence.testing.small_ledger import ONE_THREAD
from ringfence.verdicts import judge

SMALL: Final = 1_000
SMALL_FOLDS: Final = 5
MILLION: Final = 1_000_000

FOLDED: Final = {
    "failed requests": ("failures",),
    "lists": ("listings",),
    "weight": ("large_answers", "traffic"),
    "browsers' traces": ("page_loads",),
    "own past and places": ("places",),
}
"""Tables of the ledger that each question needs."""

_SIZE: Final = ("CASE WHEN bytes >= 0 THEN bytes END AS bytes", "CAST(NULL AS BIGINT) AS bytes")
_RECORDS: Final = (
    "CASE WHEN records >= 0 THEN records END AS records", "CAST(NULL AS BIGINT) AS records"
)  # fmt: skip
_PAGE: Final = (
    "CASE WHEN listing IS NOT NULL THEN hash(listing) END AS page_key, walked",
    "CAST(NULL AS UBIGINT) AS page_key, CAST(NULL AS BOOLEAN) AS walked",
)
_TRACES: Final = (
    "outcome, referred, assets",
    "outcome, CAST(NULL AS BOOLEAN) AS referred, CAST(NULL AS INTEGER) AS assets",
)

UNREAD: Final = {
    "lists": (_RECORDS, _PAGE),
    "weight": (_SIZE, _RECORDS),
    "browsers' traces": (_TRACES,),
}
"""Parts of the statement that reads events, and what stands for them if nobody asks."""

READING: Final = ("ledger.takes", "ledger.takes_by_key")
"""The statements that read events, of a small columnar file and of a large one."""

READS: Final = 4
"""Folds whose reading is measured with and without each. The shortest counts."""

SCORED: Final = {
    "attempts": "failed requests",
    "listings": "lists",
    "weight": "weight",
    "traces": "browsers' traces",
}

LOG: Final = """
COPY (
  SELECT
    CAST('2026-03-02' AS TIMESTAMP) + to_seconds(CASE WHEN visits
      THEN hash(i // 5) % 3628800 + i % 5 * 60 ELSE hash(i, 'time') % 3628800 END) AS ts,
    CASE WHEN visits THEN NULL ELSE 'reader-' || who END AS account,
    CASE WHEN kind < 4 THEN 'page-' || hash(i, 'page') % 100000
      ELSE 'item-' || CAST(floor(200000 * pow(hash(i, 'item') % 1000000 / 1e6, 3)) AS INTEGER)
    END AS item,
    CASE WHEN kind < 4 THEN 'search' ELSE 'stream' END AS surface,
    '10.' || (CASE WHEN visits THEN hash(i // 5) ELSE who * 7 + hash(i, 'place') % 3 END) % 250
      || '.' || (CASE WHEN visits THEN hash(i // 5, 'b') ELSE who END) % 250
      || '.' || (CASE WHEN visits THEN hash(i // 5, 'c') ELSE who END) % 250 AS ip,
    'browser ' || (CASE WHEN visits THEN hash(i // 5) ELSE who END) % 40 AS client,
    CASE WHEN kind BETWEEN 4 AND 6 THEN 404 ELSE 200 END AS status,
    CASE WHEN kind = 7 THEN 90000000 ELSE 10000 + hash(i, 'size') % 3000000 END AS bytes,
    CASE WHEN kind < 4 THEN 100 WHEN kind = 7 THEN 14 ELSE 1 END AS records,
    hash(i, 'assets') % 6 AS assets,
    CASE WHEN hash(i, 'from') % 3 > 0 THEN 'https://library.example/' END AS referrer
  FROM (
    SELECT i, i % 10 < 3 AS visits, hash(i, 'kind') % 100 AS kind,
      CAST(floor($accounts * pow(hash(i, 'who') % 1000000 / 1e6, 2)) AS BIGINT) AS who
    FROM range($events) AS numbers (i)
  )
  ORDER BY ts
) TO {file} (FORMAT parquet)
"""
"""Three of ten events are those of visitors with five items each. Of 100 requests, 4 are pages of
lists, 3 fail, and 1 is an archive."""


class MeasuringEngine:
    """An engine that adds up the processor seconds of each statement.

    Args:
        engine: runs the statements.
        unread: parts of the statement that reads events, with what takes their place.
    """

    def __init__(self, engine: Engine, unread: Sequence[tuple[str, str]] = ()) -> None:
        self._engine = engine
        self._unread = unread
        self.spent: defaultdict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        """Return what the engine has under this name."""
        return getattr(self._engine, name)

    def run(self, statement: Statement | str, parameters: dict[str, object] | None = None) -> None:
        """Run a statement, and note what it took."""
        name = statement.name if isinstance(statement, Statement) else "other"
        told = self._without(name, statement)
        began = time.process_time()
        self._engine.run(told, parameters)
        self.spent[name] += time.process_time() - began

    def _without(self, name: str, statement: Statement | str) -> Statement | str:
        if not self._unread or name not in READING:
            return statement
        sql = statement.sql if isinstance(statement, Statement) else statement
        for part, instead in self._unread:
            if part not in sql:
                raise SystemExit(f"{name} has changed: bring UNREAD up to date")
            sql = sql.replace(part, instead)
        return sql


@dataclass
class Bench:
    """A ledger in memory whose statements are measured.

    Attributes:
        ledger: it is empty at first.
        engine: of the ledger.
    """

    ledger: Ledger
    engine: MeasuringEngine

    @classmethod
    def new(cls, unread: Sequence[tuple[str, str]] = ()) -> Bench:
        """Return an empty ledger, into which events are read without some of their columns."""
        ledger = open_writable(None, ONE_THREAD)
        engine = MeasuringEngine(ledger.engine, unread)
        ledger.engine = engine  # type: ignore[assignment]
        return cls(ledger, engine)

    def fold(self, file: Path) -> dict[str, float]:
        """Fold a file, and return the processor seconds of each question and of all."""
        self.engine.spent.clear()
        began = time.process_time()
        self.ledger.fold(Source(file, file.name))
        whole = time.process_time() - began
        spent = self.engine.spent
        of_each = {
            question: sum(spent[f"ledger.fold_{name}"] for name in tables)
            for question, tables in FOLDED.items()
        }
        reading = sum(spent[name] for name in READING)
        return {**of_each, "reading": reading, "all": whole}


def write_log(file: Path, events: int) -> Path:
    """Write a log with every column that a question reads."""
    with duckdb.connect() as connection:
        connection.execute(
            LOG.format(file=literal(str(file))),
            {"events": events, "accounts": max(events // 100, 1)},
        )
    return file


def timed(of: Callable[[], object]) -> float:
    """Return the processor seconds of a call."""
    began = time.process_time()
    of()
    return time.process_time() - began


def scan_costs(ledger: Ledger) -> dict[str, float]:
    """Return the processor seconds of each question in a scan of a ledger, and of all."""
    began = time.process_time()
    ledger.compact()
    context = measure(ledger).context
    marks: list[tuple[str, float]] = []
    scored = judge(context, lambda name: marks.append((name, time.process_time())))
    engine = context.engine
    past = timed(lambda: single_out_foreign_use(engine, measure_own_past(engine)))
    find_rings(context, scored)
    # The own past was measured once more, by itself.
    whole = time.process_time() - began - past
    of_tests = {
        SCORED[name]: after - before
        for (name, before), (_, after) in pairwise(marks)
        if name in SCORED
    }
    crowds = timed(lambda: find_crowds(engine))
    return {**of_tests, "own past and places": past, "crowds": crowds, "all": whole}


def reading_costs(file: Path) -> dict[str, float]:
    """Return the processor seconds that reading saves if nobody asks a question."""
    full = _reading(file, ())
    return {question: full - _reading(file, unread) for question, unread in UNREAD.items()}


def _reading(file: Path, unread: Sequence[tuple[str, str]]) -> float:
    """Return the processor seconds of the statement that reads the events of a file."""
    costs = []
    for _ in range(READS):
        bench = Bench.new(unread)
        bench.fold(file)
        costs.append(sum(bench.engine.spent[name] for name in READING))
        bench.ledger.engine.close()
    return min(costs)


def small_costs(scratch: Path) -> dict[str, float]:
    """Return the processor seconds of folds of a few events: what planning takes."""
    bench = Bench.new()
    costs = [bench.fold(_small(scratch, number, SMALL)) for number in range(SMALL_FOLDS + 1)][1:]
    return {name: statistics.median(one[name] for one in costs) for name in costs[0]}


def _small(scratch: Path, number: int, events: int) -> Path:
    return write_log(scratch / f"small-{number}.parquet", events + number)


def text(events: int, scratch: Path) -> str:
    """Return the table as Markdown."""
    file = write_log(scratch / "log.parquet", events)
    bench = Bench.new()
    fold = bench.fold(file)
    print(fold, flush=True)
    scan = scan_costs(bench.ledger)
    print(scan, flush=True)
    small = small_costs(scratch)
    print(small, flush=True)
    reading = reading_costs(file)
    print(reading, flush=True)
    each = MILLION / events
    rows = [
        (
            question,
            *_cells(fold, question, each),
            f"{reading[question] * each:.2f}" if question in reading else "–",
            *_cells(scan, question, each),
            f"{small[question] * 1_000:.1f}" if question in small else "–",
        )
        for question in (*FOLDED, "crowds", "reading")
    ]
    every = (
        f"{fold['all'] * each:.2f}", "", "", f"{scan['all'] * each:.2f}", "",
        f"{small['all'] * 1_000:.0f}",
    )  # fmt: skip
    return table(
        (
            "question", "its statements in a fold, CPU s", "of the fold", "its columns, CPU s",
            "in a scan, CPU s", "of the scan", f"fold of {SMALL:,} events, CPU ms",
        ),
        [*rows, ("all of Ringfence", *every)],
    )  # fmt: skip


def _cells(costs: dict[str, float], question: str, each: float) -> tuple[str, str]:
    if question not in costs:
        return "–", "–"
    return f"{costs[question] * each:.2f}", f"{costs[question] / costs['all']:.1%}"


def main() -> None:
    """Measure, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        publish("cost_of_tests", text(options.events, Path(folder)), options.write)


if __name__ == "__main__":
    main()

"""Read Parquet tables of every type with impossible values: no crash, and no lost row."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.faults.lines import folded
from benchmarks.faults.outcome import Outcome

_TIME: Final = "TIMESTAMP '2026-03-09 08:00:00' + INTERVAL (i) SECOND"
TIMES: Final = (
    _TIME,
    f"CAST({_TIME} AS TIMESTAMP_NS)",
    f"CAST({_TIME} AS TIMESTAMP_S)",
    f"CAST({_TIME} AS TIMESTAMPTZ)",
    f"CAST({_TIME} AS VARCHAR)",
    f"CASE i % 3 WHEN 0 THEN '2226-03-09' WHEN 1 THEN '1816-01-01' ELSE {_TIME} END",
    "CASE i % 3 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' ELSE '2026-03-09' END::TIMESTAMP",
    "CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN 'soon' WHEN 2 THEN NULL ELSE '2026-03-09T08:00:00Z' END",
    "1773043200 + i",
    "CAST(1773043200 + i AS DOUBLE) + CASE i % 5 WHEN 0 THEN 'nan'::DOUBLE ELSE 0.5 END",
)
"""SQL of times by type; some rows have values outside the times of events."""

NAMES: Final = (
    "concat('user', i % 7)",
    "i % 7",
    "CAST(i % 7 AS HUGEINT) * 1000000000000000000000",
    "CAST(i % 7 AS DECIMAL(18, 3))",
    "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN repeat('x', 5000) ELSE 'ann' END",
    "encode(concat('u', i % 7))",
    "CAST('\\xff\\xfe' AS BLOB)",
    "CAST(i % 7 AS FLOAT) / 0",
    "i % 2 = 0",
    "uuid()",
    "CAST(concat('u', i % 7) AS ENUM ('u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6'))",
)
"""SQL of accounts and items by type."""

NUMBERS: Final = (
    "i",
    "-i",
    "CAST(18446744073709551615 AS UBIGINT)",
    "CASE i % 4 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN -1.5 ELSE 12 END",
    "CAST(i AS DECIMAL(38, 2)) * 100000000000000000000000000",
    "CASE i % 2 WHEN 0 THEN '1,5' ELSE '12' END",
    "CAST(NULL AS INTEGER)",
)
"""SQL of bytes and seconds by type."""


def mutated_rows(folder: Path, rows: int, tables: int = 50, seed: int = 1) -> Outcome:
    """Read this number of rows, divided among tables of random types.

    Args:
        folder: for the tables.
        rows: number of all rows.
        tables: number of tables.
        seed: of the types.
    """
    rng = random.Random(seed)  # noqa: S311 - made-up data
    each = -(-rows // tables)
    outcome, began = Outcome("Parquet rows of any type", each * tables), time.monotonic()
    for number in range(tables):
        types = (TIMES, NAMES, NAMES, NUMBERS, NUMBERS)
        chosen = [rng.choice(one) for one in types]
        path = folder / f"table{number}.parquet"
        _write(path, each, chosen)
        bad, found = folded(path, each)
        outcome.struck += bad
        outcome.wrong += [f"{chosen}: {one[:300]}" for one in found]
        path.unlink()
    outcome.seconds = time.monotonic() - began
    return outcome


def _write(path: Path, rows: int, columns: list[str]) -> None:
    names = ("ts", "account", "item", "bytes", "seconds")
    listed = ", ".join(f"{sql} AS {name}" for sql, name in zip(columns, names, strict=True))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {listed} FROM range({rows}) AS r(i)) TO '{path}' (FORMAT parquet)"
        )

"""The small log that the tests of the simulator share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ringfence.lab.simulate import Truth

LINES = 100_000


@dataclass(frozen=True)
class Simulated:
    """A log, its truth, and tables ``lines`` and ``plays`` (successful streams, with the part)."""

    path: Path
    truth: Truth
    tables: duckdb.DuckDBPyConnection

"""Real people's listening, each person-month as one account; skipped if the data is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
import pytest

from ringfence.engine import literal
from ringfence.evidence import Context
from ringfence.evidence.reference_distributions import Kind
from ringfence.testing import ledger_of

LISTENERS = Path(__file__).parents[3] / "shared" / "data" / "listeners-dev.parquet"

Half = Literal["calibrated", "held out"]
"""The distributions were measured on people of even number; those of odd number are held out."""


@contextmanager
def person_months(half: Half, kind: Kind = "music") -> Iterator[Context]:
    """Fold the months of one half of the people and yield the context."""
    if not LISTENERS.exists():
        pytest.skip(f"needs the listening histories, {LISTENERS.name}, in ../shared/data")
    odd = 1 if half == "held out" else 0
    with TemporaryDirectory(prefix="ringfence-") as folder, duckdb.connect() as connection:
        path = Path(folder) / "months.parquet"
        connection.execute(
            "COPY (SELECT ts, concat(listener, '/', strftime(ts, '%Y-%m')) AS account, "
            'CAST(track AS VARCHAR) AS item, CAST(artist AS VARCHAR) AS "group", seconds '
            f"FROM read_parquet({literal(str(LISTENERS))}) "
            f"WHERE listener % 2 = {odd} AND ts IS NOT NULL) "
            f"TO {literal(str(path))} (FORMAT parquet)"
        )
        with ledger_of([path], kind=kind) as context:
            yield context

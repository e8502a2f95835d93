"""Write the tables of a scan whose findings are withheld, because the input is not plausible."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.model.table import Table
from ringfence.model.tables import RING_IDS, RING_MEMBERS, SCORED_ACCOUNTS

_TABLES: Final = (SCORED_ACCOUNTS, RING_IDS, RING_MEMBERS)

_EMPTY: Final = {"VARCHAR": object, "DOUBLE": np.float64, "BIGINT": np.int64, "UBIGINT": np.uint64}
"""NumPy's type for each type of their columns."""


def withhold_findings(engine: Engine) -> None:
    """Create the tables of verdicts without any account or ring."""
    for table in _TABLES:
        engine.table(table, _no_rows(table))


def _no_rows(table: Table) -> dict[str, np.ndarray]:
    columns = (column for column in table.columns if not column.is_open)
    return {column.name: np.empty(0, dtype=_EMPTY[column.type]) for column in columns}

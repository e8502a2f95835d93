"""Pass tables from outside to the database: NumPy columns with their types, and Arrow streams."""

from __future__ import annotations

from ringfence.engine.quoting import identifier
from ringfence.errors import EngineError
from ringfence.model.arrow_table import ArrowData
from ringfence.model.table import Table
from ringfence.stats.arrays import Columns


def typed_columns(table: Table, columns: Columns) -> str:
    """Return the select list that gives columns their declared types.

    Raises:
        ValueError: a column is not declared, or a declared one is missing.
    """
    needed = {column.name for column in table.columns if not column.is_open}
    types = {name: table.type_of(name) for name in columns}
    wrong = [name for name, kind in types.items() if kind is None] + sorted(needed - types.keys())
    if wrong:
        raise ValueError(f"table {table.name}: not declared or missing: {', '.join(wrong)}")
    return ", ".join(
        f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind in types.items()
    )


def bare_stream(data: ArrowData) -> object:
    """Return a bare stream: DuckDB asks an object for several streams, and some give only one."""
    try:
        return data.__arrow_c_stream__()
    except ImportError:
        # Pandas needs PyArrow to give a stream, and DuckDB reads its frames without.
        return data
    except Exception as error:
        # Each library has its own exception class.
        raise EngineError(
            f"the Arrow data cannot be read as a stream: {error}",
            hint="a reader can be read only once",
        ) from error

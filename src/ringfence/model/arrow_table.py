"""A small table that every Arrow library can read: accounts, rings, and answers of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from arro3.core import ChunkedArray, DataType
from arro3.core import Table as Arro3Table

from ringfence.errors import EngineError, MissingPackageError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

COLUMNS_IN_TEXT: Final = 12
"""Columns that the text form of a table names."""

_MICROSECONDS: Final = DataType.timestamp("us")


@runtime_checkable
class ArrowData(Protocol):
    """Data that any Arrow library reads: the Arrow PyCapsule stream interface.

    Tables and frames of PyArrow, pandas and Polars have it. Some objects, such as PyArrow's
    ``RecordBatchReader``, can be read only once.
    """

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule with an ``ArrowArrayStream``."""
        ...


class ArrowTable:
    """A table in memory, in Arrow's format. It does not change.

    Libraries that know the Arrow PyCapsule interface read it directly, without a copy:
    ``polars.DataFrame(table)``, ``pyarrow.table(table)``, ``duckdb.sql("FROM table")``.

    Args:
        data: Arrow data; a stream is read to its end.

    Raises:
        EngineError: the data cannot be read, for example because the query behind them fails.

    Example:
        >>> import ringfence
        >>> result = ringfence.scan("access.log")  # doctest: +SKIP
        >>> result.accounts.to_pandas().head()  # doctest: +SKIP
    """

    def __init__(self, data: ArrowData) -> None:
        try:
            self._data = Arro3Table.from_arrow(data)
        except Exception as error:  # arro3 raises no narrower class
            message = str(error).removeprefix("C Data interface error: ")
            raise EngineError(message.partition("\n")[0]) from error

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule with an ``ArrowArrayStream``, for Arrow libraries."""
        return self._data.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._data.num_rows

    def __repr__(self) -> str:
        """Return the number of rows and the names and types of the columns, on one line."""
        named = [f"{name} {kind}" for name, kind in list(self.types.items())[:COLUMNS_IN_TEXT]]
        more = len(self.columns) - len(named)
        listed = ", ".join([*named, *([f"and {more:,} more columns"] if more else [])])
        return f"<ArrowTable: {len(self):,} rows; {listed}>"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._data.column_names)

    @property
    def types(self) -> dict[str, str]:
        """Arrow type of each column, by name, such as ``Int64`` or ``Timestamp(µs, "UTC")``."""
        return {
            name: re.sub(r"^arro3\.core\.DataType<(.*)>\s*$", r"\1", str(column.type))
            for name, column in self._named()
        }

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return one column as a NumPy array.

        Times are ``datetime64[us]`` in UTC, text is ``object``. A missing value is NaN among
        numbers (which are ``float64`` then), NaT among times, and None among other values.

        Raises:
            KeyError: there is no such column.
        """
        if name not in self.columns:
            raise KeyError(name)
        return _numpy(self._data.column(name))

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows as tuples of Python values; times are datetimes with UTC."""
        return list(zip(*map(self._values, self.columns), strict=True))

    def to_arrow(self) -> pa.Table:
        """Return a PyArrow table. It shares the memory of this table.

        Raises:
            MissingPackageError: PyArrow is not installed.
        """
        return installed("pyarrow").table(self)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas frame; PyArrow is not needed. Times have the time zone UTC.

        Raises:
            MissingPackageError: pandas is not installed.
        """
        pandas = installed("pandas")
        frame: pd.DataFrame = pandas.DataFrame({name: self.column(name) for name in self.columns})
        for name, kind in self.types.items():
            if kind.endswith('"UTC")'):
                frame[name] = frame[name].dt.tz_localize("UTC")
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Return a Polars frame; PyArrow is not needed. Times have the time zone UTC.

        Raises:
            MissingPackageError: Polars is not installed.
        """
        frame: pl.DataFrame = installed("polars").DataFrame(self)
        return frame

    def _named(self) -> Iterator[tuple[str, ChunkedArray]]:
        return zip(self.columns, self._data.columns, strict=True)

    def _values(self, name: str) -> Iterator[Any]:
        column = self._data.column(name)
        if DataType.is_interval(column.type):
            raise TypeError(f"column {name!r} is an interval: cast it to text or to seconds")
        return iter(column.to_pylist())


def _numpy(column: ChunkedArray) -> npt.NDArray[Any]:
    """Convert a column to NumPy, most of whose types have no missing values."""
    if DataType.is_timestamp(column.type):
        return _times(column)
    if DataType.is_numeric(column.type) or DataType.is_boolean(column.type):
        if column.num_chunks and not column.null_count:
            return column.to_numpy()
        if DataType.is_numeric(column.type):
            return np.array(
                [np.nan if value is None else value for value in column.to_pylist()], np.float64
            )
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values


def _times(column: ChunkedArray) -> npt.NDArray[np.datetime64]:
    stamps = column.cast(_MICROSECONDS).cast(DataType.int64()).to_pylist()
    return np.array(["NaT" if stamp is None else stamp for stamp in stamps], "datetime64[us]")


def installed(name: str) -> Any:  # noqa: ANN401 - a module
    """Import a library that Ringfence does not require.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingPackageError(f"{name} is not installed", hint=f"pip install {name}") from error

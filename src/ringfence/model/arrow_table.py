"""A small table that every Arrow library can read: accounts, rings, and answers of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from arro3.core import ChunkedArray, DataType
from arro3.core import Table as Arro3Table

from ringfence.errors import EngineError, MissingPackageError, UnknownColumnError
from ringfence.suggestions import did_you_mean
from ringfence.visible import visible

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

COLUMNS_IN_TEXT: Final = 12
"""Columns that the text form of a table names."""

ROWS_IN_HTML: Final = 10
"""Rows that a notebook shows."""

_LONGEST_CELL: Final = 40
"""Characters of a value that a notebook shows."""

_MICROSECONDS: Final = DataType.timestamp("us")

_WIDEST: Final = DataType.decimal256(76, 0)
"""The type that holds every whole number of a database, also those of 39 digits."""

_QUOTED: Final = re.compile(r'"[^"]*"')
_SCALE: Final = re.compile(r"^Decimal\d+\(\d+, (-?\d+)\)$")


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

    def _repr_html_(self) -> str:
        """Return the first rows and columns as an HTML table, without intervals, for a notebook."""
        names = [n for n in self.columns if not self._has_intervals(n)][:COLUMNS_IN_TEXT]
        head = "".join(f"<th>{_html(name)}</th>" for name in names)
        first = ArrowTable(self._data.select(names).slice(0, min(len(self), ROWS_IN_HTML)))
        body = "".join(
            f"<tr>{''.join(f'<td>{_html(value)}</td>' for value in row)}</tr>"
            for row in first.rows()
        )
        size = f"{_counted(len(self), 'row')}, {_counted(len(self.columns), 'column')}"
        return f"<table><caption>{size}</caption><tr>{head}</tr>{body}</table>"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._data.column_names)

    @property
    def types(self) -> dict[str, str]:
        """Arrow type of each column, by name, such as ``Int64`` or ``Timestamp(µs, "UTC")``."""
        return {name: _type_name(column.type) for name, column in self._named()}

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return one column as a NumPy array.

        Times are ``datetime64[us]`` in UTC, text is ``object``. A missing value is NaN among
        numbers (which are ``float64`` then), NaT among times, and None among other values.
        A decimal without fraction, such as ``sum(uses)`` in SQL, is ``int64``, or ``object`` with
        Python integers if one is too large. Other decimals are ``float64``.

        Raises:
            UnknownColumnError: there is no such column. It is a ``KeyError``, too.
            TypeError: the column has intervals.
        """
        if name not in self.columns:
            raise UnknownColumnError(
                f"there is no column {name!r}",
                hint=did_you_mean(str(name), self.columns) or _first_names(self.columns),
            )
        return _numpy(self._readable(name))

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows as tuples of Python values; times are datetimes with UTC.

        A decimal without fraction is an integer, any other is a ``Decimal``.

        Raises:
            TypeError: a column has intervals.
        """
        return list(zip(*(_values(self._readable(name)) for name in self.columns), strict=True))

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
            TypeError: a column has intervals.
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
            TypeError: a column has intervals.
        """
        polars = installed("polars")
        for name in self.columns:
            self._readable(name)
        frame: pl.DataFrame = polars.DataFrame(self)
        return frame

    def _named(self) -> Iterator[tuple[str, ChunkedArray]]:
        return zip(self.columns, self._data.columns, strict=True)

    def _readable(self, name: str) -> ChunkedArray:
        """Return a column, unless it has intervals: arro3 and Polars stop with a panic at them."""
        if self._has_intervals(name):
            raise TypeError(f"column {name!r} has intervals: cast them to text or to seconds")
        return self._data.column(name)

    def _has_intervals(self, name: str) -> bool:
        return "Interval(" in _QUOTED.sub("", _type_name(self._data.column(name).type))


def _type_name(kind: DataType) -> str:
    return re.sub(r"^arro3\.core\.DataType<(.*)>\s*$", r"\1", str(kind), flags=re.DOTALL)


def _values(column: ChunkedArray) -> list[Any]:
    """Return the values as Python objects; decimals without fraction become integers."""
    scale = _SCALE.match(_type_name(column.type))
    if scale and int(scale[1]) <= 0:
        widened = column.cast(_WIDEST).to_pylist()
        return [None if value is None else int(value) for value in widened]
    return list(column.to_pylist())


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _html(value: object) -> str:
    """Return a value as harmless HTML text, shortened; empty for a missing value."""
    return "" if value is None else escape(visible(str(value), _LONGEST_CELL))


def _first_names(columns: tuple[str, ...]) -> str:
    more = ", and more" if len(columns) > COLUMNS_IN_TEXT else ""
    return f"the columns are {', '.join(columns[:COLUMNS_IN_TEXT])}{more}"


def _numpy(column: ChunkedArray) -> npt.NDArray[Any]:
    """Convert a column to NumPy, most of whose types have no missing values."""
    if DataType.is_timestamp(column.type):
        return _times(column)
    if DataType.is_decimal(column.type):
        return _decimals(column)
    if DataType.is_numeric(column.type) or DataType.is_boolean(column.type):
        if column.num_chunks and not column.null_count:
            return column.to_numpy()
        if DataType.is_numeric(column.type):
            return _floats(_values(column))
    return _objects(_values(column))


def _decimals(column: ChunkedArray) -> npt.NDArray[Any]:
    values = _values(column)
    if not all(isinstance(value, int) for value in values):
        return _floats(values)
    try:
        return np.array(values, np.int64)
    except OverflowError:
        return _objects(values)


def _floats(values: list[Any]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _objects(values: list[Any]) -> npt.NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _times(column: ChunkedArray) -> npt.NDArray[np.datetime64]:
    stamps = column.cast(_MICROSECONDS).cast(DataType.int64()).to_pylist()
    return np.array(["NaT" if stamp is None else stamp for stamp in stamps], "datetime64[us]")


_EXTRA: Final = {"pandas": "pandas", "polars": "polars", "pyarrow": "arrow"}
"""The extra that installs each optional library."""


def installed(name: Literal["pandas", "polars", "pyarrow"]) -> Any:  # noqa: ANN401 - a module
    """Import a library that Ringfence does not require.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        hint = f"pip install 'ringfence[{_EXTRA[name]}]'"
        raise MissingPackageError(f"{name} is not installed", hint=hint) from error

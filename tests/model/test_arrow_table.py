"""The table of results: what other libraries read from it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ringfence.cli.doctor import EXTRAS
from ringfence.errors import RingfenceError
from ringfence.model.arrow_table import ArrowTable

MOMENT = datetime(2026, 3, 9, 8, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def table() -> ArrowTable:
    """Return a table of three rows with a missing value in most columns."""
    return ArrowTable(
        pa.table(
            {
                "account": ["ann", "bob", None],
                "items": pa.array([3, 1, 2], pa.int64()),
                "uses": pa.array([3, None, 2], pa.int32()),
                "first": pa.array([MOMENT, None, MOMENT], pa.timestamp("us", "UTC")),
                "p_value": [0.5, float("nan"), 0.25],
                "robot": [True, False, True],
                "devices": [["a"], [], ["a", "b"]],
            }
        )
    )


def test_length_columns_and_types(table: ArrowTable) -> None:
    """The table says how long it is, and what its columns are."""
    assert len(table) == 3
    assert table.columns[:3] == ("account", "items", "uses")
    assert table.types["first"] == 'Timestamp(µs, "UTC")'
    assert table.types["items"] == "Int64"


def test_the_text_form_is_one_line(table: ArrowTable) -> None:
    """A table shows its size and columns; a wide one counts the columns beyond twelve."""
    assert repr(table).startswith("<ArrowTable: 3 rows; account Utf8, items Int64, uses Int32, ")
    wide = ArrowTable(pa.table({f"c{n}": [n] for n in range(40)}))
    assert repr(wide).endswith("c11 Int64, and 28 more columns>")
    assert "\n" not in repr(wide)


def test_a_notebook_shows_the_first_rows(table: ArrowTable) -> None:
    """The HTML has the column names, at most ten rows, and nothing for a missing value."""
    page = table._repr_html_()
    assert "<th>account</th><th>items</th>" in page
    assert "<td>ann</td><td>3</td>" in page
    assert "None" not in page
    long = ArrowTable(pa.table({f"c{n}": list(range(40)) for n in range(30)}))._repr_html_()
    assert "40 rows, 30 columns" in long
    assert long.count("<tr>") == 11
    assert long.count("<th>") == 12


def test_a_notebook_leaves_out_intervals() -> None:
    """A column that cannot be converted does not keep the others from being shown."""
    query = "SELECT 1 AS n, INTERVAL 1 DAY AS gap"
    with duckdb.connect() as connection:
        page = ArrowTable(connection.sql(query))._repr_html_()
    assert "<td>1</td>" in page
    assert "gap" not in page
    assert "1 rows" not in page


def test_hostile_text_is_escaped_in_a_notebook() -> None:
    """Neither a name nor a value becomes markup or a control character."""
    page = ArrowTable(pa.table({"<b>": ["<script>alert(1)</script>\x1b\u202e"]}))._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page
    assert not set(page) & {"\x1b", "\u202e"}
    assert "&lt;script&gt;" in page


def test_columns_are_numpy_arrays(table: ArrowTable) -> None:
    """Numbers, times, truth values and text are arrays of a fitting type."""
    assert table.column("items").tolist() == [3, 1, 2]
    assert table.column("items").dtype == np.int64
    assert table.column("robot").dtype == np.bool_
    assert table.column("account").tolist() == ["ann", "bob", None]
    first = table.column("first")
    assert first.dtype == np.dtype("datetime64[us]")
    assert first[0] == np.datetime64("2026-03-09T08:00:00.500000")
    assert np.isnat(first[1])
    assert table.column("devices").tolist() == [["a"], [], ["a", "b"]]


def test_missing_numbers_are_nan(table: ArrowTable) -> None:
    """A column of numbers with a missing value becomes floats; NaN stays NaN."""
    uses = table.column("uses")
    assert uses.dtype == np.float64
    np.testing.assert_array_equal(uses, [3, np.nan, 2])
    np.testing.assert_array_equal(table.column("p_value"), [0.5, np.nan, 0.25])


def test_a_table_without_rows_has_columns() -> None:
    """Columns of an empty table are empty arrays, for every type of column."""
    with duckdb.connect() as connection:
        table = ArrowTable(
            connection.sql("SELECT 1 AS n, 'x' AS s, TIMESTAMPTZ '2026-01-01' AS t LIMIT 0")
        )
    assert [table.column(name).shape for name in table.columns] == [(0,)] * 3
    assert len(table) == len(table.to_pandas()) == len(table.to_polars()) == 0


def test_an_unknown_column_is_a_key_error(table: ArrowTable) -> None:
    """The error names the column."""
    with pytest.raises(KeyError, match="itmes"):
        table.column("itmes")


def test_an_unknown_column_gets_a_suggestion(table: ArrowTable) -> None:
    """The error is one of Ringfence's, and suggests a similar column or lists the first ones."""
    with pytest.raises(RingfenceError) as caught:
        table.column("itmes")
    assert str(caught.value) == "there is no column 'itmes' (did you mean items?)"
    with pytest.raises(RingfenceError, match="the columns are account, items, uses, first"):
        table.column("zzzzzz")


def test_rows_are_tuples(table: ArrowTable) -> None:
    """Values are Python's own, and times carry their zone."""
    first, second, _ = table.rows()
    assert first[:4] == ("ann", 3, 3, MOMENT)
    assert second[:4] == ("bob", 1, None, None)
    assert first[3].utcoffset().total_seconds() == 0
    assert ArrowTable(pa.table({"a": pa.array([], pa.int64())})).rows() == []


def test_dates_are_dates() -> None:
    """A date stays a date."""
    day = date(2026, 3, 9)
    assert ArrowTable(pa.table({"day": [day]})).rows() == [(day,)]


METHODS = ("rows", "column", "to_pandas", "to_polars")


def answer(method: str, sql: str) -> object:
    """Return the column ``v`` of a query, as one method of the table gives it, as a list."""
    with duckdb.connect() as connection:
        table = ArrowTable(connection.sql(sql))
    if method == "rows":
        return [value for (value,) in table.rows()]
    if method == "column":
        return table.column("v").tolist()
    return getattr(table, method)()["v"].to_list()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT sum(n) AS v FROM (VALUES (1), (2)) AS t(n)", [3]),
        ("SELECT unnest([1, -2])::HUGEINT AS v", [1, -2]),
        ("SELECT 7::DECIMAL(15, 0) AS v", [7]),
        ("SELECT 1.5::DECIMAL(4, 2) AS v", [1.5]),
        ("SELECT 12345678901234567890123::HUGEINT AS v", [12345678901234567890123]),
        ("SELECT [1, 2] AS v", [[1, 2]]),
        ("SELECT {'a': 1, 'b': 'x'} AS v", [{"a": 1, "b": "x"}]),
        ("SELECT {'Interval(': 1} AS v", [{"Interval(": 1}]),
    ],
)
def test_each_method_gives_the_values_of_ordinary_sql(
    method: str, sql: str, expected: list[object]
) -> None:
    """Sums, decimals, lists and structs are the same values by every method."""
    assert answer(method, sql) == expected


@pytest.mark.parametrize("method", ["rows", "column", "to_pandas"])
def test_a_whole_number_of_39_digits_is_exact(method: str) -> None:
    """The largest number of a database is not cut to 38 digits."""
    assert answer(method, f"SELECT {2**127 - 1}::HUGEINT AS v") == [2**127 - 1]


@pytest.mark.parametrize("kind", ["HUGEINT", "DECIMAL(4, 2)", "BIGINT", "INTEGER[]"])
@pytest.mark.parametrize("method", METHODS)
def test_a_missing_value_stays_missing(method: str, kind: str) -> None:
    """NULL among numbers is NaN in NumPy and pandas; elsewhere it is None."""
    (value,) = answer(method, f"SELECT NULL::{kind} AS v")  # type: ignore[misc]
    if kind.endswith("[]") or method in {"rows", "to_polars"}:
        assert value is None
    else:
        assert np.isnan(value)


@pytest.mark.parametrize(
    ("sql", "dtype"),
    [
        ("SELECT sum(n) AS v FROM (VALUES (1), (2)) AS t(n)", "int64"),
        ("SELECT unnest([1, NULL])::HUGEINT AS v", "float64"),
        ("SELECT unnest([1.5, NULL])::DECIMAL(4, 2) AS v", "float64"),
        ("SELECT 1.5::DECIMAL(4, 2) AS v", "float64"),
        (f"SELECT {2**64}::HUGEINT AS v", "object"),
        ("SELECT 1::HUGEINT AS v LIMIT 0", "int64"),
    ],
)
def test_decimals_become_the_numbers_of_numpy(sql: str, dtype: str) -> None:
    """Whole decimals are integers; decimals with a fraction or a missing value are floats."""
    with duckdb.connect() as connection:
        table = ArrowTable(connection.sql(sql))
    assert table.column("v").dtype == table.to_pandas()["v"].dtype == np.dtype(dtype)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "value", ["INTERVAL 1 MONTH", "NULL::INTERVAL", "[INTERVAL 1 DAY]", "{'a': [INTERVAL 1 DAY]}"]
)
def test_an_interval_has_to_be_cast(method: str, value: str) -> None:
    """A type without a Python value ends in a clear error, not in a panic, also inside lists."""
    with pytest.raises(TypeError, match="column 'v' has intervals: cast them"):
        answer(method, f"SELECT {value} AS v")


def test_arrow_libraries_read_it_directly(table: ArrowTable) -> None:
    """PyArrow, Polars and DuckDB take the table as it is, more than once."""
    for _ in range(2):
        assert pa.table(table).column("items").to_pylist() == [3, 1, 2]
        assert pl.DataFrame(table)["items"].to_list() == [3, 1, 2]
    with duckdb.connect() as connection:
        assert connection.from_arrow(table).aggregate("sum(items)").fetchall() == [(6,)]


def test_frames_have_times_in_utc(table: ArrowTable) -> None:
    """PyArrow, pandas and Polars get the same values, and timestamps with UTC."""
    arrow, pandas, polars = table.to_arrow(), table.to_pandas(), table.to_polars()
    assert arrow.schema.field("first").type == pa.timestamp("us", "UTC")
    assert isinstance(pandas["first"].dtype, pd.DatetimeTZDtype)
    assert str(pandas["first"].dtype.tz) == "UTC"
    assert polars.schema["first"] == pl.Datetime("us", "UTC")
    assert pandas["first"][0] == MOMENT == polars["first"][0]
    assert pd.isna(pandas["first"][1])
    assert polars["first"][1] is None
    assert list(pandas.columns) == polars.columns == list(table.columns)


def test_the_source_may_be_gone() -> None:
    """A table from a database stays when the database is closed."""
    with duckdb.connect() as connection:
        table = ArrowTable(connection.sql("SELECT unnest([1, 2]) AS n"))
    assert table.rows() == [(1,), (2,)]


WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {blocked!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
import duckdb
from ringfence.errors import MissingPackageError
from ringfence.cli.doctor import EXTRAS
from ringfence.model.arrow_table import ArrowTable
table = ArrowTable(duckdb.sql("SELECT 1 AS n, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS t"))
{code}
"""


@pytest.mark.parametrize(
    ("package", "method"),
    [("pyarrow", "to_arrow"), ("pandas", "to_pandas"), ("polars", "to_polars")],
)
def test_a_missing_library_is_named_with_its_command(package: str, method: str) -> None:
    """The error is one line with the command that installs the library, as the doctor has it."""
    command = f"pip install 'ringfence[{EXTRAS[package][0]}]'"
    code = f"try:\n    table.{method}()\nexcept MissingPackageError as error:\n    print(error)"
    assert run(package, code) == f"{package} is not installed ({command})"


def test_pyarrow_is_not_needed() -> None:
    """Rows, columns, pandas and Polars work without PyArrow."""
    code = (
        "print(table.rows()[0][0], table.column('n')[0], len(table.to_pandas()), "
        "len(table.to_polars()), 'pyarrow' in sys.modules)"
    )
    assert run("pyarrow", code) == "1 1 1 1 False"


def run(blocked: str, code: str) -> str:
    """Run code in a process in which a library cannot be imported; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT.format(blocked=blocked, code=code)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()

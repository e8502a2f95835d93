"""The tables of a result: the same rows as the files, in the same order, with usable types."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.pipeline.test_ring_scan import events, write
from tests.rings.populations import ring, users

import ringfence
from ringfence.engine import literal, open_engine
from ringfence.evidence import built_in_tests
from ringfence.model.output_tables import PER_TEST, AccountRow, RingRow, columns
from ringfence.pipeline import ScanResult


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    """Scan users and a ring of thirty accounts into a folder."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(3)
    crowd = users(rng, 300)
    log = write(folder / "log.parquet", events(crowd), events(ring(crowd, 30, 70, rng)))
    return ringfence.scan(log, out=folder / "out")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["accounts", "rings"])
def test_a_table_is_its_file(result: ScanResult, name: str) -> None:
    """The table and the Parquet file have the same columns, and the same rows in the same order."""
    table: ringfence.ArrowTable = getattr(result, name)
    file = pq.read_table(result.files[name])
    assert len(table) > 0
    assert pa.table(table).column_names == file.column_names
    ours, theirs = pl.DataFrame(table), pl.DataFrame(file)
    assert ours.equals(theirs.cast(ours.schema))


@pytest.mark.parametrize(
    ("name", "row", "ring_columns"),
    [("accounts", AccountRow, {"verdict", "ring"}), ("rings", RingRow, {"verdict", "p_value"})],
)
def test_the_columns_are_the_documented_ones(
    result: ScanResult, name: str, row: type, ring_columns: set[str]
) -> None:
    """Each documented column is there, with the Arrow type of its documented SQL type."""
    types = getattr(result, name).types
    arrow = {"VARCHAR": "Utf8", "BIGINT": "Int64", "DOUBLE": "Float64",
             "TIMESTAMP WITH TIME ZONE": 'Timestamp(µs, "UTC")'}  # fmt: skip
    documented = {one.name: arrow[one.type] for one in columns(row) if "<" not in one.name}
    assert {column: types[column] for column in documented} == documented
    assert ring_columns <= documented.keys()
    assert {types[column] for column in types.keys() - documented.keys()} <= {"Float64"}


@pytest.mark.parametrize(("name", "row"), [("accounts", AccountRow), ("rings", RingRow)])
def test_the_files_have_the_documented_columns_in_order(
    result: ScanResult, name: str, row: type
) -> None:
    """Names and SQL types of a file are the model's, in its order; each test has one column."""
    with open_engine() as engine:
        found = list(engine.describe(f"read_parquet({literal(str(result.files[name]))})").items())
    tests = [f"{PER_TEST}{test.name}" for test in built_in_tests()]
    documented = [(one.name, one.type) for one in columns(row)]
    per_test = f"{PER_TEST}<test>"
    as_documented = [(per_test if column in tests else column, kind) for column, kind in found]
    assert list(dict.fromkeys(as_documented)) == documented
    assert [column for column, _ in found if column in tests] == (
        [test for test in tests if test in dict(found)]
    )
    assert ((per_test, "DOUBLE") in documented) == (name == "accounts")


def test_frames_have_usable_types(result: ScanResult) -> None:
    """Times carry UTC in Polars and pandas; verdicts and accounts are text."""
    frame = result.accounts.to_polars()
    assert frame.schema["first"] == pl.Datetime("us", "UTC")
    assert frame.schema["verdict"] == frame.schema["account"] == pl.String
    assert str(result.accounts.to_pandas()["last"].dtype).endswith("UTC]")


def test_rings_have_their_verdict_and_p_value(result: ScanResult) -> None:
    """Each row of a ring repeats the verdict and the p-value of its finding."""
    (found,) = (one for one in result.findings if one.kind == "ring")
    assert set(result.rings.column("account")) == set(found.accounts)
    assert set(result.rings.column("ring")) == {found.id}
    assert set(result.rings.column("verdict")) == {found.verdict}
    assert set(result.rings.column("p_value")) == {found.p_value}


def test_accounts_begin_with_the_most_suspicious(result: ScanResult) -> None:
    """The rows are in the order of the p-value, and the times are those of the findings."""
    p_values = result.accounts.column("p_value")
    assert (np.diff(p_values) >= 0).all()
    period = result.period
    assert period is not None
    first = min(row[3] for row in result.accounts.rows())
    assert first == period[0]

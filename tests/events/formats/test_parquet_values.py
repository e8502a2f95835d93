"""Values of Parquet columns that the engine cannot read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ringfence
from ringfence.errors import FormatError
from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.settings import Settings

NOON = datetime.fromisoformat("2026-03-09 12:00:00")
NOT_UTF_8 = {
    "one byte": b"\xff",
    "a name and a byte": b"eve\xff",
    "half an emoji": b"\xf0\x9f",
    "a surrogate": b"\xed\xa0\xbd",
    "a long text": b"x" * 5_000 + b"\xfe",
}


def texts(values: list[bytes]) -> pa.Array:
    """Return a column of text with any bytes, as Spark writes it."""
    return pa.array(values, pa.binary()).view(pa.string())


def written(path: Path, rows: int, changed: str = "", row: int = 0, value: bytes = b"") -> Path:
    """Write events, one value of which is changed."""
    columns = {
        "account": [b"u%d" % (n % 9) for n in range(rows)],
        "item": [b"i%d" % (n % 400) for n in range(rows)],
        "agent": [b"Player/2.1"] * rows,
    }
    if changed:
        columns[changed][row] = value
    times = pa.array([NOON + timedelta(seconds=n) for n in range(rows)], pa.timestamp("us"))
    table = {"ts": times, **{name: texts(values) for name, values in columns.items()}}
    pq.write_table(pa.table(table), path, row_group_size=2_000)
    return path


def folded(path: Path) -> tuple[int, int]:
    """Return takes and quarantined rows."""
    ledger = open_writable(None, Settings())
    try:
        lines = ledger.fold(Source(path, path.name)).lines
    finally:
        ledger.engine.close()
    return lines.takes, lines.quarantined


@pytest.mark.slow
@pytest.mark.parametrize("column", ["account", "item", "agent"])
@pytest.mark.parametrize("value", NOT_UTF_8.values(), ids=NOT_UTF_8)
def test_text_that_is_not_utf_8_stops_no_file(tmp_path: Path, column: str, value: bytes) -> None:
    """Every row is a take, whichever column has the value."""
    assert folded(written(tmp_path / "x.parquet", 5_000, column, 4_321, value)) == (5_000, 0)


@pytest.mark.slow
def test_its_account_is_read_with_question_marks(tmp_path: Path) -> None:
    """An account whose name is not UTF-8 is an account of its own."""
    log = written(tmp_path / "x.parquet", 5_000, "account", 4_321, b"eve\xff\xfe")
    names = set(ringfence.scan(log, force=True).accounts.column("account"))
    assert names == {"eve??", *(f"u{n}" for n in range(9))}


@pytest.mark.slow
def test_a_catalogue_with_such_a_text_is_read(tmp_path: Path) -> None:
    """Tables of items are read in the same way."""
    pq.write_table(pa.table({"item": texts([b"i1", b"i\xff"])}), tmp_path / "items.parquet")
    log = written(tmp_path / "x.parquet", 100)
    result = ringfence.scan(log, catalogue=tmp_path / "items.parquet", force=True)
    assert result.catalogue.items >= 2


@pytest.mark.parametrize("moment", [2**62, -(2**62)])
def test_a_time_in_milliseconds_beyond_all_times_is_named(tmp_path: Path, moment: int) -> None:
    """The engine cannot read such a file, and the error says what to change."""
    times = pa.array([1_773_129_600_000] * 40 + [moment], pa.timestamp("ms"))
    table = {"ts": times, "account": ["x"] * 41, "item": ["y"] * 41}
    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    with pytest.raises(FormatError, match="beyond the year 294246"):
        folded(tmp_path / "x.parquet")

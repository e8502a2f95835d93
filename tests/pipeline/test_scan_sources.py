"""The sources that ``ringfence.scan`` takes: paths, globs, lists, tables and frames."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ringfence
from ringfence.errors import MissingPackageError, SourceError
from ringfence.settings import EventSettings

ROWS = [
    (f"2026-03-0{day}T{hour:02d}:{user:02d}:00", f"user{user}", f"item{user * hour % 40}")
    for day in range(1, 6)
    for hour in range(8, 18)
    for user in range(25)
]
ROWS += [(f"2026-03-02T{n // 60 % 24:02d}:{n % 60:02d}:00", "taker", f"new{n}") for n in range(900)]


@pytest.fixture
def table() -> pa.Table:
    """Return events of 25 users and one account that takes 900 items in a day."""
    moments, accounts, items = zip(*ROWS, strict=True)
    stamps = pa.array(pd.to_datetime(list(moments), utc=True))
    return pa.table({"ts": stamps, "account": accounts, "item": items})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write the same events to a csv file."""
    path = tmp_path / "events.csv"
    lines = [f"{moment}Z,{account},{item}\n" for moment, account, item in ROWS]
    path.write_text("ts,account,item\n" + "".join(lines), encoding="utf-8")
    return path


def text_frame(table: pa.Table) -> pd.DataFrame:
    """Return a frame whose times are text, with an index of its own."""
    frame = table.to_pandas()
    frame["ts"] = frame["ts"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return frame.sample(frac=1, random_state=1)


KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow table": lambda table: table,
    "pyarrow reader": lambda table: table.to_reader(max_chunksize=100),
    "pandas": lambda table: table.to_pandas(),
    "pandas with text": text_frame,
    "polars": pl.DataFrame,
    "duckdb": lambda table: duckdb.connect().from_arrow(table),
    "ringfence": ringfence.ArrowTable,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_read_as_the_file_is(kind: str, table: pa.Table, file: Path) -> None:
    """Every kind of table leads to the findings and the accounts of the file with its rows."""
    ours, theirs = ringfence.scan(KINDS[kind](table)), ringfence.scan(file)
    assert [one.id for one in ours.findings] == [one.id for one in theirs.findings] == ["taker"]
    assert ours.accounts.rows() == theirs.accounts.rows()
    assert ours.period == theirs.period
    assert ours.counts["lines"] == len(ROWS)


@pytest.mark.slow
def test_several_sources_add_up(table: pa.Table, file: Path) -> None:
    """Tables, paths and lists of both are one log together."""
    early, late = table.slice(0, 700), table.slice(700)
    whole = ringfence.scan(table)
    for sources in ((early, late), ([early, late],), ([early], (late,)), (iter([late, early]),)):
        result = ringfence.scan(*sources)
        assert result.counts["sources"] == 2
        assert result.counts["uses"] == whole.counts["uses"]
    both = ringfence.scan([early], file)
    assert both.counts["lines"] == 700 + len(ROWS)


@pytest.mark.slow
def test_paths_may_be_a_list_a_glob_or_a_folder(file: Path, tmp_path: Path) -> None:
    """A list of paths, a glob and a folder name the same files."""
    other = tmp_path / "more.csv"
    other.write_text("ts,account,item\n2026-03-09T08:00:00Z,late,x\n", encoding="utf-8")
    forms: list[Any] = [[file, str(other)], str(tmp_path / "*.csv"), tmp_path]
    assert {ringfence.scan(form).counts["lines"] for form in forms} == {len(ROWS) + 1}


@pytest.mark.slow
def test_a_ledger_knows_a_table_by_its_content(table: pa.Table, tmp_path: Path) -> None:
    """The same rows are folded once, in whatever kind of table and order they come."""
    book = tmp_path / "book"
    first = ringfence.scan(table, ledger=book)
    again = ringfence.scan(pl.DataFrame(table), ledger=book)
    assert first.counts["skipped"] == 0
    assert again.counts["skipped"] == 1
    assert again.notes[0].startswith("Skipped, already in the ledger: 1 of 1 source (Arrow table 1")
    assert again.counts["uses"] == first.counts["uses"]


@pytest.mark.slow
def test_a_ledger_alone_is_enough(table: pa.Table, tmp_path: Path) -> None:
    """With a ledger and no source, the findings of everything before are returned."""
    book = tmp_path / "book"
    ringfence.scan(table, ledger=book)
    assert [one.id for one in ringfence.scan(ledger=book).findings] == ["taker"]


@pytest.mark.parametrize("sources", [(), ([],), ([], ())])
def test_no_source_is_an_error(sources: tuple[Any, ...]) -> None:
    """An empty list, as of a glob without a match, is not scanned as an empty log."""
    with pytest.raises(SourceError, match="no source is given"):
        ringfence.scan(*sources)


@pytest.mark.parametrize(
    ("source", "kind"), [({"ts": []}, "dict"), (7, "int"), (None, "NoneType"), ([b"x"], "bytes")]
)
def test_another_object_is_refused(source: Any, kind: str) -> None:  # noqa: ANN401 - any object
    """The error names the type of the object, and the types that can be read."""
    with pytest.raises(SourceError, match=f"an object of type {kind} cannot be read") as caught:
        ringfence.scan(source)
    assert "__arrow_c_stream__" in caught.value.hint


def test_a_lazy_frame_is_to_be_collected(table: pa.Table) -> None:
    """The hint for a lazy frame is to collect it."""
    with pytest.raises(SourceError, match=r"collect\(\) a lazy frame first"):
        ringfence.scan(pl.DataFrame(table).lazy())  # type: ignore[arg-type]


def test_a_pandas_frame_needs_pyarrow(table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyArrow the error about a pandas frame is the command that installs it."""
    frame = table.to_pandas()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        MissingPackageError, match=r"pyarrow is not installed \(pip install 'ringfence\[arrow\]'"
    ):
        ringfence.scan(frame)


def test_a_table_without_a_time_is_named(table: pa.Table) -> None:
    """An error about a table calls it as the operator knows it, without a temporary file."""
    with pytest.raises(SourceError) as caught:
        ringfence.scan(table.drop_columns(["ts"]))
    assert caught.value.where == "Arrow table 1"
    assert "/ringfence-" not in str(caught.value)


@pytest.mark.slow
def test_a_table_has_no_format_and_settings_no_file(table: pa.Table) -> None:
    """The assumptions name a table, and the argument that changes the settings of a program."""
    settings = ringfence.Settings(events=EventSettings(format="csv"))
    said = {name: (value, how) for name, value, how in ringfence.scan(table).assumptions}
    assert said["format"] == ("table", "")
    assert said["settings"] == ("defaults", "--config FILE")
    result = ringfence.scan(table, settings=settings)
    said = {name: (value, how) for name, value, how in result.assumptions}
    assert said["format"] == ("table", "")
    assert said["settings"] == ("given by the program", "settings=")

"""Access records that are already in memory, as Arrow data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import ArrowData, Engine
from ringfence.errors import FormatError, SourceError
from ringfence.events import ArrowSource, Quarantine, Source, find_sources, open_source
from ringfence.settings import Settings

pa = pytest.importorskip("pyarrow", reason="pip install pyarrow")

TIMES = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3)]


def table(**changes: list[Any]) -> Any:  # noqa: ANN401 - PyArrow has no types
    """Return three events as a PyArrow table."""
    columns = {"time": TIMES, "user": ["a", "b", "b"], "track": ["x", "x", "y"]}
    return pa.table(columns | changes)


def polars_frame(data: Any) -> ArrowData:  # noqa: ANN401
    """Return the table as a frame of Polars."""
    return pytest.importorskip("polars", reason="pip install polars").from_arrow(data)


def pandas_frame(data: Any) -> ArrowData:  # noqa: ANN401
    """Return the table as a frame of pandas."""
    pytest.importorskip("pandas", reason="pip install pandas")
    return data.to_pandas()


class OnlyOnce:
    """An Arrow stream of some other library, which can be read only once."""

    def __init__(self, data: Any) -> None:  # noqa: ANN401
        self._data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the stream the first time, and fail the second."""
        data, self._data = self._data, None
        return data.__arrow_c_stream__(requested_schema)


KINDS: dict[str, Callable[[Any], ArrowData]] = {
    "table": lambda data: data,
    "reader": lambda data: data.to_reader(),
    "polars": polars_frame,
    "pandas": pandas_frame,
    "stream": OnlyOnce,
}


def fingerprint(engine: Engine, data: ArrowData) -> str:
    """Return what identifies the content of Arrow data."""
    return ArrowSource(data, "Arrow table 1").as_file(engine).identify().fingerprint


@pytest.mark.parametrize("kind", KINDS)
def test_arrow_data_are_read_as_a_file_is(engine: Engine, tmp_path: Path, kind: str) -> None:
    """Tables, readers and frames give the same events, with columns found by their names."""
    (source,) = find_sources([KINDS[kind](table())], tmp_path)
    reading = open_source(engine, source, Settings(), Quarantine(tmp_path))
    assert source.name == reading.source.name == "Arrow table 1"
    events = engine.rows("SELECT ts, account, item, outcome FROM events ORDER BY ts")
    expected = zip(TIMES, "abb", "xxy", strict=True)
    assert events == [(ts.replace(tzinfo=None), who, what, None) for ts, who, what in expected]


def test_arrow_data_are_numbered_among_files(tmp_path: Path) -> None:
    """Arrow data and files can be mixed; the order stays, and only Arrow data are numbered."""
    (tmp_path / "x.log").write_text("x")
    found = find_sources([table(), tmp_path / "x.log", table()], tmp_path)
    assert [one.name for one in found] == [
        "Arrow table 1",
        str(tmp_path / "x.log"),
        "Arrow table 2",
    ]
    assert [type(one) for one in found] == [ArrowSource, Source, ArrowSource]


def test_the_content_of_arrow_data_is_its_rows(engine: Engine) -> None:
    """Neither batches nor the order of rows matter; every value, column name and row does."""
    first = fingerprint(engine, table())
    batched = pa.concat_tables([table().slice(0, 1), table().slice(1)])
    reordered = table().take([2, 0, 1])
    assert {fingerprint(engine, one) for one in (batched, reordered)} == {first}
    others = (
        table(track=["x", "x", "z"]),
        table().rename_columns(["time", "user", "item"]),
        table().slice(0, 2),
        pa.concat_tables([table(), table()]),
    )
    assert first not in {fingerprint(engine, one) for one in others}


def test_errors_name_the_arrow_table(engine: Engine, tmp_path: Path) -> None:
    """A missing column is reported under the source's name, without any temporary file."""
    source = ArrowSource(table().rename_columns(["time", "user", "colour"]), "Arrow table 3")
    with pytest.raises(FormatError) as caught:
        open_source(engine, source, Settings(), Quarantine(tmp_path))
    assert caught.value.where == "Arrow table 3"
    assert "the columns are time, user, colour" in caught.value.what
    assert str(engine.scratch) not in str(caught.value)


def test_data_that_cannot_be_read_are_an_error(engine: Engine) -> None:
    """A stream that was used up is reported as a source that cannot be read."""
    used = OnlyOnce(table())
    used.__arrow_c_stream__()
    with pytest.raises(SourceError, match="Arrow table 1: cannot be read") as caught:
        ArrowSource(used, "Arrow table 1").as_file(engine)
    assert "\n" not in str(caught.value)

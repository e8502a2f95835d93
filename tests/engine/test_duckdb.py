"""The embedded engine: parameters, transactions, spilling, quoting, and what it leaves behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.engine import Statement, registered
from ringfence.engine.duckdb import DuckDBEngine, identifier, literal
from ringfence.errors import EngineError
from ringfence.settings import EngineSettings


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """An engine of one thread."""
    with DuckDBEngine(EngineSettings(threads=1)) as one:
        yield one


def test_parameters_and_rows(engine: DuckDBEngine) -> None:
    """A statement takes named parameters and gives tuples, records, or one array per column."""
    assert engine.rows("SELECT $a + 1, $b", {"a": 1, "b": "x"}) == [(2, "x")]
    assert engine.records("SELECT $a AS n, 2 AS m", {"a": 1}) == [{"n": 1, "m": 2}]
    columns = engine.columns("SELECT unnest([3, 4]) AS n")
    assert columns["n"].tolist() == [3, 4]


def test_arrays_become_a_table(engine: DuckDBEngine) -> None:
    """Columns of NumPy make a table that later statements read; a second one replaces it."""
    for first in (1, 5):
        engine.table("odd name", {"n": np.array([first, 2]), "t": np.array(["a", "b"], object)})
    assert engine.rows('SELECT n, t FROM "odd name" ORDER BY t') == [(5, "a"), (2, "b")]


def test_a_failed_transaction_leaves_nothing(engine: DuckDBEngine) -> None:
    """A transaction that raises is undone, tables included."""
    engine.run("CREATE TABLE kept AS SELECT 1 AS n")
    with pytest.raises(KeyError), engine.transaction():  # noqa: PT012 - all of it fails together
        engine.run("INSERT INTO kept VALUES (2)")
        engine.run("CREATE TABLE made AS SELECT 1 AS n")
        raise KeyError
    assert engine.rows("SELECT n FROM kept") == [(1,)]
    with pytest.raises(EngineError):
        engine.rows("SELECT n FROM made")


def test_settings_reach_the_database(tmp_path: Path) -> None:
    """Threads, memory and the place to spill are as set; nothing is left there afterwards."""
    settings = EngineSettings(threads=1, memory_limit="300 MiB", temp_directory=str(tmp_path))
    with DuckDBEngine(settings) as engine:
        names = ("threads", "memory_limit", "temp_directory", "autoinstall_known_extensions")
        asked = ", ".join(f"current_setting('{name}')" for name in names)
        threads, memory, spill, installs = engine.rows(f"SELECT {asked}")[0]
        assert (threads, memory, installs) == (1, "300.0 MiB", False)
        assert Path(spill).is_relative_to(tmp_path)
        assert engine.scratch.parent == tmp_path
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_work_beyond_memory_spills(tmp_path: Path) -> None:
    """A sort of more than fits into memory finishes, on disk."""
    settings = EngineSettings(threads=1, memory_limit="80MB", temp_directory=str(tmp_path))
    with DuckDBEngine(settings) as engine:
        engine.run("CREATE TABLE many AS SELECT hash(range) AS h, repeat('x', 40) || range AS t "
                   "FROM range(3_000_000)")  # fmt: skip
        engine.run("CREATE TABLE sorted AS SELECT h, t FROM many ORDER BY h")
        assert engine.rows("SELECT count(*) FROM sorted") == [(3_000_000,)]


def test_a_file_that_cannot_be_opened_leaves_no_scratch(tmp_path: Path) -> None:
    """An engine that fails to open cleans up after itself."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(EngineError):
        DuckDBEngine(EngineSettings(temp_directory=str(scratch)), tmp_path)
    assert not list(scratch.iterdir())


@pytest.mark.slow
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
def test_quoted_text_is_only_text(text: str) -> None:
    """Whatever is quoted as a value or a name comes back as it was, and nothing of it runs."""
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {literal(text)}").fetchall() == [(text,)]
        if text:
            made = connection.execute(f"SELECT 1 AS {identifier(text)}")
            assert [column[0] for column in made.description] == [text]


def test_other_values_are_quoted_by_kind(engine: DuckDBEngine) -> None:
    """Numbers stay numbers, flags flags, and texts become a list."""
    text = f"SELECT {literal(1.5)}, {literal(True)}, {literal(['a', chr(39)])}"
    assert engine.rows(text) == [(1.5, True, ["a", "'"])]


def test_statements_are_known_by_one_name() -> None:
    """The same statement twice is one; another under its name is a programming error."""
    one = Statement("tests.one", "SELECT 1")
    assert Statement("tests.one", "SELECT 1") == one
    assert one in registered()
    with pytest.raises(ValueError, match=r"two statements are called tests\.one"):
        Statement("tests.one", "SELECT 2")


@pytest.mark.slow
def test_standard_output_is_the_callers() -> None:
    """A long statement draws no bar, also where DuckDB takes the program for interactive."""
    code = (
        "from ringfence.engine.duckdb import DuckDBEngine\n"
        "with DuckDBEngine() as engine:\n"
        "    engine.run('CREATE TEMP TABLE t AS SELECT hash(i) % 1000 AS k, count(*) AS n '\n"
        "        'FROM range(400_000_000) AS r(i) GROUP BY 1')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


class Connection:
    """A connection that fails as DuckDB 2.0 does when the keyboard stops a statement."""

    def __init__(self, message: str) -> None:
        self._message = message

    def execute(self, *_: object) -> None:
        """Fail."""
        raise RuntimeError(self._message)

    def close(self) -> None:
        """Close nothing."""


@pytest.mark.parametrize("how", ["run", "rows", "records", "columns"])
def test_the_keyboard_stops_a_statement(
    engine: DuckDBEngine, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted statement raises KeyboardInterrupt; other errors stay what they are."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_connection", Connection("Query interrupted"))
        with pytest.raises(KeyboardInterrupt):
            getattr(engine, how)("SELECT 1")
        patch.setattr(engine, "_connection", Connection("something else"))
        with pytest.raises(RuntimeError, match="something else"):
            getattr(engine, how)("SELECT 1")

"""The embedded engine: what each named method does, and which errors come out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.engine import Engine
from ringfence.engine.database_errors import engine_error
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.errors import EngineError
from ringfence.settings import EngineSettings


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of one thread, seen as the protocol."""
    with DuckDBEngine(EngineSettings(threads=1)) as one:
        yield one


def test_describe_gives_columns_and_types_in_order(engine: Engine, tmp_path: Path) -> None:
    """Tables, table functions and SELECTs in brackets can be described."""
    engine.run("CREATE TABLE t (z BIGINT, a VARCHAR)")
    engine.copy("FROM t", tmp_path / "t.parquet")
    for relation in ("t", f"read_parquet('{tmp_path}/t.parquet')", "(SELECT * FROM t)"):
        assert list(engine.describe(relation).items()) == [("z", "BIGINT"), ("a", "VARCHAR")]


def test_tables_include_temporary_ones_and_views(engine: Engine) -> None:
    """Lasting and temporary tables and views are listed."""
    engine.run("CREATE TABLE lasting (n BIGINT)")
    engine.table("temporary", {"n": np.array([1])})
    engine.view("seen", "SELECT n FROM temporary")
    assert engine.tables() == {"lasting", "temporary", "seen"}


def test_a_view_follows_its_table(engine: Engine) -> None:
    """A view is computed when it is read, and a second one of the same name replaces it."""
    engine.table("t", {"n": np.array([1])})
    engine.view("v", "SELECT n FROM t")
    engine.run("INSERT INTO t VALUES (2)")
    assert engine.rows("SELECT n FROM v ORDER BY n") == [(1,), (2,)]
    engine.view("v", "SELECT 7 AS n")
    assert engine.rows("SELECT n FROM v") == [(7,)]


def test_a_rolled_back_scope_leaves_nothing(engine: Engine) -> None:
    """Rows and tables of the scope are gone afterwards, also if it raises."""
    engine.run("CREATE TABLE t AS SELECT 1 AS n")
    with engine.rolled_back():
        engine.run("INSERT INTO t VALUES (2)")
        engine.table("inside", {"n": np.array([1])})
        assert engine.rows("SELECT count(*) FROM t") == [(2,)]
    with pytest.raises(KeyError), engine.rolled_back():  # noqa: PT012 - the scope fails as a whole
        engine.run("DELETE FROM t")
        raise KeyError
    assert (engine.rows("SELECT n FROM t"), engine.tables()) == ([(1,)], {"t"})


def test_copy_writes_parquet_and_replaces_the_file(engine: Engine, tmp_path: Path) -> None:
    """The file holds the rows of the query; quotes in its name are only quotes."""
    path = tmp_path / "it's.parquet"
    for n in (1, 2):
        engine.copy(f"SELECT {n} AS n", path)
        assert duckdb.read_parquet(str(path)).fetchall() == [(n,)]


def test_copy_into_a_missing_folder_is_anengine_error(engine: Engine, tmp_path: Path) -> None:
    """A file that cannot be written is reported in one line."""
    with pytest.raises(EngineError) as caught:
        engine.copy("SELECT 1 AS n", tmp_path / "missing" / "x.parquet")
    assert "\n" not in caught.value.what


def test_order_can_be_kept(tmp_path: Path) -> None:
    """A file has its rows in the order of the query's input, with several threads as well."""
    with DuckDBEngine(EngineSettings(threads=2)) as engine:
        engine.keep_order()
        engine.copy("SELECT i FROM range(500_000) AS r(i) WHERE i % 3 > 0", tmp_path / "x.parquet")
        (out_of_order,) = engine.rows(
            "SELECT count(*) FROM (SELECT i - lag(i) OVER (ORDER BY file_row_number) AS step "
            f"FROM read_parquet('{tmp_path}/x.parquet', file_row_number = true)) WHERE step < 0"
        )
    assert out_of_order == (0,)


def test_arrow_data_become_a_table_of_their_own(engine: Engine) -> None:
    """Arrow data that go away afterwards stay in the table."""
    pa = pytest.importorskip("pyarrow", reason="pip install pyarrow")
    engine.arrow_table("t", pa.table({"n": [1, 2], "s": ["a", None]}).to_reader())
    assert engine.rows("SELECT n, s FROM t ORDER BY n") == [(1, "a"), (2, None)]
    assert engine.tables() == {"t"}


def test_a_query_as_arrow_runs_when_it_is_read(engine: Engine) -> None:
    """Each reading runs the query again, with its parameters."""
    pa = pytest.importorskip("pyarrow", reason="pip install pyarrow")
    engine.run("CREATE TABLE t AS SELECT 1 AS n")
    result = engine.arrow("SELECT n + $more AS n FROM t", {"more": 10})
    assert pa.table(result).to_pydict() == {"n": [11]}
    engine.run("UPDATE t SET n = 2")
    assert pa.table(result).to_pydict() == {"n": [12]}


@pytest.mark.parametrize("text", ["INSERT INTO t VALUES (2)", "SELECT 1; SELECT 2", "DROP TABLE t"])
def test_only_a_select_can_be_read_as_arrow(engine: Engine, text: str) -> None:
    """Other statements are refused before they run."""
    engine.run("CREATE TABLE t AS SELECT 1 AS n")
    with pytest.raises(EngineError, match="not a single SELECT"):
        engine.arrow(text)
    assert engine.rows("SELECT n FROM t") == [(1,)]


def test_rejected_lines_are_known_until_they_are_forgotten(engine: Engine, tmp_path: Path) -> None:
    """Each rejected record of a file is listed with its position; others' files are not."""
    path, other = tmp_path / "x.csv", tmp_path / "y.csv"
    path.write_text("1,a\nbad,b\n3,c\n")
    other.write_text("worse,a\n")
    assert engine.csv_rejects(path, 0) == []
    for file in (path, other):
        engine.rows(
            f"FROM read_csv('{file}', columns = {{'n': 'INTEGER', 's': 'VARCHAR'}}, "
            "header = false, auto_detect = false, store_rejects = true)"
        )
    ((start, furthest, length, size, spans),) = engine.csv_rejects(path, 0)
    assert (start, length, size, spans) == (5, 5, 5, False)
    assert start <= furthest <= start + size
    engine.forget_csv_rejects()
    assert engine.csv_rejects(path, 0) == []


def test_the_macro_of_time_zones_is_there(engine: Engine) -> None:
    """``to_utc_timestamp``, which Spark has built in, works in every engine."""
    query = "SELECT to_utc_timestamp(TIMESTAMP '2026-07-01 12:00', 'Europe/Paris')::VARCHAR"
    assert engine.rows(query) == [("2026-07-01 10:00:00",)]


def test_progress_and_threads(engine: Engine) -> None:
    """Threads are as set; without a running statement no progress is claimed."""
    assert engine.threads == 1
    assert engine.progress() <= 0 or engine.progress() == 100


@pytest.mark.parametrize(
    ("error", "fault", "process", "hint"),
    [
        (duckdb.OutOfMemoryException("could not allocate"), "memory", 0, "engine.memory_limit"),
        (duckdb.IOException("write: No space left on device"), "disk", 0, "temp_directory"),
        (
            duckdb.IOException("Could not set lock on file: held in python (PID 42). See also"),
            "locked",
            42,
            "wait until the other process",
        ),
        (duckdb.BinderException("no such column\nLINE 1: PID 7"), "other", 0, "damaged"),
    ],
)
def test_an_error_says_what_may_help(
    error: duckdb.Error, fault: str, process: int, hint: str
) -> None:
    """The first line of the message, the kind of fault, its process and a hint are kept."""
    found = engine_error(error)
    assert (found.fault, found.process) == (fault, process)
    assert hint in found.hint
    assert found.what == str(error).split("\n", maxsplit=1)[0]


def test_memory_that_does_not_suffice_is_named(tmp_path: Path) -> None:
    """A statement beyond the memory limit and without room to spill is a fault of memory."""
    settings = EngineSettings(threads=1, memory_limit="30MB", temp_directory=str(tmp_path))
    with DuckDBEngine(settings) as engine:
        engine.run("SET max_temp_directory_size = '1MB'")
        with pytest.raises(EngineError) as caught:
            engine.rows("SELECT list(hash(i) ORDER BY hash(i)) FROM range(20_000_000) AS r(i)")
    assert caught.value.fault in {"memory", "disk"}


def test_a_read_only_engine_changes_nothing(tmp_path: Path) -> None:
    """Rows can be read, temporary tables made, and nothing written to the file."""
    path = tmp_path / "book"
    with DuckDBEngine(EngineSettings(threads=1), path) as engine:
        engine.run("CREATE TABLE t AS SELECT 1 AS n")
    before = path.read_bytes()
    with DuckDBEngine(EngineSettings(threads=1), path, read_only=True) as engine:
        engine.table("mine", {"n": np.array([5])})
        assert engine.rows("SELECT t.n + mine.n FROM t, mine") == [(6,)]
        with pytest.raises(EngineError, match="read-only"):
            engine.run("INSERT INTO t VALUES (2)")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["book"]


@pytest.mark.slow
def test_memory_is_released_and_nothing_is_lost() -> None:
    """Tables go to disk, in a transaction too, and read the same; the limit is as before."""
    held = "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
    limit = "SELECT current_setting('memory_limit')"
    with DuckDBEngine(EngineSettings(threads=1, memory_limit="400MB")) as engine:
        before = engine.rows(limit)
        engine.run(
            "CREATE TABLE t AS SELECT n, md5(CAST(n AS VARCHAR)) AS m FROM range(4000000) r(n)"
        )
        with engine.transaction():
            engine.run("CREATE TEMP TABLE u AS SELECT n + 1 AS n FROM t")
            assert engine.rows(held)[0][0] > 150e6
            engine.release_memory()
            assert engine.rows(held)[0][0] < 110e6
        assert engine.rows("SELECT count(DISTINCT m) FROM t JOIN u USING (n)") == [(3_999_999,)]
        assert engine.rows(limit) == before

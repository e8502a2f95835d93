"""One function opens engines, and other packages see only the protocol."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ringfence
from ringfence.engine import Engine, open_engine
from ringfence.errors import EngineError
from ringfence.settings import EngineSettings

PACKAGE = Path(str(ringfence.__file__)).parent
OTHERS = [
    path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "engine"
]
ONE_THREAD = EngineSettings(threads=1)


def database_details(source: str) -> list[str]:
    """Return what a module's text knows of one database: the adapter's name, and DESCRIBE."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(one.name for one in node.names)]
            found += [name for name in names if name.endswith(("DuckDBEngine", "engine.duckdb"))]
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            found += [name] if name == "DuckDBEngine" else []
        elif isinstance(node, ast.Constant) and str(node.value).startswith("DESCRIBE "):
            found.append("DESCRIBE")
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_other_packages_open_engines_by_one_function(path: Path) -> None:
    """No module outside engine/ names the adapter or asks for columns in its own SQL."""
    assert database_details(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from ringfence.engine.duckdb import DuckDBEngine",
        "def count(engine: DuckDBEngine) -> int: ...",
        "with engine.DuckDBEngine() as session: ...",
        'engine.rows(f"DESCRIBE FROM {files}")',
    ],
)
def test_a_detail_of_the_database_is_noticed(source: str) -> None:
    """An import, an annotation, a call and a DESCRIBE are each reported."""
    assert database_details(source) != []


def test_without_a_path_everything_is_in_memory() -> None:
    """Two engines without a file share no table."""
    with open_engine(ONE_THREAD) as one, open_engine(ONE_THREAD) as other:
        one.run("CREATE TABLE numbers AS SELECT 1 AS n")
        assert other.tables() == frozenset()
        assert one.threads == 1


def test_a_file_keeps_its_tables(tmp_path: Path) -> None:
    """A later session on the same path finds the tables of an earlier one."""
    path = tmp_path / "numbers.db"
    with open_engine(ONE_THREAD, path) as engine:
        engine.run("CREATE TABLE numbers AS SELECT 1 AS n")
    with open_engine(ONE_THREAD, path, read_only=True) as engine:
        assert engine.rows("FROM numbers") == [(1,)]


@pytest.fixture
def reader(tmp_path: Path) -> Engine:
    """Return a read-only session on a file with one table, beside a CSV and a Parquet file."""
    path = tmp_path / "numbers.db"
    with open_engine(ONE_THREAD, path) as engine:
        engine.run("CREATE TABLE numbers AS SELECT 1 AS n")
        engine.copy("FROM numbers", tmp_path / "numbers.parquet")
    (tmp_path / "numbers.csv").write_text("n\n1\n")
    return open_engine(ONE_THREAD, path, read_only=True)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{folder}/numbers.csv')",
        "SELECT * FROM '{folder}/numbers.parquet'",
        "SELECT content FROM read_text('{folder}/numbers.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY numbers TO '{folder}/written.csv'",
        "ATTACH '{folder}/other.db'",
        "SET enable_external_access = true",
    ],
)
def test_a_read_only_session_accesses_no_other_file(
    reader: Engine, tmp_path: Path, sql: str
) -> None:
    """Files can be neither read, listed nor written, and the restriction cannot be lifted."""
    before = {path.name for path in tmp_path.iterdir()}
    with reader, pytest.raises(EngineError, match=r"(?i)access|disabled"):
        reader.rows(sql.format(folder=tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_read_only_session_still_spills(tmp_path: Path) -> None:
    """A sort beyond the memory limit goes to disk, although SQL may not name files."""
    path, scratch = tmp_path / "numbers.db", tmp_path / "scratch"
    scratch.mkdir()
    with open_engine(ONE_THREAD, path) as engine:
        engine.run("CREATE TABLE numbers AS SELECT hash(i) AS n, i FROM range(3_000_000) AS r(i)")
    small = EngineSettings(threads=1, memory_limit="40MB", temp_directory=str(scratch))
    with open_engine(small, path, read_only=True) as engine:
        engine.run("CREATE TEMP TABLE ordered AS SELECT * FROM numbers ORDER BY n")
        assert engine.rows("SELECT count(*) FROM ordered") == [(3_000_000,)]
        assert any(file.stat().st_size for file in scratch.rglob("*") if file.is_file())

"""Tables between packages are declared, in order, and as they are declared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.test_pseudonym_key import key_file

import ringfence
from ringfence.catalogue import load_catalogue
from ringfence.engine import open_engine
from ringfence.events.pseudonyms import load_key
from ringfence.model.table import Column, Table
from ringfence.model.tables import TABLES
from ringfence.pipeline.steps import find_rings
from ringfence.testing.small_ledger import small_ledger
from ringfence.testing.users import users
from ringfence.verdicts import conclude, judge
from table_uses import (
    all_uses,
    crossing,
    problems,
    statement_packages,
    text_uses,
    writing_packages,
)


def test_the_flow_is_known() -> None:
    """The derived reads and writes contain what anybody knows of the code."""
    writers = writing_packages(all_uses())
    reads = {(use.table, use.package) for use in all_uses() if use.direction == "reads"}
    assert {
        ("events", "ringfence.ledger"),
        ("holdings", "ringfence.catalogue"),
        ("set_apart", "ringfence.evidence"),
        ("set_apart", "ringfence.lab.evaluate"),
        ("scored_accounts", "ringfence.pipeline"),
    } <= reads
    assert {"ringfence.ledger"} == writers["holdings"] - {"ringfence.lab.evaluate"}
    assert writers["scored_accounts"] == writers["ring_members"] == {"ringfence.verdicts"}
    assert len(crossing(all_uses())) > 40


def test_every_statement_is_named_after_its_package() -> None:
    """The first part of a statement's name is the package that defines it."""
    packages = statement_packages()
    for name, package in packages.items():
        assert name.partition(".")[0] == package.rpartition(".")[2], name


@pytest.mark.slow
def test_every_registered_statement_has_a_known_package() -> None:
    """In a process without tests and guides, no statement is registered that no module defines."""
    code = (
        "from ringfence.engine import registered\n"
        "from table_uses import statement_packages\n"
        "known = statement_packages()\n"
        "print([one.name for one in registered() if one.name not in known])"
    )
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_every_table_that_is_read_is_known_and_earlier() -> None:
    """A package reads its own tables, and declared ones of packages earlier in the flow of data."""
    assert problems(all_uses()) == ([], [], [])


STATEMENT = 'Statement("evidence.own", "SELECT account_key FROM holdings")'

PLANTED = {
    "a read of a later package's table": (
        'engine.rows("SELECT account_key FROM scored_accounts")',
        "backwards",
    ),
    "lower case": ('engine.rows("select account_key from scored_accounts")', "backwards"),
    "an f-string": (
        """engine.rows(f"SELECT {columns} FROM scored_accounts WHERE {condition}")""",
        "backwards",
    ),
    "a declaration as the name": (
        """engine.rows(f"SELECT * FROM {SCORED_ACCOUNTS.name}")""",
        "backwards",
    ),
    "text that does not parse alone": (
        """select = "SELECT a FROM scored_accounts WHERE a IN (" + keys + ")\"""",
        "backwards",
    ),
    "a subquery": (
        'engine.rows("WITH a AS (SELECT * FROM scored_accounts) SELECT * FROM a")',
        "backwards",
    ),
    "describe": ('engine.describe("scored_accounts")', "backwards"),
    "describe with a declaration": ("engine.describe(SCORED_ACCOUNTS.name)", "backwards"),
    "copy": ('engine.copy("FROM scored_accounts", path)', "backwards"),
    "copy in lower case": ('engine.copy("from scored_accounts", path)', "backwards"),
    "a statement that copies": ('engine.run(f"COPY scored_accounts TO {path}")', "backwards"),
    "a table that nobody writes": ('engine.rows("SELECT n FROM nobody_declared_this")', "unknown"),
    "description of a table that nobody writes": ('engine.describe("nobodys")', "unknown"),
    "another package's own table": ('engine.rows("SELECT * FROM catalogue_file")', "undeclared"),
    "a package that also writes the table": (
        'engine.table(SCORED_ACCOUNTS, columns)\nengine.rows("FROM scored_accounts")',
        "backwards",
    ),
}


@pytest.mark.parametrize("case", PLANTED)
@pytest.mark.parametrize("before", ["", STATEMENT], ids=["alone", "beside-a-statement"])
def test_a_forbidden_read_is_reported(case: str, before: str) -> None:
    """A module's text that reads a table it must not is reported, also beside a statement."""
    text, kind = PLANTED[case]
    planted = text_uses(f"{before}\n{text}\n", "ringfence.evidence", "planted.py")
    found = problems(all_uses() | planted)._asdict()
    assert [name for name, uses in found.items() if uses] == [kind]
    assert {use.place.partition(":")[0] for use in found[kind]} == {"planted.py"}


@pytest.mark.parametrize(
    "text",
    [
        '"""Select accounts from the table of nobody."""',
        'hint = "copy the files to a local folder, or pass a table from Python"',
        'hint = "from the command line, name a file"',
        STATEMENT,
        'engine.rows("WITH own AS (SELECT 1 AS n) SELECT n FROM own")',
        'engine.rows("SELECT * FROM read_parquet($path)")',
        'engine.rows("SELECT account_key FROM holdings")',
        """engine.rows(f"SELECT * FROM {relation}")""",
    ],
)
def test_other_text_is_not_reported(text: str) -> None:
    """Prose, common table expressions, files and reads in the right order are not reported."""
    planted = text_uses(text, "ringfence.evidence", "planted.py")
    assert problems(all_uses() | planted) == ([], [], [])


def test_every_declared_table_crosses_a_package_or_lasts() -> None:
    """A table that only its own package uses leaves the list."""
    crossed = {use.table for use in crossing(all_uses())}
    assert [name for name, one in TABLES.items() if name not in crossed and not one.lasting] == []


def test_the_declared_package_writes_the_table() -> None:
    """The package named in the declaration is one of those that write."""
    writers = writing_packages(all_uses())
    wrong = {
        name: writers.get(name)
        for name, one in TABLES.items()
        if f"ringfence.{one.package}" not in writers.get(name, set())
    }
    assert wrong == {}


def with_a_catalogue(folder: Path) -> Path:
    """Write a catalogue file with every column that is used."""
    path = folder / "catalogue.csv"
    rows = "\n".join(f"g{group}-{n},g{group},pop,{n}" for group in range(200) for n in range(8))
    path.write_text(f"item,group,genre,popularity\n{rows}\n")
    return path


def settings_with_key(folder: Path) -> ringfence.Settings:
    """Return settings with a key for pseudonyms."""
    path = key_file(folder / "key")
    return ringfence.Settings(privacy={"pseudonym_key": path})


@pytest.mark.parametrize("listed", [False, True], ids=["derived", "listed"])
def test_tables_are_as_declared(tmp_path: Path, *, listed: bool) -> None:
    """After a scan of a small ledger each declared table has its declared columns and types."""
    events = users(60, days=10, groups=200, uses=60)
    catalogue_file = with_a_catalogue(tmp_path) if listed else None
    with small_ledger(events, catalogue=catalogue_file) as context:
        engine = context.engine
        settings = ringfence.Settings()
        load_key(engine, settings_with_key(tmp_path))
        catalogue = load_catalogue(engine, catalogue_file, settings.catalogue)
        scored = judge(context, lambda _: None)
        conclude(engine, scored, find_rings(context, scored), catalogue, settings)
        missing = TABLES.keys() - engine.tables()
        differences = [
            line
            for name, one in TABLES.items()
            if name not in missing
            for line in one.differences(engine.describe(name))
        ]
    assert (missing, differences) == (set(), [])


THREE = Table(
    "three",
    "tests",
    "one row per number",
    (Column("n", "BIGINT", "a number"), Column("p_*", "DOUBLE", "any p-value")),
)


def test_a_declared_table_has_the_declared_types() -> None:
    """Types come from the declaration, also where arrays are empty or of another type."""
    with open_engine() as engine:
        for n in (np.array([1, 2], np.int8), np.array([], object)):
            engine.table(THREE, {"n": n, "p_a": n, "p_b": n})
            assert engine.describe("three") == {"n": "BIGINT", "p_a": "DOUBLE", "p_b": "DOUBLE"}
            assert THREE.differences(engine.describe("three")) == []


@pytest.mark.parametrize("columns", [{"n": 1, "other": 1}, {"p_a": 1}])
def test_columns_that_are_not_declared_are_refused(columns: dict[str, int]) -> None:
    """A column too many or too few is an error at once."""
    arrays = {name: np.array([value]) for name, value in columns.items()}
    with open_engine() as engine, pytest.raises(ValueError, match="table three: not declared"):
        engine.table(THREE, arrays)


def test_differences_name_column_and_types() -> None:
    """Another type, a missing column and an unknown one are three lines."""
    assert THREE.differences({"p_a": "DOUBLE", "p_b": "FLOAT", "m": "BIGINT"}) == [
        "three.m: declared None, found BIGINT",
        "three.n: declared BIGINT, found None",
        "three.p_b: declared DOUBLE, found FLOAT",
    ]

"""Tables between packages are declared, in order, and as they are declared."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest

import ringfence
from ringfence.catalogue import load_catalogue
from ringfence.engine import DuckDBEngine, Statement, registered
from ringfence.engine.lineage import lineage
from ringfence.model.tables import TABLES, Column, Table
from ringfence.pipeline.steps import find_rings
from ringfence.testing.small_ledger import small_ledger
from ringfence.testing.users import users
from ringfence.verdicts import conclude, judge

ROOT = Path(__file__).parents[2]

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(ringfence.__path__, "ringfence.")
    if not found.name.endswith("__main__")
]

LAYERS = [
    layer
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    if contract["type"] == "layers"
    for layer in reversed(contract["layers"])
]
"""Packages from the first in the flow of data to the last, as the import contract has them."""


class Use(NamedTuple):
    """One place in the code that reads or writes a table."""

    table: str
    package: str
    place: str


def package_of(module: str) -> str:
    """Return the layer that a module belongs to; ``testing`` comes after all of them."""
    inside = [layer for layer in LAYERS if f"{module}.".startswith(f"{layer}.")]
    return max(inside, key=len, default=".".join(module.split(".")[:2]))


def position(package: str) -> int:
    """Return the place of a package in the flow of data."""
    return LAYERS.index(package) if package in LAYERS else len(LAYERS)


def defined_statements(module: ModuleType) -> Iterator[Statement]:
    """Yield the statements that are constants of a module, alone, in tuples or in dictionaries."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for name, value in vars(module).items():
        # Only where it is assigned: neither an import nor the registry counts.
        if re.search(rf"^{name}\b.*=", source, re.MULTILINE) and name != "_REGISTRY":
            found = value.values() if isinstance(value, dict) else value
            several = found if isinstance(value, dict | tuple) else (value,)
            yield from (one for one in several if isinstance(one, Statement))


HOMES = {
    one.name: package_of(module.__name__)
    for module in MODULES
    for one in defined_statements(module)
}
"""The package of each statement."""


def text_of(node: ast.expr) -> str:
    """Return the text of a string constant; what an f-string fills in becomes ``_``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "_" for part in node.values)
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return name.lower() if name.isupper() else ""
    return ""


def python_uses(module: ModuleType) -> Iterator[tuple[str, Use]]:
    """Yield ("reads" or "writes", use) for SQL texts and calls of the engine in a module."""
    path = Path(str(module.__file__))
    package = package_of(module.__name__)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        place = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"table", "view", "arrow_table"} and len(node.args) == 2:
                yield "writes", Use(text_of(node.args[0]), package, place)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            text = text_of(node)
            if re.match(r"\s*(?:SELECT|WITH|FROM|INSERT|DELETE|CREATE|COPY)\b", text):
                for table in re.findall(r"\b(?:FROM|JOIN)\s+\"?([a-z_]\w*)", text):
                    yield "reads", Use(table, package, place)
                for table in re.findall(r"\b(?:INTO|TABLE|VIEW)\s+\"?([a-z_]\w*)", text):
                    yield "writes", Use(table, package, place)


def all_uses() -> dict[str, set[Use]]:
    """Return every read and write of a table in the code."""
    uses: dict[str, set[Use]] = {"reads": set(), "writes": set()}
    for one in registered():
        if one.name in HOMES:
            found = lineage(one.sql)
            uses["reads"] |= {Use(table, HOMES[one.name], one.name) for table in found.reads}
            uses["writes"] |= {Use(table, HOMES[one.name], one.name) for table in found.writes}
    for module in MODULES:
        # Statements are text in their modules, too, and known more exactly already.
        if ".engine." not in module.__name__ and not list(defined_statements(module)):
            for direction, use in python_uses(module):
                uses[direction].add(use)
        else:
            written = [use for kind, use in python_uses(module) if kind == "writes"]
            uses["writes"] |= {use for use in written if use.table in TABLES}
    return uses


USES = all_uses()
WRITERS: dict[str, set[str]] = {}
for write in USES["writes"]:
    WRITERS.setdefault(write.table, set()).add(write.package)


def crossing() -> list[Use]:
    """Return the reads of tables that other packages write, and the reading one does not."""
    return [
        read
        for read in USES["reads"]
        if WRITERS.get(read.table) and read.package not in WRITERS[read.table]
    ]


def test_the_flow_is_known() -> None:
    """The derived reads and writes contain what anybody knows of the code."""
    reads = {(use.table, use.package) for use in USES["reads"]}
    assert {
        ("events", "ringfence.ledger"),
        ("holdings", "ringfence.catalogue"),
        ("robots", "ringfence.evidence"),
        ("scored_accounts", "ringfence.pipeline"),
    } <= reads
    assert {"ringfence.ledger"} == WRITERS["holdings"] - {"ringfence.lab.evaluate"}
    assert WRITERS["scored_accounts"] == WRITERS["ring_members"] == {"ringfence.verdicts"}
    assert len(crossing()) > 40


def test_every_statement_is_named_after_its_package() -> None:
    """The first part of a statement's name is the package that defines it."""
    for name, package in HOMES.items():
        assert name.partition(".")[0] == package.rpartition(".")[2], name
    assert {one.name for one in registered() if not one.name.startswith("tests.")} <= HOMES.keys()


def test_every_table_that_crosses_a_package_is_declared() -> None:
    """A read of another package's table that is not in model/tables.py is an error."""
    assert [use for use in crossing() if use.table not in TABLES] == []


def test_every_declared_table_crosses_a_package_or_lasts() -> None:
    """A table that only its own package uses leaves the list."""
    crossed = {use.table for use in crossing()}
    assert [name for name, one in TABLES.items() if name not in crossed and not one.lasting] == []


def test_the_declared_package_writes_the_table() -> None:
    """The package named in the declaration is one of those that write."""
    wrong = {
        name: WRITERS.get(name)
        for name, one in TABLES.items()
        if f"ringfence.{one.package}" not in WRITERS.get(name, set())
    }
    assert wrong == {}


def test_no_table_is_read_before_it_is_written() -> None:
    """A package reads tables only of packages that come earlier in the flow of data."""
    backwards = [
        (use, TABLES[use.table].package)
        for use in crossing()
        if use.table in TABLES
        and position(use.package) < position(f"ringfence.{TABLES[use.table].package}")
    ]
    assert backwards == []


def with_a_catalogue(folder: Path) -> Path:
    """Write a catalogue file with every column that is used."""
    path = folder / "catalogue.csv"
    rows = "\n".join(f"g{group}-{n},g{group},pop,{n}" for group in range(200) for n in range(8))
    path.write_text(f"item,group,genre,popularity\n{rows}\n")
    return path


@pytest.mark.parametrize("listed", [False, True], ids=["derived", "listed"])
def test_tables_are_as_declared(tmp_path: Path, *, listed: bool) -> None:
    """After a scan of a small ledger each declared table has its declared columns and types."""
    events = users(60, days=10, groups=200, uses=60)
    catalogue_file = with_a_catalogue(tmp_path) if listed else None
    with small_ledger(events, catalogue=catalogue_file) as context:
        engine = context.engine
        settings = ringfence.Settings()
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
    with DuckDBEngine() as engine:
        for n in (np.array([1, 2], np.int8), np.array([], object)):
            engine.table(THREE, {"n": n, "p_a": n, "p_b": n})
            assert engine.describe("three") == {"n": "BIGINT", "p_a": "DOUBLE", "p_b": "DOUBLE"}
            assert THREE.differences(engine.describe("three")) == []


@pytest.mark.parametrize("columns", [{"n": 1, "other": 1}, {"p_a": 1}])
def test_columns_that_are_not_declared_are_refused(columns: dict[str, int]) -> None:
    """A column too many or too few is an error at once."""
    arrays = {name: np.array([value]) for name, value in columns.items()}
    with DuckDBEngine() as engine, pytest.raises(ValueError, match="table three: not declared"):
        engine.table(THREE, arrays)


def test_differences_name_column_and_types() -> None:
    """Another type, a missing column and an unknown one are three lines."""
    assert THREE.differences({"p_a": "DOUBLE", "p_b": "FLOAT", "m": "BIGINT"}) == [
        "three.m: declared None, found BIGINT",
        "three.n: declared BIGINT, found None",
        "three.p_b: declared DOUBLE, found FLOAT",
    ]

"""The source stays readable: one meaning per name, and files and functions of a moderate length."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from benchmarks.house import (
    Module,
    declared,
    declared_constants,
    modules,
    names_with_two_meanings,
    tables,
)

FOLDER = Path(__file__).parents[1] / "src" / "ringfence"


@cache
def source() -> list[Module]:
    """Return the modules of the package. To read them takes seconds, so only tests ask."""
    return modules(FOLDER)


def body_lines(function: ast.FunctionDef) -> int:
    """Return the lines of a function without its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def module_of(name: str, text: str) -> Module:
    """Return a module with this source text."""
    return Module(Path(name), ast.parse(text), text.count("\n"))


def test_a_public_name_is_defined_in_one_module() -> None:
    """No constant, alias or class at the top of a module has the name of one in another module."""
    # Alembic reads the same four names from each migration.
    named = [module for module in source() if "versions" not in module.path.parts]
    assert names_with_two_meanings(named) == []


def test_a_name_with_two_meanings_is_noticed() -> None:
    """A constant and a class of one name in two modules are reported; private names are not."""
    one = module_of("one.py", "LIMIT: int = 3\n_OWN = 1\nclass Ring: ...\n")
    two = module_of("two.py", "LIMIT = 4\n_OWN = 2\nRing = dict\n")
    assert names_with_two_meanings([one, two]) == ["LIMIT", "Ring"]


def test_files_and_functions_are_short() -> None:
    """A file has at most 400 lines, and the body of a function at most 50."""
    assert [str(module.path) for module in source() if module.lines > 400] == []
    functions = [
        (str(module.path), node)
        for module in source()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(functions) > 1000
    assert [(path, one.name) for path, one in functions if body_lines(one) > 50] == []


MODEL = module_of(
    "model/tables.py",
    """
\"\"\"The word orders declares nothing.\"\"\"
def _counts(name): return Table(name, "ledger", "one row per account", ())
SCORES: Final = Table("scores", "verdicts", "one row per account", ())
CLIENTS: Final = _counts("clients")
TABLES: Final = {one.name: one for one in (SCORES, CLIENTS)}
""",
)
OLD_MODEL = module_of(
    "ledger/tables.py",
    """
\"\"\"The word orders declares nothing.\"\"\"
TABLES: Final = {"scores": "account_key UBIGINT, orders BIGINT", "clients": "client VARCHAR"}
""",
)
READER = module_of(
    "report/rows.py",
    """
_COLUMNS = "account_key, p_value"
ROWS = Statement("report.rows", f"SELECT {_COLUMNS} FROM scores JOIN orders USING (account_key)")
""",
)


def test_declared_tables_are_those_with_a_schema() -> None:
    """New trees declare by ``Table(...)`` and old ones by a dictionary; no other word counts."""
    assert declared([MODEL]) == declared([OLD_MODEL]) == {"scores", "clients"}
    assert declared_constants([MODEL]) == {"SCORES": "scores", "CLIENTS": "clients"}
    assert declared([module_of("other.py", 'A = Table("a", "b", "c", ())')]) == set()


@pytest.mark.parametrize(
    ("model", "table"), [(MODEL, "SCORES"), (OLD_MODEL, '"scores"')], ids=["new", "old"]
)
def test_a_table_from_arrays_crosses_packages(model: Module, table: str) -> None:
    """A table is measured alike whether it is named by a declaration or by a string."""
    writer = module_of(
        "verdicts/judge.py", f"engine.table({table}, columns)\nengine.table('orders', columns)\n"
    )
    sources = [model, writer, READER]
    assert tables(sources).crossing() == {"scores", "orders"}
    assert tables(sources).crossing() - declared(sources) == {"orders"}


def test_every_table_of_the_source_that_crosses_packages_has_a_schema() -> None:
    """Tables made by statements and those made from arrays are both declared."""
    crossing = tables(source()).crossing()
    assert {"scored_accounts", "ring_members", "events", "portfolio"} <= crossing
    assert crossing - declared(source()) == set()


def test_hours_and_days_in_seconds_have_one_definition() -> None:
    """No module but ``stats/seconds.py`` writes 3600 or 86400 in an expression.

    SQL cannot use the constants, and the bound of one setting is written as a number.
    """
    found = [
        f"{module.path.name}:{node.lineno}"
        for module in source()
        if module.path.name not in {"seconds.py", "settings.py"}
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value in {3600, 86_400, 86_400_000}
    ]
    assert found == []

"""Derive the places in the code that read and write tables, for the reference and its tests.

Three kinds of places count: the SQL of every registered :class:`ringfence.engine.Statement`, any
other SQL text in a module, and calls of the engine that name a table, such as ``engine.table``.
A name that reaches the engine through a variable is not seen.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

import sqlglot

import ringfence
from ringfence.engine import Statement, registered
from ringfence.engine.lineage import lineage
from ringfence.model.tables import TABLES

ROOT: Final = Path(__file__).parents[1]

READING: Final = {"describe", "copy", "arrow"}
"""Methods of the engine whose first argument may be the name of a table to read."""
WRITING: Final = {"table", "view", "arrow_table"}
"""Methods of the engine whose first argument is the name of a table to write."""

STAGING: Final = {"create", "insert"}
"""Functions of ``events/staging.py``, whose second argument is the name of a table to write."""

FILLED: Final = "_"
"""A sign in place of a part of an f-string that is known only at run time."""

_BEGINS_SQL: Final = re.compile(
    r"\s*(?:(?:SELECT|WITH|FROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE|DESCRIBE"
    r"|CREATE\s+(?:OR|TEMP|TEMPORARY|TABLE|VIEW)|COPY\s+\w+\s+(?:TO|FROM))\b|COPY\s*\()",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[a-z_]\w*", re.IGNORECASE)


class Use(NamedTuple):
    """One place in the code that reads or writes a table."""

    direction: str
    table: str
    package: str
    place: str


class Problems(NamedTuple):
    """Uses of tables that break the rules of ``model/tables.py``.

    Attributes:
        unknown: reads of names that nothing writes and nobody declares.
        undeclared: reads of another package's table that is not declared.
        backwards: reads of a declared table by a package that comes before the table's own.
    """

    unknown: list[Use]
    undeclared: list[Use]
    backwards: list[Use]


def layers() -> list[str]:
    """Return the packages from the first in the flow of data to the last, by import contract."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    found = [one["layers"] for one in contracts if one["type"] == "layers"]
    return [layer for stack in found for layer in reversed(stack)]


LAYERS: Final = layers()


def package_of(module: str) -> str:
    """Return the layer that a module belongs to; ``testing`` comes after all of them."""
    inside = [layer for layer in LAYERS if f"{module}.".startswith(f"{layer}.")]
    return max(inside, key=len, default=".".join(module.split(".")[:2]))


def position(package: str) -> int:
    """Return the place of a package in the flow of data."""
    return LAYERS.index(package) if package in LAYERS else len(LAYERS)


@cache
def all_modules() -> tuple[ModuleType, ...]:
    """Import and return every module of the package."""
    found = pkgutil.walk_packages(ringfence.__path__, "ringfence.")
    return tuple(
        importlib.import_module(one.name)
        for one in found
        if not one.name.endswith(("__main__", "migrations.env"))
    )


def problems(uses: Iterable[Use]) -> Problems:
    """Return the uses that break a rule, in order; an empty result is a clean code base."""
    uses = sorted(uses)
    writers = writing_packages(uses)
    reads = [use for use in uses if use.direction == "reads"]
    declared = [read for read in reads if read.table in TABLES]
    other = [read for read in reads if read.table not in TABLES]
    return Problems(
        unknown=[read for read in other if read.table not in writers],
        undeclared=[
            read
            for read in other
            if read.table in writers and read.package not in writers[read.table]
        ],
        backwards=[
            read
            for read in declared
            if position(read.package) < position(f"ringfence.{TABLES[read.table].package}")
        ],
    )


def writing_packages(uses: Iterable[Use]) -> dict[str, set[str]]:
    """Return the packages that write each table, by the table's name."""
    found: dict[str, set[str]] = {}
    for use in uses:
        if use.direction == "writes":
            found.setdefault(use.table, set()).add(use.package)
    return found


def crossing(uses: Iterable[Use]) -> list[Use]:
    """Return the reads of tables that other packages write, and the reading one does not."""
    uses = sorted(uses)
    writers = writing_packages(uses)
    return [
        use
        for use in uses
        if use.direction == "reads"
        and use.table in writers
        and use.package not in writers[use.table]
    ]


def statement_packages() -> dict[str, str]:
    """Return the package that defines each statement, by the statement's name."""
    return {
        statement.name: package_of(module.__name__)
        for module in all_modules()
        for statement in _constants(module)
    }


def _constants(module: ModuleType) -> Iterator[Statement]:
    """Yield the statements that a module defines, alone, in tuples or in dictionaries."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for name, value in vars(module).items():
        # Only where it is assigned: neither an import nor the registry counts.
        if re.search(rf"^{name}\b.*=", source, re.MULTILINE) and name != "_REGISTRY":
            found = value.values() if isinstance(value, dict) else value
            several = found if isinstance(value, dict | tuple) else (value,)
            yield from (one for one in several if isinstance(one, Statement))


@cache
def all_uses() -> frozenset[Use]:
    """Return every read and write of a table in the code."""
    packages = statement_packages()
    uses: set[Use] = set()
    for one in registered():
        if one.name in packages:
            uses |= _with_place(_uses_of_sql(one.sql), packages[one.name], one.name)
    for module in all_modules():
        # The engine's own texts name what DuckDB keeps, such as its tables of rejects.
        if not module.__name__.startswith("ringfence.engine."):
            path = Path(str(module.__file__))
            text = path.read_text(encoding="utf-8")
            uses |= text_uses(text, package_of(module.__name__), path.name)
    return frozenset(uses)


def text_uses(source: str, package: str, file: str) -> set[Use]:
    """Return the uses of tables in a module's text, except those inside ``Statement(...)``.

    Args:
        source: the text of the module.
        package: the package it belongs to.
        file: its name, for the places.
    """
    tree = ast.parse(source)
    skipped = _ignored(tree)
    uses: set[Use] = set()
    for node in ast.walk(tree):
        if id(node) not in skipped:
            place = f"{file}:{getattr(node, 'lineno', 0)}"
            uses |= _with_place(_uses_of_node(node), package, place)
    return uses


def _with_place(found: Iterable[tuple[str, str]], package: str, place: str) -> set[Use]:
    return {Use(direction, table, package, place) for direction, table in found}


def _ignored(tree: ast.Module) -> set[int]:
    """Return the ids of nodes inside statements, which are registered, and of docstrings."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Statement":
            skipped |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
    return skipped


def _uses_of_node(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in STAGING:
        if len(node.args) > 1 and (name := text_of(node.args[1])):
            yield "writes", name
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        name = text_of(node.args[0])
        if node.func.attr in WRITING and len(node.args) == 2 and name:
            yield "writes", name
        elif node.func.attr in READING and _NAME.fullmatch(name):
            yield "reads", name
    elif isinstance(node, ast.Constant | ast.JoinedStr):
        text = text_of(node)
        if _BEGINS_SQL.match(text):
            yield from _uses_of_sql(text)


def text_of(node: ast.expr) -> str:
    """Return the text of a string, or the table's name for a declaration such as ``EVENTS``.

    A part of an f-string that is known only at run time becomes ``_``.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or FILLED for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value)
    if isinstance(node, ast.Attribute) and node.attr == "name":
        return text_of(node.value)
    name = getattr(node, "id", getattr(node, "attr", ""))
    return name.lower() if name.isupper() and name.lower() in TABLES else ""


def _computed(name: str) -> bool:
    """Return whether a part of a table's name is known only at run time."""
    return name.startswith(FILLED) or name.endswith(FILLED)


def _uses_of_sql(text: str) -> set[tuple[str, str]]:
    try:
        found = lineage(text)
        reads, writes = found.reads, found.writes
    except sqlglot.errors.SqlglotError:
        reads, writes = _guess(text)
    uses = {("reads", name) for name in reads} | {("writes", name) for name in writes}
    return {(direction, name) for direction, name in uses if not _computed(name)}


def _guess(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Find tables in SQL that does not parse on its own, such as the beginning of a statement.

    Text with neither FROM in capitals nor SELECT in any case is prose, and names no table.
    """
    if not re.search(r"\bFROM\b|(?i:\bselect\b)", text):
        return frozenset(), frozenset()
    words = re.IGNORECASE
    local = set(re.findall(r"\b(\w+)\s+AS\s+(?:MATERIALIZED\s+)?\(", text, words))
    reads = set(re.findall(r"\b(?:FROM|JOIN)\s+\"?([a-z_]\w*)\b(?!\s*\()", text, words))
    writes = set(re.findall(r"\b(?:INTO|TABLE|VIEW)\s+\"?([a-z_]\w*)", text, words))
    return frozenset(reads - local), frozenset(writes)

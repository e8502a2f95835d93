"""Derive the tables that a statement reads and writes from its SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from ringfence.engine.statement import Statement, registered


@dataclass(frozen=True)
class Lineage:
    """The tables and views of one statement.

    Attributes:
        reads: tables whose rows the statement reads.
        writes: tables that it creates, replaces, or changes the rows of.
    """

    reads: frozenset[str]
    writes: frozenset[str]


@cache
def lineage(sql: str) -> Lineage:
    """Derive the tables that a statement reads and writes.

    Names of common table expressions and table functions such as ``read_parquet`` are not tables.
    A statement that replaces a table by its own rows both reads and writes it. DROP is neither.

    Args:
        sql: one statement in DuckDB's dialect.

    Raises:
        sqlglot.errors.ParseError: the text is not a statement of DuckDB's dialect.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    target = _target(tree)
    local = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = {
        table.name
        for table in tree.find_all(exp.Table)
        if table is not target and table.name and table.name not in local
    }
    if isinstance(tree, exp.Drop):
        return Lineage(frozenset(), frozenset())
    return Lineage(frozenset(read), frozenset([target.name] if target else []))


def writers(statements: Iterable[Statement] | None = None) -> dict[str, frozenset[str]]:
    """Return the names of the statements that write each table, by table.

    Args:
        statements: all that are registered, if not given.
    """
    return _by_table("writes", registered() if statements is None else statements)


def readers(statements: Iterable[Statement] | None = None) -> dict[str, frozenset[str]]:
    """Return the names of the statements that read each table, by table.

    Args:
        statements: all that are registered, if not given.
    """
    return _by_table("reads", registered() if statements is None else statements)


def _by_table(direction: str, statements: Iterable[Statement]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for statement in statements:
        for table in getattr(lineage(statement.sql), direction):
            found.setdefault(table, set()).add(statement.name)
    return {table: frozenset(names) for table, names in sorted(found.items())}


def _target(tree: exp.Expr) -> exp.Table | None:
    """Return the table that a statement writes."""
    if not isinstance(tree, exp.Create | exp.Insert | exp.Delete | exp.Update):
        return None
    return tree.this.find(exp.Table) if isinstance(tree.this, exp.Expr) else None

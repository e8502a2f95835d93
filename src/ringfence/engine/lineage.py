"""Derive the tables that a statement reads and writes from its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp


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


def _target(tree: exp.Expr) -> exp.Table | None:
    """Return the table that a statement writes."""
    if not isinstance(tree, exp.Create | exp.Insert | exp.Delete | exp.Update):
        return None
    return tree.this.find(exp.Table) if isinstance(tree.this, exp.Expr) else None

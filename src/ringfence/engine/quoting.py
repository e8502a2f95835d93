"""Quoting of names and values that become part of a statement's text."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp


def identifier(name: str) -> str:
    """Quote a table or column name."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def literal(value: str | float | bool | Sequence[str]) -> str:
    """Quote a value; a sequence of strings becomes a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return exp.convert(list(value)).sql("duckdb")
    return exp.convert(value).sql("duckdb")

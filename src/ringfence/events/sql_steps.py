"""A SELECT as named steps: each step adds a column that the next one can use."""

from __future__ import annotations


def with_column(select: str, expression: str, name: str) -> str:
    """Return a SELECT with all columns of another one and one more.

    A step of its own makes the engine compute the expression once, however often it is used.

    Args:
        select: SQL of the other SELECT.
        expression: SQL over its columns.
        name: name of the new column; a plain identifier.
    """
    return f"SELECT *, {expression} AS {name} FROM ({select}) AS step"  # noqa: S608 - made here

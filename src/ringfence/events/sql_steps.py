"""SQL of several steps, in each of which a value is used as often as needed.

The engine moves filters down to the source, and on the way it copies the expression of every column
that they depend on. Columns that use each other several times would therefore grow without bounds.
A lambda names a value without copying it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

SQLStep = Callable[[str], str]
"""A function from SQL, the name of a value, to SQL over it."""


def with_column(select: str, expression: str, name: str) -> str:
    """Return a SELECT with all columns of another one and one more.

    Args:
        select: SQL of the other SELECT.
        expression: SQL over its columns.
        name: name of the new column; a plain identifier.
    """
    return f"SELECT *, {expression} AS {name} FROM ({select}) AS step"  # noqa: S608 - made here


def in_steps(values: str, steps: Sequence[SQLStep]) -> str:
    """Return SQL of a list whose values go through all steps, one after the other.

    The engine prepares a lambda for each batch of rows, which takes about half a millisecond. Guard
    it with a CASE that few batches pass.

    Args:
        values: SQL of a list.
        steps: functions of the name of one value.
    """
    for step in steps:
        values = f"list_transform({values}, lambda one: {step('one')})"
    return values


def let(value: str, *steps: SQLStep) -> str:
    """Return SQL of one value that goes through all steps."""
    return f"{in_steps(f'[{value}]', steps)}[1]"

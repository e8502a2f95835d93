"""The source stays readable: one meaning per name, and files and functions of a moderate length."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from benchmarks.house import Module, modules, names_with_two_meanings

SOURCE = modules(Path(__file__).parents[1] / "src" / "ringfence")


def body_lines(function: ast.FunctionDef) -> int:
    """Return the lines of a function without its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def module_of(name: str, text: str) -> Module:
    """Return a module with this source text."""
    return Module(Path(name), ast.parse(text), text.count("\n"))


def test_a_public_name_is_defined_in_one_module() -> None:
    """No constant, alias or class at the top of a module has the name of one in another module."""
    assert names_with_two_meanings(SOURCE) == []


def test_a_name_with_two_meanings_is_noticed() -> None:
    """A constant and a class of one name in two modules are reported; private names are not."""
    one = module_of("one.py", "LIMIT: int = 3\n_OWN = 1\nclass Ring: ...\n")
    two = module_of("two.py", "LIMIT = 4\n_OWN = 2\nRing = dict\n")
    assert names_with_two_meanings([one, two]) == ["LIMIT", "Ring"]


@pytest.mark.parametrize("module", SOURCE, ids=lambda module: str(module.path))
def test_files_and_functions_are_short(module: Module) -> None:
    """A file has at most 400 lines, and the body of a function at most 50."""
    assert module.lines <= 400
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if body_lines(f) > 50] == []

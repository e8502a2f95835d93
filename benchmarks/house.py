"""Measure how readable the code base is, for one or more trees of it side by side.

    python benchmarks/house.py TREE [TREE ...]
    python benchmarks/house.py --packages

The first prints a Markdown table with one column per tree, such as a clone at an older commit and
this one. Everything is read from the source text; only the import time and the style count run
code, the first from the tree's own ``src`` and the second with this checkout's
``docs/check_style.py``.

A *name with two meanings* is a constant, alias or class that two modules of ``src`` define at their
top level. A *table without schema* is one that a statement of one package writes and a statement of
another reads, but that no module of declared tables declares. A statement whose table is named by a
variable is not seen, in any tree.
"""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlglot
from sqlglot import exp

HERE: Final = Path(__file__).parents[1]
SMALL: Final = 60
"""Lines below which a file counts as small."""
RUNS: Final = 7
"""Imports that are timed; the shortest counts, for other work only adds."""
DECLARING: Final = (
    *(
        Path(f"model/{name}.py")
        for name in ("tables", "event_table", "request_tables", "place_table", "robot_tables")
    ),
    Path("ledger/tables.py"),
)
"""Modules that declare schemas, in this tree and in older ones."""
FILLED: Final = "_"
"""A sign in place of a part of an f-string that is not a constant of the module."""


@dataclass
class Module:
    """One source file, read as text and as a syntax tree."""

    path: Path
    tree: ast.Module
    lines: int

    @property
    def package(self) -> str:
        """The folder of ``src/ringfence`` it is in; its own name at the top."""
        parts = self.path.parts
        return parts[0].removesuffix(".py") if parts[0] != "lab" else "/".join(parts[:2])


@dataclass
class Tables:
    """The packages that write and read each table, read from the SQL of statements."""

    writers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    readers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def crossing(self) -> set[str]:
        """Return the tables that one package writes and another one reads."""
        return {name for name, by in self.writers.items() if self.readers[name] - by}


def modules(root: Path) -> list[Module]:
    """Read every Python file below a folder."""
    found = []
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path.relative_to(root), ast.parse(text), text.count("\n")))
    return found


def function_lengths(sources: list[Module]) -> list[int]:
    """Return the length of every function in lines, docstring and signature included."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for module in sources
        for node in ast.walk(module.tree)
        if isinstance(node, kinds)
    ]


def names_with_two_meanings(sources: list[Module]) -> list[str]:
    """Return the public constants, aliases and classes that several modules define."""
    homes: dict[str, set[Path]] = defaultdict(set)
    for module in sources:
        for node in module.tree.body:
            for name in _defined(node):
                if not name.startswith("_"):
                    homes[name].add(module.path)
    return sorted(name for name, where in homes.items() if len(where) > 1)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def tables(sources: list[Module]) -> Tables:
    """Read from the SQL of all statements which tables each package writes and reads."""
    found = Tables()
    constants = declared_constants(sources)
    for module in sources:
        for sql in _statements(module.tree):
            try:
                tree = sqlglot.parse_one(sql, read="duckdb")
            except sqlglot.errors.ParseError:
                continue
            written = _target(tree)
            if written:
                found.writers[written].add(module.package)
            local = {cte.alias for cte in tree.find_all(exp.CTE)} | {FILLED}
            for table in tree.find_all(exp.Table):
                if table.name and table.name not in local | {written}:
                    found.readers[table.name].add(module.package)
        for name in _made_from_arrays(module.tree, constants):
            found.writers[name].add(module.package)
    return found


def _statements(tree: ast.Module) -> Iterator[str]:
    constants = _constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Statement":
            texts = [_text(argument, constants) for argument in node.args]
            if len(texts) > 1:
                yield texts[1]


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the values that a module assigns at its top level, by name."""
    return {
        name: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for name in _defined(node)
    }


def _text(node: ast.expr, constants: dict[str, ast.expr]) -> str:
    """Return the text of a string, of an f-string, or of a constant with one of these."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, constants)
    if isinstance(node, ast.Name) and node.id in constants:
        return _text(constants[node.id], constants)
    return FILLED


def _made_from_arrays(tree: ast.Module, constants: dict[str, str]) -> Iterator[str]:
    """Yield the tables that ``engine.table(name, columns)`` makes.

    Args:
        tree: the module.
        constants: the name of the table that each constant declares.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"table", "view"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif isinstance(first, ast.Name) and first.id in constants:
                yield constants[first.id]


def _target(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Create | exp.Insert):
        table = tree.this.find(exp.Table)
        return table.name if table else ""
    return ""


def declared_constants(sources: list[Module]) -> dict[str, str]:
    """Return the constants that declare a table, such as ``EVENTS``, and the table's name."""
    found = {}
    for module in sources:
        if module.path in DECLARING:
            makers = {"Table"} | _declaring_functions(module.tree)
            for name, value in _constants(module.tree).items():
                if isinstance(value, ast.Call) and getattr(value.func, "id", "") in makers:
                    found[name] = _text(value.args[0], {})
    return found


def _declaring_functions(tree: ast.Module) -> set[str]:
    """Return the functions of a module that return ``Table(...)``."""
    return {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "Table"
    }


def declared(sources: list[Module]) -> set[str]:
    """Return the names of tables with a schema: by constant, or in the dictionary of old trees."""
    names = set(declared_constants(sources).values())
    for module in sources:
        listed = _constants(module.tree).get("TABLES")
        if module.path in DECLARING and isinstance(listed, ast.Dict):
            names |= {_text(key, {}) for key in listed.keys if key}
    return names


def import_time(tree: Path, statement: str) -> float:
    """Return the shortest of several times that a new process takes for a statement, in seconds."""
    command = (
        f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", command],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()[-1]
        )
        for _ in range(RUNS)
    ]
    return min(times)


def retired_constructions(tree: Path) -> str:
    """Return the retired constructions per 10,000 words, as ``docs/check_style.py`` counts them."""
    checker = HERE / "docs" / "check_style.py"
    places = [str(tree / name) for name in ("README.md", "docs", "src", "tests")]
    done = subprocess.run(
        [sys.executable, str(checker), "--count", *places],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "not counted"


def measured(tree: Path) -> dict[str, str]:
    """Return every figure of one tree as text."""
    source = modules(tree / "src" / "ringfence")
    tests = modules(tree / "tests")
    lengths = [module.lines for module in source]
    functions = function_lengths(source)
    crossing = tables(source).crossing()
    undeclared = crossing - declared(source)
    lines, test_lines = sum(lengths), sum(module.lines for module in tests)
    return {
        "source files": f"{len(source):,}",
        "source lines": f"{lines:,}",
        "file length: median / p95 / max": spread(lengths),
        f"files under {SMALL} lines": f"{sum(n < SMALL for n in lengths) / len(lengths):.0%}",
        "function length: median / p95 / max": spread(functions),
        "names with two meanings": f"{len(names_with_two_meanings(source)):,}",
        "tables that cross packages": f"{len(crossing):,}",
        "of these without a schema": f"{len(undeclared):,}",
        "test lines per source line": f"{test_lines / lines:.2f}",
        "`import ringfence`, seconds": f"{import_time(tree, 'import ringfence'):.2f}",
        "retired constructions per 10,000 words": retired_constructions(tree),
    }


def spread(values: list[int]) -> str:
    """Return median, 95 % quantile and maximum as text."""
    percentiles = statistics.quantiles(values, n=20)
    return f"{statistics.median(values):.0f} / {percentiles[-1]:.0f} / {max(values):,}"


def ratios(tree: Path) -> dict[str, float]:
    """Return the lines of tests per line of source of each package that has a folder of tests."""
    lines = [Counter[str](), Counter[str]()]
    for counter, root in zip(lines, (tree / "src" / "ringfence", tree / "tests"), strict=True):
        for module in modules(root):
            counter[module.package] += module.lines
    source, tests = lines
    return {name: tests[name] / source[name] for name in sorted(source) if tests[name]}


def main(trees: list[str]) -> None:
    """Print the table."""
    if trees == ["--packages"]:
        for name, ratio in ratios(HERE).items():
            print(f"{ratio:.2f} {name}")
        return
    columns = [measured(Path(tree).resolve()) for tree in trees or [str(HERE)]]
    names = [Path(tree).resolve().name for tree in trees] or [HERE.name]
    print("| | " + " | ".join(names) + " |")
    print("| --- |" + " ---: |" * len(names))
    for figure in columns[0]:
        print(f"| {figure} | " + " | ".join(column[figure] for column in columns) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The path from sources to findings exists once, and rings has one public door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.house import Module, modules

ROOT = Path(__file__).parents[2]
STEPS = {
    "build_context": "pipeline/context.py",
    "detect_rings": "rings/detect.py",
    "load_catalogue": "catalogue/catalogue.py",
    "measure_extent": "pipeline/context.py",
    "recover": "events/reading.py",
    "run_steps": "evidence/steps.py",
    "set_robots_apart": "population/robots.py",
}
"""Functions that only the pipeline calls, or only their own module, and where each is defined."""


def calls(module: Module) -> Iterator[str]:
    """Yield the names of all functions and methods that a module calls."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def repeated(module: Module) -> list[str]:
    """Return the steps of the path that a module outside the pipeline calls itself."""
    if module.package == "pipeline":
        return []
    where = module.path.as_posix()
    return sorted({name for name in calls(module) if name in STEPS and STEPS[name] != where})


def inner_imports(module: Module) -> list[str]:
    """Return the sub-packages of ``ringfence.rings`` that a module imports."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
    return sorted({str(n.module) for n in found if str(n.module).startswith("ringfence.rings.")})


@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_where_the_table_says(name: str) -> None:
    """A step that moves or changes its name must change in the table as well."""
    tree = ast.parse((ROOT / "src/ringfence" / STEPS[name]).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in functions


@pytest.mark.slow
def test_only_the_pipeline_calls_the_steps() -> None:
    """Commands, the lab, the public checks and the benchmarks call the pipeline instead."""
    for folder in ("src/ringfence", "benchmarks"):
        found = {str(m.path): repeated(m) for m in modules(ROOT / folder) if repeated(m)}
        assert found == {}


def test_a_second_path_is_noticed() -> None:
    """A module of the lab that calls a step itself is reported; one that calls measure is not."""
    text = "robots.set_robots_apart(engine)\nrun_steps(engine)\nmeasure(ledger)\n"
    module = Module(Path("lab/evaluate/other.py"), ast.parse(text), 3)
    assert repeated(module) == ["run_steps", "set_robots_apart"]


def test_benchmarks_use_the_public_door_of_rings() -> None:
    """No benchmark imports a sub-package of rings; import-linter checks the source only."""
    assert {str(m.path): inner_imports(m) for m in modules(ROOT / "benchmarks")} == {
        str(m.path): [] for m in modules(ROOT / "benchmarks")
    }

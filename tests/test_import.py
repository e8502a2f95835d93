"""``import ringfence`` and ``ringfence --help`` load no heavy library, and every name works."""

from __future__ import annotations

import json
import subprocess
import sys
import typing

import pytest

import ringfence

HEAVY = (
    "altair", "arro3", "duckdb", "jinja2", "numpy", "pandas", "polars", "pyarrow", "pydantic",
    "scipy", "sklearn", "sqlglot", "vl_convert",
)  # fmt: skip
"""Libraries that take a noticeable time to load."""


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Run a program in a new process and return the heavy libraries that it loaded."""
    report = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", report + code, *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name.partition(".")[0] for name in json.loads(done.stderr)} & {*HEAVY, "typer", "rich"}


def test_the_import_loads_no_library() -> None:
    """``import ringfence`` loads neither a heavy library nor those of the command line."""
    assert loaded_by("import ringfence") == set()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_help_loads_only_typer(option: str) -> None:
    """The root's help lists every sub-command without importing one."""
    code = "from ringfence.cli import main; main()"
    assert loaded_by(code, option) <= {"typer", "rich"}


def test_the_help_of_the_main_command_is_light() -> None:
    """``scan --help`` loads only Typer, and Pydantic, with which Typer reads options."""
    code = "from ringfence.cli import main; main()"
    assert loaded_by(code, "scan", "--help") <= {"typer", "rich", "pydantic"}


def test_a_report_needs_no_javascript_engine() -> None:
    """The charts of findings and of leaks load no drawing library."""
    code = "import ringfence.leaks.charts, ringfence.report.case_charts, ringfence.report.views"
    assert not {"altair", "vl_convert"} & loaded_by(code)


def test_a_name_loads_its_module_once() -> None:
    """A public name is loaded when it is first used, and is then an ordinary attribute."""
    loaded = loaded_by(
        "import ringfence\n"
        "assert 'Settings' not in vars(ringfence)\n"
        "first = ringfence.Settings\n"
        "assert vars(ringfence)['Settings'] is first is ringfence.Settings\n"
    )
    assert "pydantic" in loaded
    assert "duckdb" not in loaded


@pytest.mark.parametrize("name", ringfence.__all__)
def test_every_public_name_exists(name: str) -> None:
    """Every name of ``__all__`` can be imported and is listed by ``dir``."""
    assert getattr(ringfence, name) is not None
    assert name in dir(ringfence)


def test_type_checkers_see_every_public_name() -> None:
    """The names declared for type checkers are those that load at run time."""
    with open(ringfence.__file__, encoding="utf-8") as file:  # noqa: PTH123 - a module's own file
        source = file.read()
    declared = source.partition("if TYPE_CHECKING:")[2].partition("\n_MODULES")[0]
    assert [name for name in ringfence.__all__ if f" {name}\n" not in declared
            and f"{name}: str" not in declared] == []  # fmt: skip


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that does not exist fails as in any other module."""
    with pytest.raises(AttributeError, match="module 'ringfence' has no attribute 'scam'"):
        typing.cast("typing.Any", ringfence).scam  # noqa: B018 - the access is the test

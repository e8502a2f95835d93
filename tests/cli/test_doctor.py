"""``ringfence doctor``: the parts that are installed, and the commands that add the others."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# The package's name for it is the function.
doctor = import_module("ringfence.cli.doctor")


def names(requirements: list[str]) -> set[str]:
    """Return the names of the packages in a list of requirements."""
    return {re.split(r"[<>=;\s\[]", one)[0] for one in requirements}


def test_every_part_has_a_row(run: Run) -> None:
    """Python, required packages, optional packages and development tools have a row each."""
    done = run("doctor")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:] if line}
    assert done.returncode == 0
    assert rows["duckdb"] == [version("duckdb")]
    assert {"python", "sqlglot", "vl-convert-python", "goaccess", "polars"} <= rows.keys()
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_requirement_is_listed() -> None:
    """The list of required packages is that of pyproject.toml; Python 3.14 has zstandard's part."""
    newer = {"zstandard"} if sys.version_info >= (3, 14) else set()
    assert set(doctor.REQUIRED) == names(PROJECT["dependencies"]) - newer


def test_every_extra_is_listed() -> None:
    """The optional packages and their extras are those of pyproject.toml."""
    listed: dict[str, set[str]] = {}
    for package, (extra, _) in doctor.EXTRAS.items():
        listed.setdefault(extra, set()).add(package)
    assert listed == {
        extra: names(packages) for extra, packages in PROJECT["optional-dependencies"].items()
    }


def test_json_rows(run: Run) -> None:
    """JSON has the same rows; a hint stands only where a part is missing."""
    rows = json.loads(run("doctor", "--json").stdout)
    assert all(row.keys() == {"part", "found", "needed", "hint"} for row in rows)
    assert all(bool(row["found"]) != bool(row["hint"]) for row in rows)


def test_a_missing_package_is_status_two(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a required package, the command that adds it is shown and the status is 2."""
    monkeypatch.setattr(doctor, "REQUIRED", ("duckdb", "ringfence-has-no-such-part"))
    done = run("doctor")
    assert done.returncode == 2
    assert "pip install ringfence-has-no-such-part" in " ".join(done.stdout.split())
    rows = {row["part"]: row for row in json.loads(run("doctor", "--json").stdout)}
    assert rows["ringfence-has-no-such-part"] == {
        "part": "ringfence-has-no-such-part", "found": "", "needed": True,
        "hint": "pip install ringfence-has-no-such-part",
    }  # fmt: skip


def test_a_missing_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an optional package the status is 0, and the extra that adds it is shown."""
    monkeypatch.setattr(doctor, "EXTRAS", {"no-such-part": ("lab", "trying")})
    done = run("doctor")
    assert done.returncode == 0
    assert "trying: pip install 'ringfence[lab]'" in " ".join(done.stdout.split())


def test_development_tools_may_be_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing development tool leaves the status at 0."""
    monkeypatch.setenv("PATH", "")
    done = run("doctor")
    assert done.returncode == 0
    assert "apt-get install goaccess" in " ".join(done.stdout.split())

"""``ringfence doctor``: what is installed, what is missing, which command adds it."""

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

# The package's name for it is the function.
doctor = import_module("ringfence.cli.doctor")


def test_every_part_has_a_row(run: Run) -> None:
    """Python, the packages and the tools of development are listed with what was found."""
    done = run("doctor")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:] if line}
    assert done.returncode == 0
    assert rows["duckdb"] == [version("duckdb")]
    assert {"python", "sqlglot", "vl-convert-python", "counter-robots", "goaccess"} <= rows.keys()
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_requirement_is_looked_for() -> None:
    """What pyproject.toml requires is what doctor needs, zstandard where Python has none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {re.split(r"[<>=;\s]", one)[0] for one in project["dependencies"]}
    newer = {"zstandard"} if sys.version_info >= (3, 14) else set()
    assert set(doctor.NEEDED) == required - newer


def test_json_rows(run: Run) -> None:
    """The same for machines; a hint only where something is missing."""
    rows = json.loads(run("doctor", "--json").stdout)
    assert all(row.keys() == {"part", "found", "needed", "hint"} for row in rows)
    assert all(bool(row["found"]) != bool(row["hint"]) for row in rows)


def test_a_missing_package_is_status_two(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a package it needs, the command that adds it is shown."""
    monkeypatch.setattr(doctor, "NEEDED", ("duckdb", "ringfence-has-no-such-part"))
    done = run("doctor")
    assert done.returncode == 2
    assert "pip install ringfence-has-no-such-part" in " ".join(done.stdout.split())
    rows = {row["part"]: row for row in json.loads(run("doctor", "--json").stdout)}
    assert rows["ringfence-has-no-such-part"] == {
        "part": "ringfence-has-no-such-part", "found": "", "needed": True,
        "hint": "pip install ringfence-has-no-such-part",
    }  # fmt: skip


def test_tools_of_development_may_be_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No tool that only development uses makes the status other than 0."""
    monkeypatch.setenv("PATH", "")
    done = run("doctor")
    assert done.returncode == 0
    assert "apt-get install goaccess" in " ".join(done.stdout.split())

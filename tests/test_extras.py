"""Ringfence works without the packages that only its extras need."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

IMPORTS = {
    "confluent-kafka": "confluent_kafka", "scikit-learn": "sklearn",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry", "opentelemetry-sdk": "opentelemetry",
}  # fmt: skip
"""The name under which a package is imported, where it is not the package's own."""

BLOCKED = """
import sys
names = sys.argv[1].split(",")
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in names:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
sys.argv = ["ringfence", *sys.argv[2:]]
from ringfence.cli import main
main()
"""


def optional() -> list[str]:
    """Return the import names of all packages that only an extra installs."""
    listed = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    packages = {Requirement(one).name for one in listed}
    return sorted({IMPORTS.get(name, name) for name in packages})


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process in which no package of an extra can be imported."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, ",".join(optional()), *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_extras_are_not_required() -> None:
    """No package is required and optional at once, and the lab is an extra."""
    required = {Requirement(one).name for one in PROJECT["dependencies"]}
    assert "lab" in PROJECT["optional-dependencies"]
    assert {
        *("confluent_kafka", "opentelemetry", "sklearn", "pandas", "polars", "psycopg", "pyarrow"),
        "stix2",
    } == set(optional())
    assert not required & {"scikit-learn", "pandas", "polars", "psycopg", "pyarrow", "stix2"}
    assert "opentelemetry-sdk" not in required


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_scan_needs_no_extra(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Without the packages of all extras a scan runs and writes all its files."""
    rows = [f"2026-03-0{1 + n % 5}T{n % 24:02d}:00:00Z,a{n % 7},i{n}\n" for n in range(300)]
    (tmp_path / "log.csv").write_text("ts,account,item\n" + "".join(rows))
    done = run(tmp_path, "scan", "log.csv", "--out", "out", *options)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "accounts.parquet", "findings.jsonl", "quarantine.jsonl", "report.html", "rings.parquet",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("command", ["simulate", "evaluate", "demo"])
def test_the_commands_of_the_lab_load(tmp_path: Path, command: str) -> None:
    """The help of a lab command works without the extra."""
    done = run(tmp_path, command, "--help")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_case_store_in_a_file_needs_no_extra(tmp_path: Path) -> None:
    """SQLite is enough; PostgreSQL says which extra it needs."""
    grant = ("grant", "add", "a", "--until", "2099-01-01", "--reason", "r", "--contact", "c")
    done = run(tmp_path, *grant, "--cases", "cases.sqlite")
    assert (done.returncode, done.stderr) == (0, "")
    done = run(tmp_path, "case", "list", "--cases", "postgresql://host/cases")
    assert done.returncode == 2
    assert "pip install 'ringfence[postgresql]'" in done.stderr


@pytest.mark.slow
def test_only_a_stix_bundle_needs_its_extra(tmp_path: Path) -> None:
    """The other formats work without the extra; STIX says which one it needs."""
    grant = ("grant", "add", "a", "--until", "2099-01-01", "--reason", "r", "--contact", "c")
    run(tmp_path, *grant, "--cases", "cases.sqlite")
    done = run(tmp_path, "case", "convert", "--to", "ocsf", "--cases", "cases.sqlite")
    assert (done.returncode, done.stderr) == (0, "")
    done = run(tmp_path, "case", "convert", "--to", "stix", "--cases", "cases.sqlite")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'ringfence[stix]'" in done.stderr

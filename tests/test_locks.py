"""The locked versions: what CI and the container image install fits what the package declares."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import Specifier

ROOT = Path(__file__).parents[1]
DATA = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
EXTRAS = [one for extra in DATA["project"]["optional-dependencies"].values() for one in extra]

DECLARED = {
    "run": DATA["project"]["dependencies"],
    "build": [*DATA["dependency-groups"]["build"], *DATA["build-system"]["requires"]],
    "develop": [*DATA["project"]["dependencies"], *DATA["dependency-groups"]["dev"], *EXTRAS],
    "accessibility": DATA["dependency-groups"]["accessibility"],
    "site": DATA["dependency-groups"]["docs"],
    "spark": DATA["dependency-groups"]["spark"],
}
"""The dependencies from which each lock is made."""

UNBOUNDED = {"counter-robots", "pyarrow"}
"""A list of names with a date, and a library that is read only through the Arrow C interface."""


def locked(path: Path) -> list[Requirement]:
    """Return the packages of a lock."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    kept = [re.sub(r"\s+--hash=\S+", "", line) for line in lines if not line.startswith("#")]
    return [Requirement(line) for line in kept if line]


def test_every_lock_is_known() -> None:
    """The folder holds the locks that ``make lock`` writes, and no other."""
    assert {path.stem for path in LOCKS} == set(DECLARED)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_names_versions_and_hashes_and_no_address(path: Path) -> None:
    """Every package has one exact version and at least one hash; no line names a server."""
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--?\w", text, re.MULTILINE)
    for entry in re.split(r"\n(?=[A-Za-z])", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.partition("\n")[0]
    for one in locked(path):
        assert [part.operator for part in one.specifier] == ["=="]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_fits_what_is_declared(path: Path) -> None:
    """Each declared package is locked, in versions that its bounds allow."""
    versions: dict[str, list[Specifier]] = {}
    for one in locked(path):
        versions.setdefault(one.name, []).extend(one.specifier)
    for declared in map(Requirement, DECLARED[path.stem]):
        assert declared.name in versions
        assert all(declared.specifier.contains(one.version) for one in versions[declared.name])


def test_locks_agree() -> None:
    """One environment can hold all locks: a package has the same versions in each of them."""
    seen: dict[str, set[str]] = {}
    for path in LOCKS:
        here: dict[str, set[str]] = {}
        for one in locked(path):
            here.setdefault(one.name, set()).add(str(one.specifier))
        for name, versions in here.items():
            assert seen.setdefault(name, versions) == versions, name


def test_dependencies_have_upper_bounds() -> None:
    """The next major release of a dependency is tried before users get it."""
    declared = map(Requirement, [*DATA["project"]["dependencies"], *EXTRAS])
    unbounded = {
        one.name for one in declared if not any(part.operator == "<" for part in one.specifier)
    }
    assert unbounded == UNBOUNDED


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dockerfile", r"--require-hashes --requirement locks/run\.txt"),
        ("Makefile", r"--require-hashes --requirement"),
        (".ci/run", r"make \.venv/\.ready-spark"),
        (".github/workflows/release.yml", r"--require-hashes --requirement locks/run\.txt"),
        (".github/workflows/ci.yml", r"make newest"),
    ],
)
def test_what_installs_uses_the_locks(name: str, said: str) -> None:
    """CI, the release and the container image install locked versions and check their hashes."""
    assert re.search(said, (ROOT / name).read_text(encoding="utf-8"))

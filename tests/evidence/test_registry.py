"""The registry lists the tests of a scan and refuses everything else."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import EvidenceTestError
from ringfence.evidence import (
    FAMILIES,
    EvidenceTest,
    all_tests,
    built_in_tests,
    installed_tests,
)
from ringfence.evidence.registry import ENTRY_POINT_GROUP
from ringfence.evidence.volume import Volume


class Another(Volume):
    """Volume under another name."""

    name = "another"


class NeedsArguments(Another):
    """A test that cannot be created without arguments."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold


class Abstract(EvidenceTest):
    """A test without its two methods."""

    name = "incomplete"
    family = "volume"


def variant(**attributes: object) -> EvidenceTest:
    """Return a test whose class attributes are changed."""
    return type("Variant", (Another,), attributes)()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on the path where packages can be installed."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(site: Path, package: str, entries: str, code: str = "") -> None:
    """Install a package of one module that registers entry points."""
    (site / f"{package}.py").write_text(code, encoding="utf-8")
    metadata = site / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\n{entries}\n")
    importlib.invalidate_caches()


WORKING = '''"""A package with two tests."""
from ringfence.evidence.volume import Volume

class First(Volume):
    """The first."""
    name = "first"

class Second(Volume):
    """The second."""
    name = "second"

instance = Second()
'''


def test_built_in_tests_cover_every_family() -> None:
    """Seventeen tests of distinct names, ordered by family."""
    tests = built_in_tests()
    assert len({test.name for test in tests}) == len(tests) == 17
    order = [FAMILIES.index(test.family) for test in tests]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


def test_without_packages_only_the_built_in_tests_run() -> None:
    """The project registers no entry point of its own."""
    assert installed_tests() == ()
    assert all_tests() == built_in_tests()


def test_extra_tests_follow_the_built_in_ones() -> None:
    """Classes are created, and instances are taken as they are."""
    given = Another()
    tests = all_tests([given, type("Third", (Another,), {"name": "third"})])
    assert tests[:-2] == built_in_tests()
    assert tests[-2] is given
    assert tests[-1].name == "third"


def test_installed_tests_are_found_by_entry_point(site: Path) -> None:
    """Classes and instances that a package registers take part, by name of the entry point."""
    install(site, "works", "b = works:First\na = works:instance", WORKING)
    assert [test.name for test in installed_tests()] == ["second", "first"]
    assert [test.name for test in all_tests([Another])][-3:] == ["second", "first", "another"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (variant(family="mood"), "unknown family 'mood' .*volume, selection, automation"),
        (variant(family=None), "unknown family None"),
        (variant(name="Two Words"), "has the name 'Two Words' .*lower-case"),
        (variant(name=7), "has the name 7"),
        (variant(name="value"), "reserved name 'value'"),
        (variant(name="collision"), "reserved name 'collision'"),
        (variant(name="volume"), "name 'volume' is taken by ringfence.evidence.volume.Volume"),
        ("nights:Nights", "is not an evidence test .*subclass ringfence.evidence.EvidenceTest"),
        (object, "is not an evidence test"),
        (NeedsArguments, "cannot be created: .*threshold"),
        (Abstract, "cannot be created: .*define score and sentence"),
    ],
)
def test_unusable_tests_are_refused(value: Any, message: str) -> None:  # noqa: ANN401 - any value
    """The message says what is wrong with the test, and what to do."""
    with pytest.raises(EvidenceTestError, match=message):
        all_tests([value])


def test_two_extra_tests_of_one_name_are_refused() -> None:
    """The name decides, not the class."""
    with pytest.raises(EvidenceTestError, match="name 'another' is taken"):
        all_tests([Another(), Another()])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("x = missing_package_of_nobody:Test", "missing_package_of_nobody:Test .*ModuleNotFound"),
        ("x = breaks:Nothing", "AttributeError"),
        ("x = breaks:number", "entry point 'x' of breaks.* is not an evidence test"),
        ("x = breaks:Volume", "name 'volume' is taken"),
    ],
)
def test_broken_packages_are_named(site: Path, entry: str, message: str) -> None:
    """The message names the entry point and its package, so that it can be uninstalled."""
    install(site, "breaks", entry, "from ringfence.evidence.volume import Volume\nnumber = 1\n")
    with pytest.raises(EvidenceTestError, match=message):
        all_tests()


def test_a_package_that_fails_on_import_is_named(site: Path) -> None:
    """Whatever the package raises is in the message."""
    install(site, "fails", "x = fails:Test", "raise RuntimeError('no licence')")
    with pytest.raises(EvidenceTestError, match=r"RuntimeError: no licence .*uninstall fails"):
        installed_tests()

"""Every evidence test keeps every promise of the contract."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import ringfence.evidence
from ringfence.evidence import EvidenceTest, built_in_tests
from ringfence.testing import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("test", built_in_tests(), ids=lambda test: test.name)
def test_promise(test: EvidenceTest, check: Check) -> None:
    """The test keeps the promise."""
    check(test)


def test_all_are_listed() -> None:
    """Every evidence test in the package is in built_in_tests(), once, under a name of its own."""
    for module in pkgutil.iter_modules(ringfence.evidence.__path__):
        import_module(f"ringfence.evidence.{module.name}")
    written = {
        cls for cls in EvidenceTest.__subclasses__() if cls.__module__.startswith("ringfence.")
    }
    assert {type(test) for test in built_in_tests()} == written
    assert len({test.name for test in built_in_tests()}) == len(built_in_tests()) == len(written)

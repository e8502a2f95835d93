"""Every built-in evidence test passes every public check."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from tests.evidence.scoring import crowd

import ringfence.evidence
from ringfence.evidence import CannotRun, EvidenceTest, built_in_tests
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.canary import Canary
from ringfence.evidence.client import Client
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.provenance import Provenance
from ringfence.evidence.surface import Surface
from ringfence.testing import CHECKS, Check, small_ledger


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("test", built_in_tests(), ids=lambda test: test.name)
def test_check(test: EvidenceTest, check: Check) -> None:
    """The test passes the check."""
    check(test)


def test_every_test_of_the_package_is_registered() -> None:
    """Each module with a test is in the registry, once; that of canaries needs their list."""
    for module in pkgutil.iter_modules(ringfence.evidence.__path__):
        import_module(f"ringfence.evidence.{module.name}")
    written = {
        cls for cls in EvidenceTest.__subclasses__() if cls.__module__.startswith("ringfence.")
    }
    tests = (*built_in_tests(), Canary(("a",)))
    assert {type(test) for test in tests} == written
    assert len({test.name for test in tests}) == len(tests) == len(written)


@pytest.mark.parametrize(
    ("test", "column", "reason"),
    [
        (Breadth(), "group", "no item has a group"),
        (Surface(), "surface", "downloads"),
        (Client(), "client", "no client names"),
        (Provenance(), "ip", "no addresses"),
        (Overlap(), "seconds", "no seconds played"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_missing_column_is_named(test: EvidenceTest, column: str, reason: str) -> None:
    """Without the column that it needs, a test names what the log lacks."""
    events = {name: values for name, values in crowd().items() if name != column}
    with small_ledger(events) as context, pytest.raises(CannotRun, match=reason):
        test.score(context)

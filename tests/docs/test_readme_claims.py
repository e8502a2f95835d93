"""The README's statements about the demo agree with the truth about its accounts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT

from ringfence import ScanResult, scan
from ringfence.cli.demo import make_demo_log
from ringfence.evidence import built_in_tests
from ringfence.lab.simulate import Truth, read_truth

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


NUMBERS = {16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty"}


def test_the_number_of_evidence_tests_is_that_of_the_code() -> None:
    """The README and the changes state the number of tests that every scan has."""
    number = NUMBERS[len(built_in_tests())]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"[{number} evidence tests]" in README
    assert f"- {number.capitalize()} evidence tests are" in changes


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, ScanResult]:
    """Return the truth about the demo's accounts and the findings of its scan."""
    log: Path = tmp_path_factory.mktemp("demo") / "access.log"
    make_demo_log(log)
    return read_truth(log.with_name("truth.parquet")), scan(log)


def _scored(result: ScanResult) -> set[str]:
    return set(result.accounts.column("account").tolist())


@pytest.mark.slow
def test_the_counts_are_those_of_the_log(demo: tuple[Truth, ScanResult]) -> None:
    """The README states the numbers of accounts, of honest accounts and of shops."""
    truth, result = demo
    scored = _scored(result)
    assert f"6 of {len(scored):,} accounts extract the catalogue. 20 accounts are suspect" in README
    assert len(truth.extractors & scored) == len(truth.extractors) == 26
    assert f"{len(truth.users & scored):,} honest" in README
    assert len(truth.of_kind("shop") & scored) == 3
    assert "three shops" in README


def test_the_attacks_are_those_described(demo: tuple[Truth, ScanResult]) -> None:
    """One account holds 50,000 tracks, five hold 2,500 each and twenty hold 300 each."""
    truth, result = demo
    held = dict(
        zip(
            result.accounts.column("account").tolist(),
            result.accounts.column("items").tolist(),
            strict=True,
        )
    )
    attacks = {"greedy": [50_000], "even-ring-1000": [2_500] * 5, "waking-ring-1000": [300] * 20}
    for attack, items in attacks.items():
        assert [held[account] for account in truth.of_attack(attack)] == items
        assert f"{items[0]:,}" in README


def test_the_findings_are_those_promised(demo: tuple[Truth, ScanResult]) -> None:
    """All 26 extractors are found, six of them as extracting, and no honest account is."""
    truth, result = demo
    accused = {one.id for one in result.findings if one.verdict == "extracting"}
    assert accused == truth.of_attack("greedy", "even-ring-1000")
    members = {account for one in result.findings for account in one.accounts}
    assert members == truth.extractors


def test_the_ring_of_twenty_is_found_as_one_ring(demo: tuple[Truth, ScanResult]) -> None:
    """The only ring has the twenty accounts, and the README quotes its expected overlap."""
    truth, result = demo
    (ring,) = (one for one in result.findings if one.kind == "ring")
    assert set(ring.accounts) == truth.of_attack("waking-ring-1000")
    assert ring.verdict == "suspect"
    assert ring.evidence[0].observed == 0
    assert re.search(rf"\b{ring.evidence[0].expected:,.0f}\b", README)

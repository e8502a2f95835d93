"""What the README says of the demo's log, held against who its accounts really are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.blocks import ROOT

from ringfence import ScanResult, scan
from ringfence.cli.demo import LINES
from ringfence.lab.simulate import write_access_log
from ringfence.lab.simulate.access_log import Truth

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, ScanResult]:
    """Return who the accounts of the demo's log are, and what a scan finds."""
    log: Path = tmp_path_factory.mktemp("demo") / "access.log"
    return write_access_log(log, lines=LINES, seed=7), scan(log)


def test_the_counts_are_those_of_the_log(demo: tuple[Truth, ScanResult]) -> None:
    """Accounts, extractors and honest ones are as many as the README says."""
    truth, result = demo
    assert f"log holds {result.counts['accounts']:,} accounts" in README
    assert "Twenty-six of them extract" in README
    assert len(truth.extractors) == 26
    assert f"none of the {len(truth.users):,} honest ones" in README
    assert "three shops" in README
    assert len(truth.accounts("shop")) == 3
    assert f"{len(truth.accounts('shared_address'))} people behind shared" in README


def test_the_findings_are_those_promised(demo: tuple[Truth, ScanResult]) -> None:
    """All who extract are found, the twenty as a ring with the five, and no user."""
    truth, result = demo
    assert "Ringfence finds all of them: it accuses the first six" in README
    accused = {one.id for one in result.findings if one.verdict == "extracting"}
    assert accused == truth.accounts("greedy", "ring50")
    found = {account for one in result.findings for account in one.accounts}
    assert found == truth.extractors
    (ring,) = (one for one in result.findings if one.kind == "ring")
    assert set(ring.accounts) == truth.accounts("ring50", "ring200")
    assert "25 accounts with none in common, where 2,233 are expected" in README
    assert f"{ring.evidence[0].expected:,.0f}" == "2,233"
    assert len(truth.accounts("ring200")) == 20


def test_the_twenty_are_found_by_themselves(tmp_path: Path) -> None:
    """Without the five they are a ring still, all twenty and nobody else, with the numbers said."""
    log, without = tmp_path / "access.log", tmp_path / "without.log"
    truth = write_access_log(log, lines=LINES, seed=7)
    five = truth.accounts("ring50")
    with log.open() as whole, without.open("w") as part:
        part.writelines(line for line in whole if line.split(" ", 3)[2] not in five)
    (ring,) = (one for one in scan(without).findings if one.kind == "ring")
    assert set(ring.accounts) == truth.accounts("ring200")
    assert "the twenty alone, in the same log without the five" in README
    assert "are found too, with none where 216 are expected" in README
    assert (ring.evidence[0].observed, round(ring.evidence[0].expected)) == (0, 216)

"""The demo's log: every extractor is found and no honest account is accused."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ringfence
from ringfence.lab.simulate import Truth
from ringfence.pipeline import ScanResult

Simulated = tuple[Path, Truth]

# The scans share one fixture, so they stay in one worker.
pytestmark = pytest.mark.xdist_group("simulated")


@pytest.fixture(scope="module")
def whole(simulated: Simulated) -> ScanResult:
    """The scan of the whole log in one file."""
    return ringfence.scan(simulated[0])


def accused(result: ScanResult) -> frozenset[str]:
    """Name the accounts with the verdict extracting."""
    return frozenset(
        account
        for found in result.findings
        if found.verdict == "extracting"
        for account in found.accounts
    )


@pytest.mark.slow
def test_the_greedy_account_is_first(whole: ScanResult, simulated: Simulated) -> None:
    """It leads the accounts, extracting, with the number of tracks it really took."""
    (greedy,) = simulated[1].of_attack("greedy")
    first = next(found for found in whole.findings if found.kind == "account")
    assert (first.id, first.verdict, first.action) == (greedy, "extracting", "suspend")
    tracks = {line.split("id=tr-")[1].split("&")[0]
              for line in simulated[0].read_text().splitlines()
              if f" {greedy} " in line and "/rest/stream" in line
              and line.split('" ')[1][:3] in {"200", "206", "304"}}  # fmt: skip
    assert first.items == len(tracks)
    assert first.coverage.catalogue == len(tracks) / whole.catalogue.items


def test_the_ring_around_the_clock_is_found(whole: ScanResult, simulated: Simulated) -> None:
    """Each of the five accounts that never sleep is extracting."""
    ring = simulated[1].of_attack("even-ring-1000")
    assert len(ring) == 5
    assert ring <= accused(whole)


def test_the_ring_in_waking_hours_is_found_as_a_ring(
    whole: ScanResult, simulated: Simulated
) -> None:
    """The ring has all twenty members and nobody else; it holds the union of what each holds."""
    (found,) = (found for found in whole.findings if found.kind == "ring")
    members = simulated[1].of_attack("waking-ring-1000")
    assert set(found.accounts) == members
    held = dict(zip(whole.accounts.column("account"), whole.accounts.column("items"), strict=True))
    assert found.items == sum(held[account] for account in members)
    assert found.evidence[0].test == "collision"
    assert found.evidence[0].observed == 0


def test_no_honest_account_is_accused(whole: ScanResult, simulated: Simulated) -> None:
    """No user is accused: no shop that plays all day, nobody behind a shared address."""
    users = simulated[1].users
    assert len(users) > 1_000
    assert not accused(whole) & users


def test_every_account_of_the_log_is_scored(whole: ScanResult, simulated: Simulated) -> None:
    """The table has exactly the logins that streamed something; cut-off lines are quarantined."""
    lines = simulated[0].read_text().splitlines()
    played = [line for line in lines if '"GET /rest/stream?id=' in line and ' HTTP/1.1" 20' in line]
    streamed = {line.split(" ", 3)[2] for line in played}
    assert set(whole.accounts.column("account")) == streamed
    assert streamed <= simulated[1].users | simulated[1].extractors
    broken = sum(not line.endswith('"') for line in lines)
    assert broken > 0
    assert whole.counts["lines"] + broken == len(lines) > 200_000
    assert whole.quarantine == {"not-a-record": broken}


def test_evidence_and_p_values_agree(whole: ScanResult) -> None:
    """Findings are ranked by p-value, each with sentences, the advice that of its verdict."""
    values = [found.p_value for found in whole.findings]
    assert values == sorted(values)
    for found in whole.findings:
        assert found.evidence[0].sentence.endswith(".")
        times = whole.counts["accounts"] if found.kind == "account" else 1
        assert found.expected_false == pytest.approx(found.p_value * times)
        assert found.action == {"extracting": "suspend", "suspect": "challenge"}[found.verdict]


def same(one: ScanResult, other: ScanResult) -> None:
    """Assert that two scans found the same.

    Sums of fractions depend on the order in which threads add. Where that parts two equal
    values, a rank and so a p-value moves by a place.
    """
    assert described(one) == described(other)
    assert one.accounts.columns == other.accounts.columns
    for name in one.accounts.columns:
        column, same_column = one.accounts.column(name), other.accounts.column(name)
        if column.dtype.kind == "f":
            np.testing.assert_allclose(column, same_column, rtol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(column, same_column, err_msg=name)
    assert one.catalogue == other.catalogue
    assert one.period == other.period


def described(result: ScanResult) -> list[object]:
    """Return all that a reviewer is told, finding by finding, but for the p-values."""
    return sorted(
        (f.id, f.verdict, f.items, f.uses, f.coverage, f.first, f.last, f.action,
         sorted((e.test, e.sentence) for e in f.evidence))
        for f in result.findings
    )  # fmt: skip


@pytest.mark.slow
def test_the_same_comes_out_of_gz(whole: ScanResult, simulated: Simulated, tmp_path: Path) -> None:
    """Compression changes nothing."""
    packed = tmp_path / "access.log.gz"
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(simulated[0].read_bytes())
    same(ringfence.scan(packed), whole)


@pytest.mark.slow
def test_the_same_comes_out_of_days(
    whole: ScanResult, simulated: Simulated, tmp_path: Path
) -> None:
    """Seven files cut in time, over two scans with a ledger, are the one log."""
    lines = simulated[0].read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // 7)
    for day in range(7):
        (tmp_path / f"access.log.{day}").write_bytes(b"".join(lines[day * size : (day + 1) * size]))
    book = tmp_path / "book"
    ringfence.scan(tmp_path / "access.log.[0-3]", ledger=book)
    second = ringfence.scan(tmp_path / "access.log.*", ledger=book)
    assert second.counts["skipped"] == 4
    same(second, whole)


@pytest.mark.slow
def test_the_same_comes_out_of_stdin(
    whole: ScanResult, simulated: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe is as good as a file."""
    piped = SimpleNamespace(buffer=io.BytesIO(simulated[0].read_bytes()))
    monkeypatch.setattr(sys, "stdin", piped)
    same(ringfence.scan("-"), whole)

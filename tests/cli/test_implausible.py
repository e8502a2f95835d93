"""A scan of implausible input: warnings first, status 3, no findings, and a clean ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import HEAD, Run

import ringfence
from ringfence.report.headline import headline


@pytest.fixture
def dates(tmp_path: Path) -> Path:
    """Write a log with dates for times, in which one account takes 3,000 items per day."""
    path = tmp_path / "dates.csv"
    rows = [f"2026-03-{1 + n % 20:02d},u{n % 40},i{n * n % 300}\n" for n in range(4_000)]
    rows += [f"2026-03-{1 + n // 3_000:02d},taker,t{n}\n" for n in range(30_000)]
    path.write_text(HEAD + "".join(rows))
    return path


def test_no_account_is_judged(run: Run, dates: Path, tmp_path: Path) -> None:
    """Status 3 wins over --fail-on-findings; the warning comes first, and no row has a verdict."""
    done = run("scan", dates, "--out", "o", "--fail-on-findings")
    assert done.returncode == 3
    assert done.stdout.startswith("Warning, dates-only: ")
    assert "No account was judged" in done.stdout
    assert (tmp_path / "o" / "findings.jsonl").read_text() == ""
    page = (tmp_path / "o" / "report.html").read_text()
    assert page.index("dates-only") < page.index("<main>")
    assert "No account was judged" in page


@pytest.mark.slow
def test_force_judges_all_the_same(run: Run, dates: Path) -> None:
    """The findings are there, with the warning, and the status is that of a finding."""
    done = run("scan", dates, "--out", "o", "--force", "--fail-on-findings", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert said["warnings"][0]["kind"] == "dates-only"
    assert "taker" in {one["id"] for one in said["findings"]}


@pytest.mark.slow
def test_python_returns_the_result_without_findings(dates: Path) -> None:
    """Counts and warnings are there; tables of accounts and rings have their columns and no row."""
    result = ringfence.scan(dates)
    assert result.withheld
    assert result.findings == ()
    assert (len(result.accounts), len(result.rings)) == (0, 0)
    assert "account" in result.accounts.columns
    assert result.counts["accounts"] == 41
    assert "dates" in repr(result)
    assert not ringfence.check(dates).plausible


@pytest.mark.slow
def test_implausible_sources_stay_out_of_a_ledger(dates: Path, tmp_path: Path) -> None:
    """After the corrected scan, the ledger is the same as without the wrong one."""
    ledger = tmp_path / "ledger.db"
    refused = ringfence.scan(dates, ledger=ledger)
    assert refused.withheld
    assert "Nothing was added" in refused.notes[0]
    forced = ringfence.scan(dates, ledger=ledger, force=True)
    assert forced.counts["skipped"] == 0
    assert not ringfence.scan(dates, ledger=ledger).counts["lines"]


def test_a_plausible_scan_shows_three_events(run: Run, small: Path) -> None:
    """The block of assumptions has the time, account and item of the first takes."""
    said = json.loads(run("scan", small, "--json", "--out", "o").stdout)
    shown = [one for one in said["assumptions"] if one["name"].startswith("sample event")]
    assert len(shown) == 3
    assert all("account " in one["value"] and "item " in one["value"] for one in shown)
    assert said["warnings"] == []


def test_an_unread_log_is_not_said_to_have_no_use() -> None:
    """If every line was quarantined, nobody knows whether it had a use of an item."""
    assert "no line of these sources could be read" in headline((), 0, unread=True)
    assert "no use of an item" in headline((), 0)

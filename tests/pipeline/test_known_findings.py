"""Test scans with a case store: what is recorded, and when nothing is."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

import ringfence
from ringfence.cases import (
    Act,
    Author,
    Permission,
    add_grant,
    decisions_of,
    exemptions,
    open_store,
    proposal_of,
)
from ringfence.cases.listing import list_cases
from ringfence.cases.moments import to_moment
from ringfence.cli.result import render
from ringfence.errors import OutputError, RingfenceError
from ringfence.settings import Settings
from ringfence.testing import extractor, together, users, write_events

ONE_THREAD = {"engine": {"threads": 1}}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write sixty users and one account that takes 60 items per hour for ten days."""
    path = tmp_path_factory.mktemp("log") / "events.parquet"
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    return write_events(path, together(users(60), bold))


@pytest.fixture
def cases(tmp_path: Path) -> str:
    """Return the address of a store that does not exist yet."""
    return str(tmp_path / "cases.sqlite")


def scan(log: Path, cases: str, **options: object) -> ringfence.ScanResult:
    """Scan the log with the store."""
    settings = Settings.model_validate({**ONE_THREAD, **options.pop("settings", {})})  # type: ignore[dict-item] # a dict
    return ringfence.scan(log, cases=cases, settings=settings, **options)  # type: ignore[arg-type] # options of scan


@pytest.mark.slow
def test_a_second_grant_raises_a_budget_that_is_too_small(log: Path, cases: str) -> None:
    """The account is not a finding, and the terminal says why more than one budget is used."""
    first, last = (to_moment(datetime(year, 1, 1, tzinfo=UTC)) for year in (2020, 2030))
    with open_store(cases) as store, store.writing() as connection:
        for budget in (1_000, 20_000):
            order = Permission("bold", "research", "a@b.example", first, last, budget=budget)
            add_grant(connection, order, Act(Author("ana"), first))
    result = scan(log, cases)
    assert "bold" not in {one.id for one in result.findings}
    console = Console(file=io.StringIO(), width=200)
    render(result, console)
    assert isinstance(console.file, io.StringIO)
    said = [line for line in console.file.getvalue().splitlines() if line.startswith("Grant")]
    rest = "not judged, because other grants have room for the rest."
    assert said[0] == f"Grant 1, bold: 14,400 of 1,000 items, 0 outside; {rest}"
    assert said[1] == "Grant 2, bold: 14,400 of 20,000 items, 0 outside; not judged."


@pytest.mark.slow
def test_a_finding_is_new_and_then_known(log: Path, cases: str, tmp_path: Path) -> None:
    """The second scan says since when it is known. Without a store, nothing is said."""
    first = scan(log, cases, out=tmp_path / "out").findings[0].case
    second = scan(log, cases).findings[0].case
    assert first
    assert second
    assert (first.status, second.status, second.case) == ("new", "known", first.case)
    assert second.since == first.since
    assert (
        ringfence.scan(log, settings=Settings.model_validate(ONE_THREAD)).findings[0].case is None
    )


@pytest.mark.slow
def test_the_store_of_the_settings_is_used(log: Path, cases: str) -> None:
    """``cases.url`` stands for the argument."""
    settings = Settings.model_validate({**ONE_THREAD, "cases": {"url": cases}})
    known = ringfence.scan(log, settings=settings).findings[0].case
    assert known
    assert known.status == "new"


@pytest.mark.slow
def test_nothing_is_recorded_if_the_report_cannot_be_written(
    log: Path, cases: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next scan says again that the finding is new."""

    def full(*_: object) -> None:
        raise OutputError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("ringfence.pipeline.outputs.write_html", full)
        with pytest.raises(OutputError):
            scan(log, cases, out=tmp_path / "out")
    known = scan(log, cases).findings[0].case
    assert known
    assert known.status == "new"


def test_a_store_that_cannot_be_opened_ends_the_scan_first(log: Path, tmp_path: Path) -> None:
    """A wrong address is said before anything is read or written."""
    with pytest.raises(RingfenceError, match="cannot be in mysql"):
        scan(log, "mysql://host/x", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_account_within_its_grant_is_not_accused(log: Path, cases: str) -> None:
    """Its use is counted; beyond the budget, it is accused."""
    year = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    start, until = map(to_moment, year)
    with open_store(cases) as store, store.writing() as connection:
        granted = Permission("bold", "mining", "bold@example.org", start, until, 50_000)
        add_grant(connection, granted, Act(Author("ana"), start))
    result = scan(log, cases)
    assert [one.id for one in result.findings] == []
    (use,) = result.granted
    assert (use.account, use.items, use.within) == ("bold", 14_400, True)
    assert result.to_json()["grants"][0]["items"] == 14_400


def test_a_store_without_grants_permits_nothing(cases: str) -> None:
    """There is no exemption in a new store."""
    with open_store(cases) as store, store.reading() as connection:
        assert exemptions(connection) == ()


@pytest.mark.slow
def test_the_policy_decides_or_proposes(log: Path, cases: str) -> None:
    """Without rules a person decides; an automatic rule decides in shadow mode."""
    rule = {
        "verdict": "extracting",
        "action": "throttle",
        "automatic": True,
        "reason": "many items",
    }
    scan(log, cases)
    with open_store(cases) as store, store.reading() as connection:
        (case,) = list_cases(connection)
        proposed = proposal_of(connection, case.id)
        assert list(decisions_of(connection, case.id)) == []
    assert proposed is not None
    assert proposed.action == "suspend"
    known = (
        scan(log, cases, settings={"policy": {"rules": [rule], "most_share_per_day": 0.5}})
        .findings[0]
        .case
    )
    assert known
    assert known.state == "decided"
    with open_store(cases) as store, store.reading() as connection:
        (made,) = decisions_of(connection, case.id)
    assert (made.action, bool(made.shadow), made.author) == ("throttle", True, "policy")

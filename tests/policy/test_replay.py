"""Test the replay of policies: exact days, the same decisions as live, and an untouched ledger."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.policy.days import write_days
from tests.policy.policies import SUSPEND, policy

import ringfence
from ringfence.cases.moments import to_moment
from ringfence.errors import LedgerError
from ringfence.events import Source
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.past_days import past_days
from ringfence.model.finding import Finding
from ringfence.pipeline.policy_replay import after_quiet_hours, judge_day, replay_policies
from ringfence.settings import Settings

SETTINGS = Settings(engine={"threads": 1})
TABLES = ("accounts", "items", "holdings", "hours", "clients", "networks", "surfaces")


def scan(files: list[Path], ledger: Path, settings: Settings = SETTINGS) -> tuple[Finding, ...]:
    """Scan files into a ledger."""
    return ringfence.scan(*files, settings=settings, ledger=ledger, force=True).findings


Live = tuple[Path, list[tuple[Finding, ...]]]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Scan six days one after another; return the ledger, and the findings of each day."""
    folder = tmp_path_factory.mktemp("days")
    ledger = folder / "daily.ledger"
    return ledger, [scan([file], ledger) for file in write_days(folder)]


def folded(files: list[Path]) -> Ledger:
    """Return a ledger in memory of some files."""
    book = open_writable(None, SETTINGS)
    for file in files:
        book.fold(Source(file, file.name))
    book.compact(age_all=True)
    return book


def rows(book: Ledger, table: str) -> list[tuple[object, ...]]:
    """Return all rows of a table in order."""
    return book.engine.rows(f"SELECT * FROM {table} ORDER BY ALL")


@pytest.mark.slow
def test_each_day_is_the_ledger_of_that_day(live: Live, tmp_path: Path) -> None:
    """The copy has the same rows as a ledger into which only the days until then were folded."""
    files = write_days(tmp_path)
    seen = []
    for number, (day, book) in enumerate(past_days(live[0], SETTINGS, last=3), 4):
        seen.append(day)
        with closing((expected := folded(files[:number])).engine):
            for table in TABLES:
                assert rows(book, table) == rows(expected, table), table
            for what in ("column", "items"):
                assert book.seen(what) == expected.seen(what)
    assert seen == [date(2025, 6, 5), date(2025, 6, 6), date(2025, 6, 7)]


@pytest.mark.slow
def test_each_day_has_the_findings_of_its_scan(live: Live) -> None:
    """They have the same evidence, although one copy serves all days."""
    days = past_days(live[0], SETTINGS, last=6)
    for (_, book), expected in zip(days, live[1], strict=True):
        found = judge_day(book, SETTINGS, None, None)
        assert [(one.id, one.p_value, one.items, one.evidence) for one in found] == [
            (one.id, one.p_value, one.items, one.evidence) for one in expected
        ]


@pytest.mark.slow
def test_merged_days_are_there_from_the_start(tmp_path: Path) -> None:
    """Of six days only some are kept apart, and the first of these has all days before."""
    settings = Settings(engine={"threads": 1}, ledger={"recent_sources": 2})
    files = write_days(tmp_path)
    for file in files:
        scan([file], tmp_path / "merged.ledger", settings)
    days = []
    for day, book in past_days(tmp_path / "merged.ledger", settings, last=14):
        days.append(day)
        with closing((expected := folded(files[: day.day - 1])).engine):
            assert rows(book, "holdings") == rows(expected, "holdings")
    assert 2 <= len(days) < 6
    assert days[-1] == date(2025, 6, 7)


@pytest.mark.slow
def test_the_policy_hits_on_the_day_on_which_a_scan_found_the_account(
    live: Live,
) -> None:
    """The day is the first on which the live scans had the finding, and the ledger is unchanged."""
    ledger, found = live
    first = next(day for day, names in enumerate(found) if names)
    before = hashlib.sha256(ledger.read_bytes()).digest()
    policies = {
        "in force": policy({"action": "throttle", "verdict": "extracting"}),
        "other": policy(
            {"action": "throttle", "automatic": True},
            most_share_per_day=1,
            escalate=["throttle", "suspend"],
            escalate_days=1,
        ),
    }
    result = replay_policies(ledger, policies, SETTINGS, last=6)
    assert hashlib.sha256(ledger.read_bytes()).digest() == before
    assert len(result.days) == 6
    hits = [hit for hit in result.hits if hit.case == "greedy"]
    mine = [(hit.day.day, hit.action, hit.automatic) for hit in hits if hit.policy == "in force"]
    assert mine == [(2 + first, "throttle", False)]
    others = [(hit.day.day, hit.action, hit.automatic) for hit in hits if hit.policy == "other"]
    assert others == [(2 + first, "throttle", True), (3 + first, "suspend", True)]


def test_the_advice_is_that_of_each_policy(live: Live) -> None:
    """Without rules a policy advises by the verdict, and the other policy may advise otherwise."""
    policies = {"a": policy(), "b": policy(extracting="observe", suspect="observe")}
    result = replay_policies(live[0], policies, SETTINGS, last=1)
    assert {(hit.policy, hit.action) for hit in result.hits} == {("a", "suspend"), ("b", "observe")}


def test_classes_come_from_the_accounts_table(live: Live, tmp_path: Path) -> None:
    """An employee waits for a person, in the replay as well."""
    table = tmp_path / "accounts.csv"
    table.write_text("account,plan\ngreedy,Staff\nr1,basic\n", encoding="utf-8")
    rules = policy(SUSPEND, most_share_per_day=1, classes={"employee": ["staff"]})
    result = replay_policies(live[0], {"x": rules}, SETTINGS, last=1, accounts=table)
    assert [(hit.case, hit.why) for hit in result.hits] == [
        ("greedy", "An account of class employee waits for a person.")
    ]


@pytest.mark.parametrize(("cleared", "waits"), [(5, True), (9, False)])
def test_an_account_that_a_person_had_cleared_by_then_waits(
    live: Live, cleared: int, waits: bool
) -> None:
    """The replay ends on 7 June. A favour that was granted later does not count on that day."""
    rules = policy(SUSPEND, most_share_per_day=1)
    granted = to_moment(datetime(2025, 6, cleared, tzinfo=UTC))
    favours = {"greedy": granted, "nobody": granted}
    result = replay_policies(live[0], {"x": rules}, SETTINGS, last=1, left_to_people=favours)
    assert [(hit.case, hit.automatic) for hit in result.hits] == [("greedy", not waits)]


@pytest.mark.slow
def test_a_ledger_without_recent_sources_is_refused(tmp_path: Path) -> None:
    """Its past is not known; the hint says how to keep it."""
    settings = Settings(ledger={"recent_sources": 0})
    scan(write_days(tmp_path, 2), tmp_path / "merged.ledger", settings)
    with pytest.raises(LedgerError, match="keeps no sources apart"):
        list(past_days(tmp_path / "merged.ledger", settings, last=3))


def test_a_replay_waits_for_the_end_of_quiet_hours() -> None:
    """A day ends at midnight, when most policies are quiet."""
    midnight = datetime(2025, 6, 3, tzinfo=UTC)
    assert after_quiet_hours(policy(), midnight) == midnight
    quiet = policy(quiet_hours=["22:00-07:00"])
    assert after_quiet_hours(quiet, midnight) == midnight.replace(hour=7)
    always = policy(quiet_hours=["00:00-12:00", "12:00-00:00"])
    assert after_quiet_hours(always, midnight) == midnight

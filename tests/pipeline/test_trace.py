"""``ringfence.trace`` over kept logs: which accounts fit a complaint, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.pipeline.complaints import write_log

import ringfence
from ringfence import Settings, TraceResult
from ringfence.errors import SourceError, TraceError
from ringfence.settings import EventSettings

Trace = Callable[..., TraceResult]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the small service's log."""
    return write_log(tmp_path_factory.mktemp("log") / "access.log")


@pytest.fixture
def trace(log: Path) -> Trace:
    """Trace a complaint through that log."""
    return partial(ringfence.trace, log)


def accounts(result: TraceResult) -> list[str]:
    """Return the names of the candidates."""
    return [one.account for one in result.candidates]


def test_item_address_and_time_leave_one_account(trace: Trace) -> None:
    """The one access that fits all criteria is returned with its time, address and client."""
    found = trace(item="101", address="192.0.2.11", time="2026-03-09T08:02:00+01:00")
    (ann,) = found.candidates
    assert (found.outcome, found.accounts, found.identified) == ("one", 1, True)
    assert (ann.account, ann.accesses, ann.matches) == ("ann", 1, ("item", "address", "time"))
    assert (ann.addresses, ann.clients) == (("192.0.2.11",), ("Reader/1.0",))
    assert [one.to_json() for one in ann.sample] == [
        {"time": "2026-03-09T07:00:00Z", "item": "101", "address": "192.0.2.11",
         "client": "Reader/1.0"}
    ]  # fmt: skip
    assert ann.sure == (
        "the only account that took this item at this address "
        "within 10 minutes of 2026-03-09 07:02:00 UTC"
    )


def test_several_accounts_fit_an_item(trace: Trace) -> None:
    """Each account that took the item is one of three, and nobody is identified."""
    found = trace(item="101")
    assert (found.outcome, found.identified) == ("several", False)
    assert sorted(accounts(found)) == ["ann", "bob", "cy"]
    assert {one.sure for one in found.candidates} == {"one of 3 accounts that took this item"}


def test_the_numbers_of_each_set_of_criteria(trace: Trace) -> None:
    """Accounts and accesses are counted for every set, also for those that fit only in part."""
    found = trace(item="101", address="192.0.2.11", time="2026-03-09T07:00:00Z", within="2m")
    assert {one.criteria: (one.accounts, one.accesses) for one in found.fits} == {
        ("item",): (3, 3),
        ("address",): (2, 3),
        ("time",): (1, 2),
        ("item", "address"): (1, 1),
        ("item", "time"): (1, 1),
        ("address", "time"): (1, 2),
        ("item", "address", "time"): (1, 1),
    }


def test_candidates_grow_with_the_uncertainty_of_the_time(trace: Trace) -> None:
    """A wider window has at least as many accounts, and the stated one is among the windows."""
    found = trace(item="101", time="2026-03-09T07:01:00Z", within="2m")
    assert [(one.seconds, one.accounts) for one in found.windows] == [
        (60, 1), (120, 1), (600, 2), (3_600, 2), (86_400, 3),
    ]  # fmt: skip
    assert found.accounts == 1


def test_a_window_ends_where_it_says(trace: Trace) -> None:
    """An access exactly at the end of the window fits, and one a second later does not."""
    assert accounts(trace(item="101", time="2026-03-09T07:02:00Z", within="120s")) == ["ann", "bob"]
    found = trace(item="101", time="2026-03-09T07:02:01Z", within="119s")
    assert accounts(found) == ["bob"]


def test_a_date_means_that_day(trace: Trace) -> None:
    """A date fits all accesses of its day in UTC and none of the day before."""
    assert trace(item="101", time="2026-03-09").accounts == 3
    assert trace(item="101", time="2026-03-08").outcome == "partial"


def test_a_time_without_a_zone_is_utc(trace: Trace) -> None:
    """A note says so, and the time in UTC fits."""
    found = trace(item="101", time="2026-03-09T07:00:00", within="1m")
    assert accounts(found) == ["ann"]
    assert "The time has no zone, so it was read as UTC." in found.notes
    with_zone = trace(item="101", time="2026-03-09T07:00:00Z", within="1m")
    assert not any("zone" in note for note in with_zone.notes)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/record/101",
        "http://example.org/record/101?view=full#top",
        "www.example.org/record/101",
        "/record/101",
    ],
)
def test_an_item_may_be_a_url(trace: Trace, url: str) -> None:
    """The rules by which the log was read find the item in the URL of a complaint."""
    found = trace(item=url)
    assert found.items == ("101",)
    assert found.accounts == 3


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.12", ["bob"]),
        ("::ffff:192.0.2.12", ["bob"]),
        ("192.0.2.8/29", ["ann", "bob"]),
        ("2001:0DB8:0:0::1", ["cy"]),
        ("2001:db8::/32", ["cy"]),
    ],
)
def test_addresses_and_networks(trace: Trace, address: str, expected: list[str]) -> None:
    """Every spelling of an address finds it, and a network finds all of its addresses."""
    assert sorted(accounts(trace(address=address, item="101"))) == expected


@pytest.mark.slow
def test_an_address_of_many_accounts_is_named_as_such(trace: Trace) -> None:
    """A note says that an address with two accounts, or a private one, fits many people."""
    shared = " ".join(trace(address="192.0.2.11").notes)
    assert "2 accounts used this address: it fits many people" in shared
    assert "private" in " ".join(trace(address="10.0.0.7").notes)
    assert "many people" not in " ".join(trace(address="192.0.2.12").notes)


def test_an_own_proxy_is_named_as_such(log: Path) -> None:
    """An address of the operator's own proxies stands for everybody."""
    settings = Settings(events=EventSettings(trusted_proxies=("192.0.2.12",)))
    found = ringfence.trace(log, address="192.0.2.12", time="2026-03-09", settings=settings)
    assert any("your own proxies" in note for note in found.notes)


def test_a_visitor_is_not_identified(trace: Trace) -> None:
    """An address without a login fits, but no account holder is known."""
    found = trace(item="105")
    assert (found.outcome, found.identified, found.candidates[0].visitor) == ("one", False, True)
    assert any("visitor is an address" in note for note in found.notes)


def test_nearly_fitting_accounts_are_shown_if_none_fits(trace: Trace) -> None:
    """Accounts that fit all criteria but one come with the criterion that does not fit."""
    found = trace(item="104", address="192.0.2.11", time="2026-03-09T07:00:00Z")
    assert (found.outcome, found.accounts, found.identified) == ("partial", 0, False)
    by_name = {one.account: one for one in found.candidates}
    assert by_name["eve"].matches == ("item", "address")
    assert by_name["ann"].matches == ("address", "time")
    assert "the time does not fit" in by_name["eve"].sure


def test_a_time_alone_brings_nobody_near(trace: Trace) -> None:
    """Of a wrong item and a right time, only those who took the item fit in part."""
    found = trace(item="104", time="2026-03-09T07:00:00Z")
    assert {one.account: one.matches for one in found.candidates} == {"eve": ("item",)}


def test_a_time_outside_of_the_period_is_said_first(trace: Trace) -> None:
    """The headline begins with it, and names the period and the number of accesses."""
    found = trace(item="101", time="2025-01-01T00:00:00Z")
    assert found.headline.startswith("The time is outside of the logs (7 accesses from 2026-03-09")
    alone = trace(time="2025-01-01T00:00:00Z")
    assert alone.outcome == "none"
    assert "Searched: the logs (7 accesses" in alone.headline


def test_an_unknown_item_is_an_error_with_a_suggestion(trace: Trace) -> None:
    """The nearest items are suggested, also for a URL."""
    for typed in ("1O1", "https://example.org/record/1010"):
        with pytest.raises(TraceError, match=r"none of the accesses.*did you mean .*101"):
            trace(item=typed)


@pytest.mark.slow
def test_a_source_that_is_named_twice_counts_once(log: Path, tmp_path: Path) -> None:
    """A copy of a log adds no accesses, and a further log does."""
    copy = tmp_path / "copy.log"
    copy.write_bytes(log.read_bytes())
    more = tmp_path / "more.log"
    more.write_text(log.read_text().replace("- bob ", "- zoe "))
    assert ringfence.trace(log, copy, item="101").searched[0].events == 7
    found = ringfence.trace(log, copy, more, item="101", address="192.0.2.12")
    assert sorted(accounts(found)) == ["bob", "zoe"]


def test_unread_lines_and_sources_are_said(log: Path, tmp_path: Path) -> None:
    """A note counts unreadable lines, and a missing source is listed; alone, it is an error."""
    found = ringfence.trace(log, tmp_path / "missing.log", item="101")
    assert any(note.endswith("were not searched: 1.") for note in found.notes)
    assert len(found.unread) == 1
    with pytest.raises(SourceError, match=r"missing\.log"):
        ringfence.trace(tmp_path / "missing.log", item="101")


def test_a_table_in_memory_is_a_source() -> None:
    """Events of another program are traced as a file is; an item may contain a slash."""
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"ts": ["2026-03-09T07:00:00Z"], "account": ["ann"], "item": ["10.1/a/b"]})
    assert accounts(ringfence.trace(frame, item="10.1/a/b")) == ["ann"]


def test_nothing_calls_anybody_guilty(trace: Trace) -> None:
    """The answer states what was recorded and that an account is not a person."""
    found = trace(item="101", address="192.0.2.11", time="2026-03-09T07:00:00Z")
    assert "An account is not a person" in found.notes[-1]
    assert "guilty" not in str(found.to_json()).lower()


def test_the_number_of_candidates_is_bounded() -> None:
    """Of 1,500 accounts, 1,000 are listed and all are counted."""
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {"ts": "2026-03-09T07:00:00Z", "account": [f"a{n}" for n in range(1_500)], "item": "x"}
    )
    found = ringfence.trace(frame, item="x")
    assert (found.accounts, len(found.candidates)) == (1_500, 1_000)

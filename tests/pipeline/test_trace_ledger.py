"""``ringfence.trace`` with a ledger: who held an item, when the logs are gone or incomplete."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pipeline.complaints import write_ledger, write_log

import ringfence
from ringfence import TraceResult
from ringfence.errors import LedgerError, TraceError
from ringfence.model.networks import parse_networks
from ringfence.pipeline.tracing.ledger_search import kept_networks

WIDE = "2001:db8::/32"
"""A network that contains one of the addresses, and is wider than those that a ledger keeps."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the small service's log."""
    return write_log(tmp_path_factory.mktemp("log") / "access.log")


@pytest.fixture(scope="module")
def ledger(log: Path) -> Path:
    """Write a ledger of that log."""
    return write_ledger(log, log.with_name("small.ledger"))


def names(result: TraceResult) -> list[str]:
    """Return the names of the candidates, sorted."""
    return sorted(one.account for one in result.candidates)


def test_the_ledger_knows_the_holders_of_an_item(ledger: Path) -> None:
    """Each holder comes with first and last use, and the answer says that it is the ledger's."""
    found = ringfence.trace(ledger=ledger, item="101")
    assert names(found) == ["ann", "bob", "cy"]
    assert {one.origin for one in found.candidates} == {"ledger"}
    holding = next(one.holding for one in found.candidates if one.account == "bob")
    assert holding
    assert holding.to_json() == {
        "first": "2026-03-09T07:04:00Z", "last": "2026-03-09T07:04:00Z", "uses": 1,
    }  # fmt: skip
    assert any("from the ledger alone" in note for note in found.notes)


def test_a_first_use_within_the_window_is_recorded(ledger: Path) -> None:
    """The ledger proves such a use, so that one account is identified."""
    found = ringfence.trace(ledger=ledger, item="101", time="2026-03-09T07:04:30Z", within="1m")
    assert names(found) == ["bob"]
    assert (found.candidates[0].certainty, found.identified) == ("seen", True)


def test_a_use_between_the_first_and_the_last_is_only_possible(tmp_path: Path) -> None:
    """The account was active in that minute and took the item before and after: no use is recorded.

    An account that was not active then does not fit.
    """
    rows = [
        "2026-03-09T07:00:00Z,ann,x", "2026-03-09T09:30:00Z,ann,y", "2026-03-09T12:00:00Z,ann,x",
        "2026-03-09T07:00:00Z,bob,x", "2026-03-09T12:00:00Z,bob,x",
    ]  # fmt: skip
    log = tmp_path / "a.csv"
    log.write_text("\n".join(("ts,account,item", *rows, "")))
    ledger = write_ledger(log, tmp_path / "a.ledger")
    found = ringfence.trace(ledger=ledger, item="x", time="2026-03-09T09:30:20Z", within="0s")
    assert names(found) == ["ann"]
    assert (found.candidates[0].certainty, found.identified) == ("possible", False)
    assert "may have taken this item" in found.headline
    assert [one.accounts for one in found.windows] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("time", "within", "expected"),
    [
        ("2026-03-09T07:04:59Z", "0s", ["bob"]),
        ("2026-03-09T07:05:00Z", "0s", []),
        ("2026-03-09T07:03:00Z", "0s", []),
        ("2026-03-09T06:59:00Z", "1m", ["ann"]),
        ("2026-03-09T09:00:00Z", "3h", ["ann", "bob", "cy", "dee"]),
    ],
)
def test_activity_is_known_to_the_minute(
    ledger: Path, time: str, within: str, expected: list[str]
) -> None:
    """Accounts that were active in a minute of the window fit, in the first hour and the last."""
    assert names(ringfence.trace(ledger=ledger, time=time, within=within)) == expected


def test_an_address_is_known_by_its_network(ledger: Path) -> None:
    """Neighbours fit as well, which is only possible, and a note says so."""
    found = ringfence.trace(ledger=ledger, item="101", address="192.0.2.200")
    assert names(found) == ["ann", "bob"]
    assert {one.certainty for one in found.candidates} == {"possible"}
    assert any("keeps networks" in note for note in found.notes)
    assert names(ringfence.trace(ledger=ledger, item="101", address="2001:db8::/48")) == ["cy"]


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("192.0.2.7/32", ["192.0.2"]),
        ("192.0.2.0/23", ["192.0.2", "192.0.3"]),
        ("0.0.0.0/0", []),
        ("2001:db8:1:2::/64", ["2001:db8:1"]),
        ("2001:db8::/48", ["2001:db8:"]),
        ("2001::/16", []),
    ],
)
def test_names_of_networks(network: str, expected: list[str]) -> None:
    """A network has the names under which a ledger keeps its addresses."""
    assert kept_networks(parse_networks([network])[0]) == expected


@pytest.mark.parametrize("network", [WIDE, "192.0.0.0/7"])
def test_a_network_that_is_too_wide_is_not_answered(ledger: Path, network: str) -> None:
    """The ledger cannot be searched for it, so nobody is told that no account fits."""
    found = ringfence.trace(ledger=ledger, item="101", address=network)
    assert (found.outcome, found.accounts, found.searched) == ("unanswered", 0, ())
    assert found.headline == (
        "The complaint cannot be answered: the ledger cannot be searched for this network."
    )
    told = found.text_for("complainant")
    assert "We could not compare your complaint with our access records by item and address" in told
    assert "Our records cannot answer the complaint." in told
    assert "Accounts that fit: not known." in told
    for text in (told, repr(found)):
        assert "No account" not in text
    assert found.to_json()["outcome"] == "unanswered"


def test_logs_answer_for_a_network_that_the_ledger_does_not_keep(log: Path, ledger: Path) -> None:
    """Then the ledger does not count as searched."""
    found = ringfence.trace(log, ledger=ledger, address=WIDE)
    assert (found.outcome, names(found)) == ("one", ["cy"])
    nobody = ringfence.trace(log, ledger=ledger, address="2002::/16")
    assert nobody.outcome == "none"
    assert [one.origin for one in nobody.searched] == ["logs"]
    assert "of the ledger" not in nobody.headline


def test_a_url_is_read_by_the_rules_of_the_ledger(ledger: Path) -> None:
    """The learned rules are in the ledger, so a URL needs no log."""
    found = ringfence.trace(ledger=ledger, item="https://www.example.org/record/104?x=y")
    assert (found.items, names(found)) == (("104",), ["eve"])


def test_an_unknown_item_gets_a_suggestion_from_the_ledger(ledger: Path) -> None:
    """An item that the ledger does not have is an error with the nearest ones."""
    with pytest.raises(TraceError, match="did you mean 101"):
        ringfence.trace(ledger=ledger, item="1O1")


def test_logs_that_cover_the_time_exclude_neighbours(log: Path, ledger: Path) -> None:
    """The ledger adds totals then, and no neighbours that it could not exclude alone."""
    found = ringfence.trace(
        log, ledger=ledger, item="101", address="192.0.2.12", time="2026-03-09T07:04:00Z",
        within="1m",
    )  # fmt: skip
    assert names(found) == ["bob"]
    assert found.candidates[0].holding
    assert any("The logs cover this time" in note for note in found.notes)


def test_logs_and_ledger_together(tmp_path: Path, log: Path, ledger: Path) -> None:
    """An account that only the ledger knows is added, and each candidate says where it is from."""
    part = tmp_path / "part.log"
    part.write_text("".join(log.read_text().splitlines(keepends=True)[:2]))
    found = ringfence.trace(part, ledger=ledger, item="101")
    assert {one.account: one.origin for one in found.candidates} == {
        "ann": "logs", "bob": "ledger", "cy": "ledger",
    }  # fmt: skip
    assert found.accounts == 3
    assert found.candidates[0].sure == "one of 3 accounts that took this item"
    assert any("1 of them are from the logs, 2 from the ledger" in note for note in found.notes)
    assert [one.origin for one in found.searched] == ["logs", "ledger"]


def test_a_recorded_use_counts_beside_the_logs_of_another_server(
    tmp_path: Path, ledger: Path
) -> None:
    """Logs that cover the time and lack an account do not hide its use in the ledger."""
    other = tmp_path / "other.csv"
    rows = ("2026-03-09T06:00:00Z,zoe,9", "2026-03-09T07:04:00Z,zoe,101", "2026-03-10T00:00Z,zoe,9")
    other.write_text("\n".join(("ts,account,item", *rows, "")))
    found = ringfence.trace(
        other, ledger=ledger, item="101", time="2026-03-09T07:04:00Z", within="1m"
    )
    assert names(found) == ["bob", "zoe"]
    assert (found.accounts, found.identified) == (2, False)


def test_a_recorded_use_is_told_from_a_possible_one(tmp_path: Path) -> None:
    """Of two accounts, one is recorded within the window, and the other is not excluded."""
    rows = [
        "2026-03-09T07:00:00Z,ann,x", "2026-03-09T09:30:00Z,ann,y", "2026-03-09T12:00:00Z,ann,x",
        "2026-03-09T09:30:10Z,bob,x",
    ]  # fmt: skip
    log = tmp_path / "a.csv"
    log.write_text("\n".join(("ts,account,item", *rows, "")))
    ledger = write_ledger(log, tmp_path / "a.ledger")
    found = ringfence.trace(ledger=ledger, item="x", time="2026-03-09T09:30:00Z", within="1m")
    said = {one.account: (one.certainty, one.sure) for one in found.candidates}
    assert said["bob"][0] == "seen"
    assert said["bob"][1].startswith("the only account that took this item")
    assert said["bob"][1].endswith("the ledger does not exclude 1 more")
    assert said["ann"][0] == "possible"
    assert said["ann"][1].startswith("by the ledger, one of 2 accounts that may have taken")
    assert not found.identified


def test_the_ledger_answers_for_a_time_without_logs(tmp_path: Path, ledger: Path) -> None:
    """Logs of another day show nothing, and the note says that the answer is the ledger's."""
    other = tmp_path / "other.csv"
    other.write_text("ts,account,item\n2026-04-01T08:00:00Z,ann,9\n")
    found = ringfence.trace(other, ledger=ledger, item="101", time="2026-03-09T07:04:00Z")
    assert names(found) == ["ann", "bob"]
    assert any("the answer is from the ledger alone" in note for note in found.notes)
    assert {one.origin for one in found.windows} == {"ledger"}


def test_a_file_that_is_no_ledger_is_an_error(log: Path) -> None:
    """A log in place of a ledger is refused in one line."""
    with pytest.raises(LedgerError):
        ringfence.trace(ledger=log, item="101")

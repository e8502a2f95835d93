"""``ringfence.trace`` with an address, on records that have none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pipeline.complaints import write_ledger, write_log

import ringfence

ROWS = ["2026-03-09T07:00:00Z,ann,101", "2026-03-09T07:04:00Z,bob,101", "2026-03-09T07:05:00Z,cy,7"]


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    """Write a table of accesses without addresses."""
    path = tmp_path / "plays.csv"
    path.write_text("\n".join(["ts,account,item", *ROWS]))
    return path


def test_the_rest_of_a_complaint_is_compared(plays: Path) -> None:
    """The answer and the letter name what was compared, and never say that nobody fits."""
    found = ringfence.trace(plays, item="101", address="1.2.3.4", time="2026-03-09T07:01Z",
                            within="1m")  # fmt: skip
    assert [one.account for one in found.candidates] == ["ann"]
    assert found.outcome == "one"
    assert found.criteria.given == ("item", "time")
    assert "The records have no addresses, so the address was not compared." in found.notes
    assert "by item and time" in found.text_for("complainant")
    assert "does not fit" not in repr(found)


def test_an_address_alone_cannot_be_answered(plays: Path) -> None:
    """Neither the headline nor the letter says that no account fits."""
    found = ringfence.trace(plays, address="1.2.3.4")
    assert found.outcome == "unanswered"
    assert found.headline == "The complaint cannot be answered: the records have no addresses."
    letter = found.text_for("complainant")
    assert "could not compare your complaint with our access records by address" in letter
    assert "This does not mean that nobody fits" in letter
    assert "Accounts that fit: not known." in letter


def test_a_ledger_without_networks_is_not_searched_for_an_address(
    plays: Path, tmp_path: Path
) -> None:
    """Alone it cannot answer; beside logs with addresses, only these are searched."""
    ledger = write_ledger(plays, tmp_path / "l")
    assert ringfence.trace(ledger=ledger, address="192.0.2.11").outcome == "unanswered"
    log = write_log(tmp_path / "access.log")
    found = ringfence.trace(log, ledger=ledger, item="101", address="192.0.2.11")
    assert [one.account for one in found.candidates] == ["ann"]
    assert "The ledger has no networks, so only the logs were searched." in found.notes


def test_logs_without_addresses_leave_an_address_to_the_ledger(plays: Path, tmp_path: Path) -> None:
    """The ledger has networks, so it is searched, and the logs are not."""
    ledger = write_ledger(write_log(tmp_path / "access.log"), tmp_path / "l")
    found = ringfence.trace(plays, ledger=ledger, item="101", address="192.0.2.11")
    assert {one.origin for one in found.candidates} == {"ledger"}
    assert "The logs have no addresses, so only the ledger was searched." in found.notes

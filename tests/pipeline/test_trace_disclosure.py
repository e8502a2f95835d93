"""The texts about a traced complaint: nobody reads what is not theirs to know."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pipeline.complaints import ACCESSES, write_ledger, write_log

import ringfence
from ringfence.errors import TraceError

COMPLAINTS = [
    {"item": "101", "address": "192.0.2.11", "time": "2026-03-09T07:00:00Z"},
    {"item": "https://www.example.org/record/101?user=ann"},
    {"item": "104", "address": "192.0.2.11", "time": "2026-03-09T07:00:00Z"},
    {"item": "105"},
    {"time": "2020-01-01"},
    {"address": "192.0.2.0/24", "time": "2026-03-09"},
]
"""Complaints that fit one account, several, some in part, a visitor, nobody, and a network."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the small service's log."""
    return write_log(tmp_path_factory.mktemp("log") / "access.log")


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_the_complainant_gets_no_personal_data(log: Path, complaint: dict[str, str]) -> None:
    """No account, address, network or client is in the text, not even those of the complaint."""
    found = ringfence.trace(log, **complaint)
    text = found.text_for("complainant")
    secrets = {value for ip, login, _, _, client in ACCESSES for value in (ip, login, client)}
    secrets |= {one.account for one in found.candidates} | {"192.0.2", "/record/"}
    # The words of the text must not hide a short login.
    words = set(text.replace(",", " ").replace(".", " ").split())
    assert not {one for one in secrets - {"-"} if one in words or (len(one) > 3 and one in text)}
    assert f"Accounts that fit: {found.accounts}." in text
    assert "Action considered:" in text


@pytest.mark.slow
def test_the_complainant_learns_whether_somebody_was_identified(log: Path) -> None:
    """One account, several, none, and a visitor lead to four different answers."""
    results = [ringfence.trace(log, **COMPLAINTS[n]) for n in (0, 1, 2, 3)]
    texts = [one.text_for("complainant") for one in results]
    assert "One account fits the complaint" in texts[0]
    assert "None of them was identified" in texts[1]
    assert "No account fits the complaint in every respect" in texts[2]
    assert "no account holder was identified" in texts[3]


def test_the_holder_gets_the_accesses_of_one_account(log: Path) -> None:
    """Nobody else's name, address or number of accounts is in the text."""
    text = ringfence.trace(log, item="101").text_for("holder", "bob")
    assert "2026-03-09 07:04:00 UTC, item 101, from 192.0.2.12, with Player/2.1" in text
    assert "This letter is not a decision about your account." in text
    others = [value for ip, login, *_ in ACCESSES if login != "bob" for value in (ip, f" {login} ")]
    assert not [one for one in others if len(one) > 3 and one in text]


@pytest.mark.parametrize(
    ("complaint", "account", "message"),
    [
        ({"item": "101"}, None, "3 accounts fit"),
        ({"item": "101"}, "eve", "does not fit"),
        ({"time": "2020-01-01"}, None, "no account fits"),
        ({"item": "105"}, None, "without a login"),
        (COMPLAINTS[2], "eve", "does not fit"),
    ],
)
def test_no_text_for_a_holder_who_is_not_meant(
    log: Path, complaint: dict[str, str], account: str | None, message: str
) -> None:
    """A text needs one account that fits in every respect and has a holder."""
    with pytest.raises(TraceError, match=message):
        ringfence.trace(log, **complaint).text_for("holder", account)


@pytest.mark.slow
def test_the_holder_of_an_account_in_the_ledger(log: Path) -> None:
    """Without a log, the text has the uses of the item and no single accesses."""
    ledger = write_ledger(log, log.with_name("small.ledger"))
    text = ringfence.trace(ledger=ledger, item="104").text_for("holder")
    assert "1 use of the item, first on 2026-03-09 19:00 UTC" in text


def test_the_reviewer_gets_everything(log: Path) -> None:
    """The reviewer's text has every candidate, and other audiences do not exist."""
    found = ringfence.trace(log, item="101")
    assert all(name in found.text_for("reviewer") for name in ("ann", "bob", "cy"))
    with pytest.raises(TraceError, match="one of complainant, holder, reviewer"):
        found.text_for("press")  # type: ignore[arg-type]


def test_the_document_says_what_may_be_disclosed(log: Path) -> None:
    """Four kinds of readers, with the reason, and that this is not legal advice."""
    said = ringfence.trace(log, item="101").to_json()
    assert [one["reader"] for one in said["disclosure"]] == [
        "complainant", "account holder", "internal reviewer", "authority",
    ]  # fmt: skip
    assert "not legal advice" in said["disclosure_note"]
    assert "Article 5(1)(c)" in said["disclosure_note"]

"""A scan that finds stolen logins helps their owners: findings, policy, letter and report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks.changing_people import HONEST, people, thief

import ringfence
from ringfence.cases.listing import describe_case
from ringfence.cases.statements.writing import statement
from ringfence.cases.stolen_login import STOLEN
from ringfence.cases.store import open_store
from ringfence.model.finding import Finding
from ringfence.settings import Settings
from ringfence.testing import write_events

SETTINGS = Settings.model_validate(
    {
        "engine": {"threads": 1},
        "statements": {"service": "Library", "contact": "help@library.example"},
        "policy": {"mode": "enforce", "rules": [{"action": "suspend", "automatic": True}]},
    }
)
"""A policy that suspends whatever is found."""


@pytest.fixture(name="scanned", scope="module")
def _scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ringfence.ScanResult]:
    """Scan 1,000 users and ten stolen logins, with a case store."""
    folder = tmp_path_factory.mktemp("stolen")
    lives = {"no change": (1_000, HONEST["no change"]), "stolen": (10, thief(14, 80))}
    log = write_events(folder / "log.parquet", people(lives, 21))
    return folder, ringfence.scan(
        log, settings=SETTINGS, cases=folder / "cases.db", out=folder / "out"
    )


def accounts_of(result: ringfence.ScanResult) -> list[Finding]:
    """Return the findings about accounts."""
    return [one for one in result.findings if one.kind == "account"]


@pytest.mark.slow
def test_stolen_logins_are_suspects_with_advice_to_challenge(
    scanned: tuple[Path, ringfence.ScanResult],
) -> None:
    """At least half are found, nobody is extracting, and no honest account is found."""
    found = accounts_of(scanned[1])
    assert len(found) >= 5
    for one in found:
        assert one.id.startswith("stolen")
        assert (one.verdict, one.action, one.may_be_stolen) == ("suspect", "challenge", True)
        assert one.evidence[0].test == "own_past"
        assert one.p_value <= 5e-5


def test_the_policy_never_suspends_them(scanned: tuple[Path, ringfence.ScanResult]) -> None:
    """A rule that suspends everything gives a challenge, and its reason accuses nobody."""
    folder, result = scanned
    cases = [one.case.case for one in result.findings if one.case]
    with open_store(folder / "cases.db").reading() as connection:
        told: list[dict[str, Any]] = [describe_case(connection, number) for number in cases]
        texts = {
            language: statement(connection, told[-1]["decisions"][0]["id"], language, SETTINGS)
            for language in ("en", "fr")
        }
    for case in told:
        (decision,) = case["decisions"]
        assert decision["action"] == "challenge"
        assert decision["reason"].startswith(STOLEN)
    assert {one.kind for one in texts.values()} == {"stolen-login"}
    assert "We do not accuse you of anything" in " ".join(texts["en"].text.split())
    assert "Nous ne vous accusons de rien" in " ".join(texts["fr"].text.split())


def test_the_report_says_that_the_owner_did_nothing(
    scanned: tuple[Path, ringfence.ScanResult],
) -> None:
    """The page and the file say that the login may be stolen."""
    out = scanned[0] / "out"
    page = (out / "report.html").read_text("utf-8")
    assert "Its owner has done nothing wrong." in page
    assert "suspect, may be stolen" in page
    assert '"may_be_stolen": true' in (out / "findings.jsonl").read_text("utf-8")

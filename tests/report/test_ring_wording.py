"""Sentences about rings."""

from __future__ import annotations

import pytest

from ringfence.model.ring_profile import ComparisonGroup, Incidence
from ringfence.report.ring_wording import (
    MEANINGS,
    compared_with,
    meaning_of_p,
    noun,
    relation,
    why,
)


def others(accounts: int) -> ComparisonGroup:
    """Return a comparison group with round numbers."""
    return ComparisonGroup(accounts, 7_250, 900, 9_120, Incidence())


def test_the_comparison_group_has_its_numbers() -> None:
    """The sentence names the accounts, both totals of holdings and the items in common."""
    said = compared_with(others(25), 7_500)
    assert "25 other accounts" in said
    assert "hold 7,250 items, summed over accounts (the ring: 7,500)" in said
    assert "9,120 items in common" in said


def test_smaller_accounts_are_not_said_to_be_of_similar_size() -> None:
    """If no account beside findings holds as much, the largest ones are named as such."""
    assert "with holdings of similar size" in compared_with(others(25), 14_000)
    assert "with the largest holdings beside findings" in compared_with(others(25), 15_000)


def test_a_scan_of_one_ring_has_nothing_to_compare_with() -> None:
    """Without other accounts no number is given."""
    assert compared_with(others(0), 300) == "There are no other accounts to compare with."


def test_each_test_of_a_ring_has_its_own_noun() -> None:
    """Collisions are items in common; lockstep counts items at the same time."""
    assert noun("collision") == "items in common"
    assert noun("lockstep") == "items taken at the same time"


def test_a_member_has_a_p_value_of_its_own() -> None:
    """The collision test says one thing about a group, another about an account in it."""
    assert meaning_of_p("collision", "ring") == MEANINGS["collision"]
    assert "an independent account has as few" in meaning_of_p("collision", "account")
    assert meaning_of_p("lockstep", "account") == MEANINGS["lockstep"]
    assert meaning_of_p("volume", "account") == ""


@pytest.mark.parametrize(
    ("test", "p_value", "sign"),
    [("collision", 1e-12, "at most"), ("collision", 1e-11, "="), ("volume", 1e-12, "=")],
)
def test_only_the_smallest_p_value_of_a_ring_is_a_bound(
    test: str, p_value: float, sign: str
) -> None:
    """Rings are reported down to 1e-12; below, the value is a bound."""
    assert relation(test, p_value) == sign


@pytest.mark.parametrize(
    ("test", "verdict", "reason"),
    [
        ("collision", "extracting", "is extracting because at least half"),
        ("lockstep", "extracting", "is extracting because at least half"),
        ("collision", "suspect", "is a suspect. A ring is extracting only if"),
        ("lockstep", "suspect", "lockstep is at most a suspect"),
        ("crowd", "suspect", "A crowd is at most a suspect"),
    ],
)
def test_a_verdict_has_its_reason(test: str, verdict: str, reason: str) -> None:
    """The reason fits the test that found the ring and the verdict."""
    assert reason in why(test, verdict)

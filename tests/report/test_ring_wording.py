"""Sentences about rings fit what gave them away."""

import pytest

from ringfence.report.ring_wording import beside, chance, noun


@pytest.mark.parametrize(
    ("test", "much", "counted"),
    [
        ("collision", "as few in common", "items in common"),
        ("lockstep", "as many at the same times", "items taken at the same time"),
    ],
)
def test_each_test_has_its_words(test: str, much: str, counted: str) -> None:
    """Too little in common and too much at once are not told in the same words."""
    assert chance(test, "ring").endswith(f"of this scan has {much}")
    assert noun(test) == counted


def test_what_is_of_one_account_is_not_told_as_of_groups() -> None:
    """Members are counted among honest accounts; one member's numbers are of one account."""
    assert chance("members", "ring").startswith("the chance that as many of so many honest")
    assert chance("collision", "account").startswith("the chance that an independent account has")
    assert chance("volume", "account") == ""


def test_others_are_told_with_their_size() -> None:
    """How many there are, what they hold next to the ring, and what they have in common."""
    said = beside(25, 12_365, 18_500, 8_985)
    assert said.startswith("25 other accounts, ")
    assert "hold 12,365 items (the ring 18,500)" in said
    assert "8,985 in common, pair by pair. They were chosen by size alone" in said


def test_nobody_to_compare_with_is_said() -> None:
    """A scan of a ring alone has nobody to put beside it."""
    assert beside(0, 0, 100, 0) == "There are no other accounts to show beside it."

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
    assert chance(test).endswith(f"of this scan has {much}")
    assert noun(test) == counted


def test_what_is_of_one_account_is_not_told_as_of_groups() -> None:
    """What is said of members counts honest accounts; a single account's p-value is of readers."""
    assert chance("members").startswith("the chance that as many of so many honest accounts")
    assert chance("volume") == ""


def test_others_are_told_with_their_size() -> None:
    """How many there are, what they hold next to the ring, and what they have in common."""
    said = beside(25, 12_365, 18_500, 8_985)
    assert said.startswith("25 other accounts, ")
    assert "hold 12,365 items (the ring 18,500)" in said
    assert said.endswith("8,985 in common, pair by pair.")


def test_nobody_to_compare_with_is_said() -> None:
    """A scan of a ring alone has nobody to put beside it."""
    assert beside(0, 0, 100, 0) == "There are no other accounts to show beside it."

"""The sentences that a report and a terminal begin with."""

from __future__ import annotations

import dataclasses

import pytest
from tests.report import sample

from ringfence.report.headline import headline, suspects, together


def plain(text: str) -> str:
    """Return a sentence with ordinary spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("names", "accounts", "said"),
    [
        ((), 0, "There was no account to judge: these sources contain no use of an item."),
        ((), 1, "The only account does not extract the catalogue, as far as this scan can tell."),
        ((), 9, "None of 9 accounts extracts the catalogue, as far as this scan can tell."),
        (("a",), 1, "The only account extracts the catalogue."),
        (("a",), 1_486, "1 of 1,486 accounts extracts the catalogue."),
        (("a", "b"), 9, "2 of 9 accounts extract the catalogue."),
    ],
)
def test_the_headline_follows_the_numbers(names: tuple[str, ...], accounts: int, said: str) -> None:
    """Grammar is right for none, one and several, of one and of several accounts."""
    assert plain(headline([sample.finding(name) for name in names], accounts)) == said


def test_an_account_that_extracts_is_not_counted_as_suspect_again() -> None:
    """A suspect ring counts only the members that are not already said to extract."""
    ring = dataclasses.replace(sample.ring(3), verdict="suspect")
    assert plain(suspects([ring])) == "3 accounts are suspect and worth a review."
    own = sample.finding(ring.accounts[0])
    assert plain(suspects([ring, own])) == "2 accounts are suspect and worth a review."
    assert suspects([own]) == ""


def test_rings_are_counted_with_their_members() -> None:
    """Each member counts once, and without a ring nothing is said."""
    ring = sample.ring(3)
    said = "Of all these accounts, 3 accounts act together, as {}."
    assert plain(together([ring])) == said.format("one ring")
    assert plain(together([ring, ring])) == said.format("2 rings")
    assert together([sample.finding()]) == ""

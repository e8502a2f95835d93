"""Sentences about rings that the report and the terminal share."""

from __future__ import annotations

from typing import Final

LINKS_NOTE: Final = (
    "What accounts share is never evidence alone: a family, an office or a campus shares as much."
)

_ANY_GROUP: Final = "the chance that any group of independent accounts of this scan has"

CHANCES: Final = {
    "collision": f"{_ANY_GROUP} as few in common",
    "lockstep": f"{_ANY_GROUP} as many at the same times",
    "members": "the chance that as many of so many honest accounts are findings themselves",
}
"""What the p-value of a test of accounts together is, as a clause, by its name."""


def noun(test: str) -> str:
    """Return what two members of a ring may have in common, in the plural.

    Args:
        test: what gave the ring away, ``collision`` or ``lockstep``.
    """
    return "items taken at the same time" if test == "lockstep" else "items in common"


def chance(test: str) -> str:
    """Say what the p-value of a test of accounts together is, as a clause.

    A ring's own evidence is among that on its members too, and no chance of a reader there either.

    Args:
        test: any; for one of a single account, whose p-value is of readers, the text is empty.
    """
    return CHANCES.get(test, "")


def beside(accounts: int, holdings: int, own: int, collisions: int) -> str:
    """Say what the other accounts have in common that a ring is shown next to.

    Args:
        accounts: how many others.
        holdings: items they hold, summed over accounts.
        own: the same of the ring.
        collisions: items that two of the others both hold, summed over pairs.
    """
    if not accounts:
        return "There are no other accounts to show beside it."
    return (
        f"{accounts:,} other accounts, with holdings as near in size as there are, hold "
        f"{holdings:,} items (the ring {own:,}), counted account by account, and have "
        f"{collisions:,} in common, pair by pair."
    )

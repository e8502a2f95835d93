"""Sentences about rings that the report and the terminal share."""

from __future__ import annotations

from typing import Final

LINKS_NOTE: Final = (
    "What accounts share is never evidence alone: a family, an office or a campus shares as much."
)


def noun(test: str) -> str:
    """Return what two members of a ring may have in common, in the plural.

    Args:
        test: what gave the ring away, ``collision`` or ``lockstep``.
    """
    return "items taken at the same time" if test == "lockstep" else "items in common"


def chance(test: str) -> str:
    """Say what the p-value of a ring is, as a clause."""
    much = "as many at the same times" if test == "lockstep" else "as few in common"
    return f"the chance that any group of independent accounts of this scan has {much}"


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

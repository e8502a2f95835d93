"""Sentences about rings that the report and the terminal share."""

from __future__ import annotations

from typing import Final

from ringfence.model.ring import RING_FLOOR

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


ALONE: Final = "the chance that an independent account has as few in common with the others"
"""What the p-value of a ring's test is where it is of one account."""

MISTAKEN: Final = (
    "A ring is found as a whole: of one member it says as much as what is expected of that member, "
    "and a few accounts can fit by chance. People who divide their reading on purpose, a class or "
    "an editorial team, look the same. Rings that take the same slices of a catalogue are found as "
    "one, or mixed; devices, means of payment and sign-ups may tell crews apart."
)
"""What is to be considered before anybody is accused of being in a ring."""

_EXTRACTING: Final = (
    "At least half of its accounts are findings by their own evidence, and its p-value is at most "
    "a hundredth of the rate of false accusations."
)
_LOCKSTEP: Final = (
    "A suspect, never more: accounts that one programme drives for an honest reason, such as those "
    "of a chain of shops, move in lockstep too."
)
_SUSPECT: Final = (
    "A suspect, not more: a ring is extracting when half of its accounts are findings by their own "
    "evidence and its p-value is at most a hundredth of the rate of false accusations."
)


def why(test: str, verdict: str) -> str:
    """Say why a ring has its verdict.

    Args:
        test: what gave it away, ``collision`` or ``lockstep``.
        verdict: ``suspect`` or ``extracting``.
    """
    if verdict == "extracting":
        return _EXTRACTING
    return _LOCKSTEP if test == "lockstep" else _SUSPECT


def noun(test: str) -> str:
    """Return what two members of a ring may have in common, in the plural.

    Args:
        test: what gave the ring away, ``collision`` or ``lockstep``.
    """
    return "items taken at the same time" if test == "lockstep" else "items in common"


def chance(test: str, kind: str) -> str:
    """Say what the p-value of a test of accounts together is, as a clause.

    Args:
        test: any; for one of a single account, whose p-value is of users, the text is empty.
        kind: of the finding that it is evidence on, ``ring`` or ``account``.
    """
    return ALONE if (test, kind) == ("collision", "account") else CHANCES.get(test, "")


def capped(kind: str, p_value: float) -> bool:
    """Say whether a p-value of a kind of finding is the least that is told apart."""
    return kind == "ring" and p_value <= RING_FLOOR


def equals(test: str, p_value: float) -> str:
    """Write what stands before a p-value: accounts together are not told apart below the least."""
    return "at most" if test in CHANCES and capped("ring", p_value) else "="


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
        f"{collisions:,} in common, pair by pair. They were chosen by size alone; what is expected "
        f"of the ring's accounts considers what they hold, too."
    )

"""Sentences about rings that the report and the terminal share."""

from __future__ import annotations

from typing import Final

from ringfence.model.ring import RING_FLOOR
from ringfence.model.ring_profile import ComparisonGroup

LINKS_NOTE: Final = (
    "Shared attributes are never evidence alone: a family, an office or a campus shares as much."
)

_ANY_GROUP: Final = "the probability that any group of independent accounts in this scan has"

_ANY_COHORT: Final = "the probability that independent visitors of any cohort in this scan have"

MEANINGS: Final = {
    "collision": f"{_ANY_GROUP} as few items in common",
    "lockstep": f"{_ANY_GROUP} as many takes at the same times",
    "crowd": f"{_ANY_COHORT} as few items in common, or continue each other as often",
    "own_past": "the probability that logins of honest owners change as much",
    "members": "the probability that a group of honest accounts of this size has as many findings",
}
"""The meaning of the p-value of each test of a group, as a clause."""


MEMBER_MEANING: Final = (
    "the probability that an independent account has as few items in common with the others"
)
"""The meaning of the p-value of the collision test for one account."""

MISTAKEN: Final = (
    "The evidence concerns the group. A few honest accounts, especially light users, may fit in by "
    "chance. People who divide their reading on purpose, such as a class or an editorial team, "
    "look the same. Two rings that take the same part of a catalogue are found as one ring. Shared "
    "devices, means of payment and sign-ups may separate them."
)
"""The caution before anybody is accused of being in a ring."""

_EXTRACTING: Final = (
    "The ring is extracting because at least half of its accounts are findings on their own, and "
    "its p-value is at most a hundredth of the false accusation rate."
)
_LOCKSTEP: Final = (
    "A ring in lockstep is at most a suspect: one program may drive its accounts for an honest "
    "reason, for instance in a chain of shops. Look at the place and the timetable: one address, "
    "lessons, opening hours, releases. The advice is to observe, unless at least half of its "
    "accounts are findings on their own."
)
_CROWD: Final = (
    "A crowd is at most a suspect: a single visitor that takes a few items shows nothing. An "
    "address may be shared or used by somebody else by now. Prefer a challenge to a block, and "
    "let it end soon."
)
_STOLEN: Final = (
    "The login may be stolen. Its owner has done nothing wrong. Reset the credentials and contact "
    "the owner, who may also have travelled or changed work."
)
_STOLEN_RING: Final = (
    "At least half of these logins may be stolen. Their owners have done nothing wrong, so the "
    "ring accuses nobody. Reset the credentials and contact the owners."
)
_SUSPECT: Final = (
    "The ring is a suspect. A ring is extracting only if at least half of its accounts are "
    "findings on their own, and its p-value is at most a hundredth of the false accusation rate."
)


def why(test: str, verdict: str) -> str:
    """Return the reason for the verdict of a ring.

    Args:
        test: the test that found it, ``collision``, ``lockstep`` or ``crowd``.
        verdict: ``suspect`` or ``extracting``.
    """
    if verdict == "extracting":
        return _EXTRACTING
    return {"lockstep": _LOCKSTEP, "crowd": _CROWD}.get(test, _SUSPECT)


def may_be_stolen(kind: str) -> str:
    """Return the advice about a finding whose logins may be stolen.

    Args:
        kind: kind of the finding, ``ring`` or ``account``.
    """
    return _STOLEN_RING if kind == "ring" else _STOLEN


def noun(test: str) -> str:
    """Return what two members of a ring may have in common, in the plural.

    Args:
        test: the test that found the ring, ``collision``, ``lockstep`` or ``crowd``.
    """
    return "items taken at the same time" if test == "lockstep" else "items in common"


def meaning_of_p(test: str, kind: str) -> str:
    """Return the meaning of the p-value of a test of a group, as a clause.

    Args:
        test: any test. The text is empty for a test of single accounts, whose p-value is about
            users.
        kind: kind of the finding with this evidence, ``ring`` or ``account``.
    """
    if (test, kind) == ("collision", "account"):
        return MEMBER_MEANING
    return MEANINGS.get(test, "")


def capped(kind: str, p_value: float) -> bool:
    """Return whether a p-value is the smallest that is reported for this kind of finding."""
    return kind == "ring" and p_value <= RING_FLOOR


def relation(test: str, p_value: float) -> str:
    """Return the relation sign of a p-value: ``at most`` for a ring's smallest, else ``=``."""
    return "at most" if test in MEANINGS and capped("ring", p_value) else "="


def compared_with(others: ComparisonGroup, own: int) -> str:
    """Say what the comparison group of a ring has in common.

    Args:
        others: the comparison group.
        own: items held by the members, summed over members.
    """
    if not others.accounts:
        return "There are no other accounts to compare with."
    smaller = others.holdings < own / 2
    which = "the largest holdings beside findings" if smaller else "holdings of similar size"
    return (
        f"For comparison: {others.accounts:,} other accounts with {which} hold "
        f"{others.holdings:,} items, summed over accounts (the ring: {own:,}). They have "
        f"{others.collisions:,} items in common, summed over pairs. They are chosen by size alone; "
        "the expected number also depends on the items that the ring holds."
    )

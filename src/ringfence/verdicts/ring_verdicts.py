"""What a ring and its members' own evidence say together.

Two things that are not enough alone may be together: an account that is suspect by its own
evidence, and its being in a ring. Two things may go wrong, and each may add a hundredth to the
operator's rate, if p-values hold. The ring may be none: the chance that a scan shows any ring of
honest accounts at p or below is p, and a ring that accuses has p at most a hundredth of the rate,
whatever oddness and collisions have to do with each other. Or the ring is one, and an honest
suspect happens to fit in: fewer than one honest account is expected among a scan's suspects
(:func:`~ringfence.verdicts.control.suspect`), and it is accused only if an independent account has
as little in common with the others at a chance of a hundredth of the rate, shared by the rings.

A ring is ``extracting`` if it is as sure, and half of its members are findings by their own
evidence. Whatever it is that honest accounts of a false ring have in common (a client, a school,
one person behind many addresses), half of them are not suspects, of whom fewer than one is honest.

Rings in lockstep are never more than suspects, and accuse nobody: honest accounts that one
programme drives, shops of a chain, are found by it. Links are no evidence at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Verdict
from ringfence.model.ring import RING_FLOOR, Ring
from ringfence.stats.arrays import Rows
from ringfence.verdicts.control import LEAST_FOR_A_LOOK
from ringfence.verdicts.judge import ScoredAccounts

Labels = npt.NDArray[Any]

OF_THE_RATE: Final = 0.01
"""Share of the operator's rate that rings which are none may add to it, and again honest accounts
that happen to fit in a ring."""

HALF: Final = 0.5
"""Share of a ring's members that have to be findings by themselves before it is extracting."""


@dataclass(frozen=True)
class RingVerdict:
    """A ring with what its members' own evidence says.

    Attributes:
        ring: as found.
        rows: of its members among the judged accounts, in the order of the ring's keys.
        verdict: suspect, or extracting.
        accuses: (members,) whether it may accuse each of them.
        odd: members that are findings by their own evidence.
    """

    ring: Ring
    rows: Rows
    verdict: Verdict
    accuses: npt.NDArray[np.bool_]
    odd: int


def judge_rings(
    scored: ScoredAccounts, labels: Labels, rings: Sequence[Ring], rate: float
) -> tuple[RingVerdict, ...]:
    """Say of every ring what it is.

    Args:
        scored: all accounts, members of rings among them.
        labels: their verdicts alone.
        rings: as found.
        rate: the operator's false_accusation_rate.
    """
    found = []
    least = float(np.log(OF_THE_RATE * rate / max(len(rings), 1)))
    for ring in rings:
        rows = np.searchsorted(scored.accounts["account_key"], ring.keys)
        sure = ring.test == "collision" and ring.p_value <= OF_THE_RATE * rate
        odd = int(np.sum(labels[rows] != ""))
        verdict: Verdict = "extracting" if sure and odd >= HALF * rows.size else "suspect"
        found.append(RingVerdict(ring, rows, verdict, sure & (ring.alone <= least), odd))
    return tuple(found)


def with_ring_evidence(
    scored: ScoredAccounts, labels: Labels, rings: Sequence[RingVerdict]
) -> tuple[ScoredAccounts, Labels]:
    """Accuse suspects that belong to a sure ring, and say of all members which company they keep.

    Args:
        scored: all accounts.
        labels: their verdicts alone.
        rings: those found, most certain first.

    Returns:
        The accounts with what their company says, and their verdicts.
    """
    accused = np.zeros(labels.size, dtype=bool)
    for one in rings:
        accused[one.rows[one.accuses]] = True
    accused &= labels == "suspect"
    besides: dict[int, Evidence] = {}
    for one in reversed(rings):
        # Of several rings the most certain one counts.
        besides |= {row: _toward(one, n) for n, row in enumerate(one.rows.tolist())}
    return replace(scored, ring_evidence=besides), np.where(accused, "extracting", labels)


def members_evidence(one: RingVerdict, accounts: int) -> Evidence | None:
    """Return what the members' own evidence says of a ring; None if none of them is a finding.

    The p-value is that of so many findings among accounts that are one with chance 1 in so many as
    the scan has, independently (binomial).
    """
    if not one.odd:
        return None
    chance = 1 / max(accounts, LEAST_FOR_A_LOOK)
    p = float(binom.sf(one.odd - 1, one.rows.size, chance))
    expected = one.rows.size * chance
    sentence = (
        f"{one.odd:,} of its {one.rows.size:,} accounts {'is a' if one.odd == 1 else 'are'} "
        f"finding{'' if one.odd == 1 else 's'} by their own evidence; of honest accounts, fewer "
        f"than one in the whole scan is meant to be."
    )
    return Evidence("members", float(one.odd), expected, max(p, RING_FLOOR), sentence)


def _toward(one: RingVerdict, place: int) -> Evidence:
    """Return what a member has in common with the others, as evidence on it."""
    observed, expected = one.ring.toward[place].tolist()
    sentence = _sentence(one, observed, expected)
    if one.ring.test == "lockstep":
        return Evidence("lockstep", observed, expected, one.ring.p_value, sentence)
    p_value = float(np.exp(one.ring.alone[place]))
    return Evidence("collision", observed, expected, max(p_value, RING_FLOOR), sentence)


def _sentence(one: RingVerdict, observed: float, expected: float) -> str:
    others = one.rows.size - 1
    if one.ring.test == "lockstep":
        return (
            f"It is in a ring: {observed:,.0f} times it took what one of {others:,} other accounts "
            f"took at the same moment; chance would have {expected:,.0f}."
        )
    return (
        f"It is in a ring: with {others:,} other accounts it has {observed:,.0f} items in common, "
        f"account by account; an independent one would have {expected:,.0f}."
    )

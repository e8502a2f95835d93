"""Judge rings, and combine a ring with its members' own evidence.

Two pieces of evidence that are not enough alone may be enough together: an account is suspect on
its own, and it belongs to a ring. Two errors are possible, and each may add one hundredth of the
operator's false accusation rate, if the p-values are valid.

* *The ring is false.* The chance that a scan shows any ring of honest accounts with a p-value of
  p or below is p. A ring that accuses has a p-value of at most one hundredth of the rate. This
  holds whatever the dependence between unusual habits and collisions.
* *The ring is true, and an honest suspect happens to fit in.* Less than one honest account is
  expected among the suspects of a scan (:func:`~ringfence.verdicts.error_control.suspect`). Such a
  member is accused only if an independent account has as few collisions with the other members with
  a chance of one hundredth of the rate, divided by the number of rings.

A ring is ``extracting`` if it passes the first condition and half of its members are findings on
their own. Honest accounts of a false ring may share a client, a school, or one person behind many
addresses. Half of them cannot be suspects on their own, because less than one honest suspect is
expected in the whole scan.

Rings found by lockstep are always suspects and accuse nobody: honest accounts that one program
drives, such as the shops of a chain, move in lockstep too. So are crowds, because a visitor with
a few items shows nothing alone. Links are never evidence.

A login that may be stolen is not accused by its ring, and a ring of such logins is a suspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Verdict
from ringfence.model.ring import RING_FLOOR, Ring
from ringfence.own_past import OWN_PAST
from ringfence.stats.arrays import Flags, Names, Rows
from ringfence.stats.tails import upper_tail_of_binomial
from ringfence.verdicts.error_control import MIN_SCAN_SIZE, MIN_SCAN_SIZE_FOR_SUSPECTS
from ringfence.verdicts.scored_accounts import ScoredAccounts
from ringfence.verdicts.stolen_logins import may_be_stolen

RING_SHARE_OF_RATE: Final = 0.01
"""Share of the false accusation rate that false rings may add, and again honest accounts that fit
into a true ring by chance."""

EXTRACTING_MEMBER_SHARE: Final = 0.5
"""Share of a ring's members that must be findings on their own before the ring is extracting."""


STOLEN_MEMBER_SHARE: Final = 0.5
"""If the logins of this share of a ring's members may be stolen, the ring accuses nobody."""


@dataclass(frozen=True)
class RingVerdict:
    """A ring and what its members' own evidence says about it.

    Attributes:
        ring: the ring as found.
        rows: (members,) rows of the members among the scored accounts, in the order of
            ``ring.keys``.
        verdict: ``suspect`` or ``extracting``.
        accuses: (members,) whether the ring may accuse each member.
        findings: number of members that are findings on their own.
        stolen: number of members that are unlike their own past.
        victims: number of members whose logins may be stolen: these, and those of a crew.
    """

    ring: Ring
    rows: Rows
    verdict: Verdict
    accuses: Flags
    findings: int
    stolen: int = 0
    victims: int = 0

    @property
    def may_be_stolen(self) -> bool:
        """Whether the logins of half of the members may be stolen."""
        return self.ring.is_foreign or self.victims >= STOLEN_MEMBER_SHARE * self.rows.size


def judge_rings(
    scored: ScoredAccounts, labels: Names, rings: Sequence[Ring], rate: float
) -> tuple[RingVerdict, ...]:
    """Return the verdict on each ring, in the order given.

    Args:
        scored: all accounts; the members of the rings are among them.
        labels: (accounts,) verdicts from each account's own evidence.
        rings: the rings as found.
        rate: the operator's false accusation rate.
    """
    found = []
    threshold = float(np.log(RING_SHARE_OF_RATE * rate / max(len(rings), 1)))
    stolen = may_be_stolen(scored)
    for ring in rings:
        rows = np.searchsorted(scored.accounts["account_key"], ring.keys)
        certain = ring.test == "collision" and ring.p_value <= RING_SHARE_OF_RATE * rate
        own = int(np.sum(labels[rows] != ""))
        enough = own >= EXTRACTING_MEMBER_SHARE * rows.size
        certain &= not ring.is_foreign
        victims = stolen[rows] | np.isin(ring.keys, ring.crew)
        accuses = certain & (ring.member_log_p <= threshold) & ~victims
        unlike = int(stolen[rows].sum())
        one = RingVerdict(ring, rows, "suspect", accuses, own, unlike, int(victims.sum()))
        if certain and enough and not one.may_be_stolen:
            one = replace(one, verdict="extracting")
        found.append(one)
    return tuple(found)


def with_ring_evidence(
    scored: ScoredAccounts, labels: Names, rings: Sequence[RingVerdict]
) -> tuple[ScoredAccounts, Names]:
    """Accuse suspects that belong to a certain ring, and add each member's ring evidence.

    Args:
        scored: all accounts.
        labels: (accounts,) verdicts from each account's own evidence.
        rings: verdicts on the rings, most certain first. An account in several rings gets the
            evidence of the most certain one.

    Returns:
        The accounts with their ring evidence, and their final verdicts.
    """
    accused = np.zeros(labels.size, dtype=bool)
    for one in rings:
        accused[one.rows[one.accuses]] = True
    accused &= labels == "suspect"
    evidence: dict[int, Evidence] = {}
    for one in reversed(rings):
        evidence |= {row: _member_evidence(one, n) for n, row in enumerate(one.rows.tolist())}
    labels = np.where(accused, "extracting", labels)
    return replace(scored, ring_evidence=evidence), labels


def members_evidence(one: RingVerdict, accounts: int) -> Evidence | None:
    """Return the members' own evidence as evidence on the ring; None if no member is a finding.

    The p-value is binomial: the chance of at least this number of findings among the members, if
    each account of the scan independently is a finding with chance 1 / accounts.

    Args:
        one: the ring with its verdict.
        accounts: number of accounts in the scan.
    """
    if not one.findings:
        return None
    chance = 1 / max(accounts, MIN_SCAN_SIZE_FOR_SUSPECTS)
    p = upper_tail_of_binomial(one.findings, one.rows.size, chance)
    expected = one.rows.size * chance
    is_finding = "is also a finding" if one.findings == 1 else "are also findings"
    sentence = (
        f"{one.findings:,} of its {one.rows.size:,} accounts {is_finding} on their own. "
        f"In a scan of this size, less than one honest account is expected to be."
    )
    return Evidence("members", float(one.findings), expected, max(p, RING_FLOOR), sentence)


def stolen_evidence(one: RingVerdict, accounts: int) -> Evidence | None:
    """Return as evidence on a ring that logins may be stolen; None if none may be.

    Args:
        one: the ring with its verdict.
        accounts: number of accounts in the scan.
    """
    if not one.stolen:
        return None
    chance = 0.5 / max(accounts, MIN_SCAN_SIZE)
    p = upper_tail_of_binomial(one.stolen, one.rows.size, chance)
    verb = "is unlike its" if one.stolen == 1 else "are unlike their"
    sentence = (
        f"{one.stolen:,} of its {one.rows.size:,} accounts {verb} own past since they have been "
        "used from networks and with clients that they had never used before. Their logins may be "
        "stolen."
    )
    expected = one.rows.size * chance
    return Evidence(OWN_PAST, float(one.stolen), expected, max(p, RING_FLOOR), sentence)


def _member_evidence(one: RingVerdict, place: int) -> Evidence:
    """Return a member's part of the evidence on its ring as evidence on it."""
    observed, expected = one.ring.member_collisions[place].tolist()
    sentence = _member_sentence(one, observed, expected)
    if one.ring.test != "collision":
        return Evidence(one.ring.test, observed, expected, one.ring.p_value, sentence)
    p_value = float(np.exp(one.ring.member_log_p[place]))
    return Evidence("collision", observed, expected, max(p_value, RING_FLOOR), sentence)


def _member_sentence(one: RingVerdict, observed: float, expected: float) -> str:
    others = one.rows.size - 1
    if one.ring.test == "lockstep":
        return (
            f"Belongs to a ring: {observed:,.0f} times it took the same item at the same moment as "
            f"one of the {others:,} other accounts, where {expected:,.0f} are expected by chance."
        )
    if one.ring.test == "crowd":
        return (
            f"Belongs to a crowd of {one.rows.size:,} visitors that act as one. The evidence "
            "concerns the crowd; this visitor alone shows nothing."
        )
    return (
        f"Belongs to a ring: it shares {observed:,.0f} items with the {others:,} other accounts, "
        f"where an independent account would share {expected:,.0f}."
    )

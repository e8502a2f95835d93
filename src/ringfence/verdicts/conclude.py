"""Combine accounts and rings into final verdicts and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine
from ringfence.model.finding import Finding
from ringfence.model.ring import Ring
from ringfence.settings import Settings
from ringfence.stats.arrays import Names
from ringfence.verdicts.account_findings import account_findings, account_verdicts
from ringfence.verdicts.judge import save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.ring_verdicts import RingVerdict, judge_rings, with_ring_evidence
from ringfence.verdicts.scored_accounts import ScoredAccounts
from ringfence.verdicts.stolen_logins import with_own_past, with_stolen_logins


@dataclass(frozen=True)
class CombinedVerdicts:
    """The verdicts on accounts and rings together.

    Attributes:
        scored: all accounts, with the evidence that their rings add.
        labels: (accounts,) ``extracting``, ``suspect`` or the empty string.
        rings: every ring with its verdict, most certain first.
    """

    scored: ScoredAccounts
    labels: Names
    rings: tuple[RingVerdict, ...]


def combine(scored: ScoredAccounts, rings: Sequence[Ring], rate: float) -> CombinedVerdicts:
    """Judge accounts and rings, each with the evidence of the other.

    Args:
        scored: all accounts.
        rings: all rings, most certain first.
        rate: the operator's false accusation rate.
    """
    own_labels = account_verdicts(scored, rate)
    judged = judge_rings(scored, own_labels, rings, rate)
    scored, labels = with_ring_evidence(scored, own_labels, judged)
    labels = with_stolen_logins(scored, labels)
    return CombinedVerdicts(with_own_past(scored), labels, judged)


def conclude(
    engine: Engine,
    scored: ScoredAccounts,
    rings: Sequence[Ring],
    catalogue: Catalogue,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Save the final verdict on every account, and return all findings.

    Makes the temporary tables ``scored_accounts``, ``ring_members`` and ``ring_ids``, and stores
    the rings in the ledger, so that later scans recognise them.

    Args:
        engine: holds the ledger.
        scored: all accounts.
        rings: all rings, most certain first.
        catalogue: gives the coverage its denominators.
        settings: the false accusation rate, and which action each verdict advises.

    Returns:
        Rings in the order given, then accounts, most certain first.
    """
    verdicts = combine(scored, rings, settings.verdicts.false_accusation_rate)
    scored, labels = verdicts.scored, verdicts.labels
    ids = save_rings(engine, verdicts.rings)
    added = {"verdict": labels, "ring": _ring_of_each_account(verdicts.rings, ids, labels.size)}
    save_accounts(engine, scored, added)
    return (
        *ring_findings(engine, verdicts.rings, catalogue, settings, labels.size),
        *account_findings(scored, labels, catalogue, settings),
    )


def _ring_of_each_account(rings: Sequence[RingVerdict], ids: Sequence[str], accounts: int) -> Names:
    """Return (accounts,) the id of each account's most certain ring; empty without a ring."""
    names: Names = np.full(accounts, "", dtype=object)
    for one, name in reversed(list(zip(rings, ids, strict=True))):
        names[one.rows] = name
    return names

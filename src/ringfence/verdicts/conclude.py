"""From accounts and rings to findings: the last step of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine
from ringfence.model.finding import Finding
from ringfence.model.ring import Ring
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns, Names
from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.judge import ScoredAccounts, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings
from ringfence.verdicts.ring_verdicts import RingVerdict, judge_rings, with_ring_evidence


def conclude(
    engine: DuckDBEngine,
    scored: ScoredAccounts,
    rings: Sequence[Ring],
    catalogue: Catalogue,
    settings: Settings,
) -> tuple[Columns, tuple[Finding, ...]]:
    """Put accounts and rings together, and say who is what.

    Makes the temp tables ``scored_accounts``, ``ring_members`` and ``ring_ids``, and remembers the
    rings in the ledger.

    Returns:
        All accounts as columns, with their verdicts and rings, and the findings.
    """
    rate = settings.verdicts.false_accusation_rate
    alone = verdicts(scored, rate)
    heard = judge_rings(scored, alone, rings, rate)
    scored, labels = with_ring_evidence(scored, alone, heard)
    ids = save_rings(engine, rings)
    said = {"verdict": labels, "ring": _ring_of_each(heard, ids, labels.size)}
    save_accounts(engine, scored, said)
    found = (
        *ring_findings(engine, heard, catalogue, settings, labels.size),
        *findings(scored, labels, catalogue, settings),
    )
    return scored.table(said), found


def _ring_of_each(rings: Sequence[RingVerdict], ids: Sequence[str], accounts: int) -> Names:
    """Return each account's ring, the most certain one; empty of accounts that are in none."""
    names: Names = np.full(accounts, "", dtype=object)
    for one, name in reversed(list(zip(rings, ids, strict=True))):
        names[one.rows] = name
    return names

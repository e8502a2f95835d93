"""From accounts and rings to findings: the last step of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine
from ringfence.engine.duckdb import Columns
from ringfence.rings import Ring
from ringfence.settings import Settings
from ringfence.verdicts.accuse import findings, verdicts
from ringfence.verdicts.company import JudgedRing, in_company, judge_rings
from ringfence.verdicts.finding import Finding
from ringfence.verdicts.judge import Judged, save_accounts
from ringfence.verdicts.ring_findings import ring_findings, save_rings

Names = npt.NDArray[np.object_]


def conclude(
    engine: DuckDBEngine,
    judged: Judged,
    rings: Sequence[Ring],
    catalogue: Catalogue,
    settings: Settings,
) -> tuple[Columns, tuple[Finding, ...]]:
    """Put accounts and rings together, and say who is what.

    Makes the temp tables ``accounts_judged``, ``ring_members`` and ``ring_ids``, and remembers the
    rings in the ledger.

    Returns:
        All accounts as columns, with their verdicts and rings, and the findings.
    """
    rate = settings.verdicts.false_accusation_rate
    alone = verdicts(judged, rate)
    heard = judge_rings(judged, alone, rings, rate)
    judged, labels = in_company(judged, alone, heard)
    ids = save_rings(engine, rings)
    said = {"verdict": labels, "ring": _ring_of_each(heard, ids, labels.size)}
    save_accounts(engine, judged, said)
    found = (
        *ring_findings(engine, heard, catalogue, settings, labels.size),
        *findings(engine, judged, labels, catalogue, settings),
    )
    return judged.table(said), found


def _ring_of_each(rings: Sequence[JudgedRing], ids: Sequence[str], accounts: int) -> Names:
    """Return each account's ring, the most certain one; empty of accounts that are in none."""
    names: Names = np.full(accounts, "", dtype=object)
    for one, name in reversed(list(zip(rings, ids, strict=True))):
        names[one.rows] = name
    return names

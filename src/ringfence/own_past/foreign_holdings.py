"""Single out the items that accounts took from foreign places, for the search for stolen crews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.own_past.foreign_origins import find_shared_origins
from ringfence.own_past.measure import OwnPast
from ringfence.stats.arrays import Keys, Rows

LARGEST_CREW_P: Final = 0.05
"""P-value of an account's change at most. A crew that works through one list is found together, so
its members need not be certain."""

SHARING: Final = Statement("own_past.sharing", "SELECT DISTINCT account_key FROM foreign_origins")

SINGLE_OUT: Final = Statement(
    "own_past.foreign_holdings",
    """
CREATE OR REPLACE TEMP TABLE foreign_holdings AS
SELECT h.account_key, h.item_key, h.first, h.last
FROM foreign_cuts AS c
JOIN own_past_days AS d
  ON d.account_key = c.account_key AND d.cut = c.cut AND d.is_foreign AND d.part = 1
JOIN holdings AS h ON h.account_key = d.account_key AND h.first // 86400 = d.day
WHERE d.hours & (CAST(1 AS INTEGER) << CAST(h.first % 86400 // 3600 AS INT)) <> 0
""",
)


@dataclass(frozen=True)
class ForeignUse:
    """The accounts whose use from foreign places is searched for crews.

    Attributes:
        keys: accounts in ``foreign_holdings``, those with the smallest p-values first.
        changed: how many of them, from the first on, are unlike their own past. The others share an
            origin with some accounts.
    """

    keys: Keys
    changed: int

    @classmethod
    def nothing(cls) -> ForeignUse:
        """Return the result of a log in which no account is used from foreign places."""
        return cls(np.zeros(0, np.uint64), 0)


def single_out_foreign_use(engine: Engine, past: OwnPast) -> ForeignUse:
    """Make the temp tables ``foreign_holdings`` and ``foreign_origins``, and return the accounts.

    Args:
        engine: with the temp tables of :func:`~ringfence.own_past.measure.measure_own_past`.
        past: what it returned.
    """
    _set_cuts(engine, past, np.arange(past.keys.size))
    find_shared_origins(engine)
    sharing = np.isin(past.keys, engine.columns(SHARING)["account_key"])
    changed = past.p_values <= LARGEST_CREW_P
    rows = np.flatnonzero(changed | sharing)
    _set_cuts(engine, past, rows)
    engine.run(SINGLE_OUT)
    order = rows[np.lexsort((past.keys[rows], past.p_values[rows]))]
    return ForeignUse(past.keys[order], int(changed.sum()))


def _set_cuts(engine: Engine, past: OwnPast, rows: Rows) -> None:
    """Make the temp table ``foreign_cuts`` of some accounts."""
    cut = past.cut[rows].astype(np.int32)
    engine.table("foreign_cuts", {"account_key": past.keys[rows], "cut": cut})

"""Read the growth of a ring: its members, their items and their collisions, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.ring import Ring
from ringfence.model.ring_profile import Growth
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.seconds import DAY

POINTS: Final = 60
"""Largest number of points in time. For a longer period each point stands for several days."""

SPAN: Final = Statement(
    "profiles.ring_span",
    """
SELECT min(first) // 86400 AS first_day, max(first) // 86400 AS last_day
FROM ring_held
WHERE ring = $ring AND NOT other
""",
)

GROWTH: Final = Statement(
    "profiles.ring_growth",
    """
WITH ordered AS (
  SELECT account_key, (first // 86400 - $day) // $step AS period, counted,
    row_number() OVER (PARTITION BY item_key ORDER BY first, account_key) - 1 AS before
  FROM ring_held
  WHERE ring = $ring AND NOT other
)
SELECT CAST(period AS BIGINT) AS period, account_key, count(*) AS held,
  CAST(sum(CASE WHEN before = 0 THEN 1 ELSE 0 END) AS BIGINT) AS items,
  CAST(sum(CASE WHEN counted THEN before ELSE 0 END) AS BIGINT) AS collisions
FROM ordered
GROUP BY period, account_key
""",
)
"""A member that takes an item collides once with each member that held it before."""


def ring_growth(engine: Engine, number: int, ring: Ring) -> tuple[Growth, ...]:
    """Return the growth of the ring with this number in the temporary table ``ring_held``."""
    begin, end = map(int, engine.rows(SPAN, {"ring": number})[0])
    step = -(-(end - begin + 1) // POINTS)
    table = engine.columns(GROWTH, {"ring": number, "day": begin, "step": step})
    held = _held(table)
    items, collisions = (_summed(table, name) for name in ("items", "collisions"))
    expected = _expected(ring, held)
    return tuple(
        Growth(
            day=_date(min(begin + (n + 1) * step - 1, end)),
            accounts=int(np.count_nonzero(held[n])),
            items=int(items[n]),
            collisions=int(collisions[n]),
            expected=float(expected[n]),
        )
        for n in range(len(held))
    )


def _held(table: Columns) -> Floats:
    """Return (periods, members) the items that each member held at the end of each period."""
    _, member = np.unique(table["account_key"], return_inverse=True)
    held = np.zeros((int(table["period"].max()) + 1, int(member.max()) + 1))
    held[table["period"], member] = table["held"]
    return held.cumsum(axis=0)


def _summed(table: Columns, name: str) -> Floats:
    """Return (periods,) the cumulative sum over members at the end of each period."""
    return np.bincount(table["period"], table[name]).cumsum()


def _expected(ring: Ring, held: Floats) -> Floats:
    """Return the final expected number, spread over time in proportion to the pairs of holdings."""
    if ring.test == "lockstep":
        return np.full(len(held), np.nan)
    pairs = held.sum(axis=1) ** 2 - (held**2).sum(axis=1)
    return np.asarray(ring.expected * pairs / max(float(pairs[-1]), 1.0))


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * DAY, UTC).date()

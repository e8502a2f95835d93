"""Set accounts apart that use the catalogue as a grant permits.

Use under a grant is counted against it. An account is set apart while it stays within the grant:
it is not a finding, and it is not in the population that others are compared with. Beside the grant
it may use the catalogue like anybody else, up to what a heavy user holds. An account that takes
more than that is judged like all others, on all that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.exemption import Exemption

HEAVY_USE: Final = 0.95
"""Quantile of the number of items held by accounts without a grant. An account under a grant may
take as much beside the grant."""

COUNT_GRANTED: Final = Statement(
    "population.count_granted",
    """
CREATE OR REPLACE TEMP TABLE granted AS
WITH held AS (
  SELECT e.number, h.account_key, h.item_key,
    h."last" >= e."start" AND h."first" <= e."until"
      AND (e.any_item OR bool_or(p.part = 'items' AND i.item LIKE p.pattern ESCAPE '~'))
      AND (e.any_group OR bool_or(p.part = 'groups' AND i."group" LIKE p.pattern ESCAPE '~'))
      AS covered
  FROM exemptions AS e
  JOIN accounts AS a ON a.account = e.account
  JOIN holdings AS h ON h.account_key = a.account_key
  JOIN items AS i ON i.item_key = h.item_key
  LEFT JOIN exempt_patterns AS p ON p.number = e.number
  GROUP BY e.number, h.account_key, h.item_key, h."first", h."last", e."start", e."until",
    e.any_item, e.any_group
),
covered AS (
  SELECT account_key, item_key, bool_or(coalesce(covered, FALSE)) AS covered
  FROM held
  GROUP BY account_key, item_key
),
outside AS (
  SELECT account_key, CAST(sum(CASE WHEN covered THEN 0 ELSE 1 END) AS BIGINT) AS items
  FROM covered
  GROUP BY account_key
),
permitted_surfaces AS (
  SELECT a.account_key, p.pattern AS surface, bool_or(e.any_surface) AS any_surface
  FROM exemptions AS e
  JOIN accounts AS a ON a.account = e.account
  LEFT JOIN exempt_patterns AS p ON p.number = e.number AND p.part = 'surfaces'
  GROUP BY a.account_key, p.pattern
),
free_accounts AS (
  SELECT account_key FROM permitted_surfaces GROUP BY account_key HAVING bool_or(any_surface)
),
other_surfaces AS (
  SELECT s.account_key, CAST(sum(s.events) AS BIGINT) AS events
  FROM surfaces AS s
  LEFT JOIN permitted_surfaces AS p
    ON p.account_key = s.account_key AND p.surface = s.surface
  WHERE p.account_key IS NULL
    AND s.account_key IN (SELECT account_key FROM permitted_surfaces)
    AND s.account_key NOT IN (SELECT account_key FROM free_accounts)
  GROUP BY s.account_key
)
SELECT h.number, h.account_key,
  CAST(sum(CASE WHEN h.covered THEN 1 ELSE 0 END) AS BIGINT) AS inside,
  greatest(max(o.items), coalesce(max(s.events), 0)) AS outside
FROM held AS h
JOIN outside AS o ON o.account_key = h.account_key
LEFT JOIN other_surfaces AS s ON s.account_key = h.account_key
GROUP BY h.number, h.account_key
""",
)
"""Items inside each grant, and those of its account that no grant covers. The ledger does not know
the surface of each item, so accesses on surfaces that are not permitted count as items outside."""

GRANTED_USE: Final = Statement(
    "population.granted_use",
    """
WITH ordinary AS (
  SELECT account_key, count(*) AS items
  FROM holdings
  WHERE account_key NOT IN (SELECT account_key FROM granted)
    AND account_key NOT IN (SELECT account_key FROM set_apart)
  GROUP BY account_key
),
heavy AS (
  SELECT coalesce(quantile_disc(items, $heavy), 0) AS items FROM ordinary
)
SELECT e.number, e.account, e.budget, coalesce(g.inside, 0) AS inside,
  coalesce(g.outside, 0) AS outside, h.items AS heavy
FROM exemptions AS e
CROSS JOIN heavy AS h
LEFT JOIN granted AS g ON g.number = e.number
ORDER BY e.number
""",
)

SET_GRANTED_APART: Final = Statement(
    "population.set_granted_apart",
    """
INSERT INTO set_apart
SELECT a.account_key, NULL
FROM accounts AS a
WHERE a.account IN (SELECT unnest($accounts))
  AND a.account_key NOT IN (SELECT account_key FROM set_apart)
""",
)


@dataclass(frozen=True)
class GrantedUse:
    """The use of one account under a grant.

    Attributes:
        grant: number of the grant.
        account: name of the account.
        items: distinct items that the grant covers.
        budget: most items of the grant; None for any number.
        outside: distinct items of the account that no grant covers, or accesses on surfaces that
            are not permitted, if these are more.
        limit: number of items outside that the account may have, as a heavy user has.
    """

    grant: int
    account: str
    items: int
    budget: int | None
    outside: int
    limit: int

    @property
    def beyond(self) -> int:
        """Items beyond the budget."""
        return max(0, self.items - self.budget) if self.budget is not None else 0

    @property
    def within(self) -> bool:
        """Whether the account stays within this grant."""
        return self.beyond == 0 and self.outside <= self.limit


def set_granted_apart(engine: Engine, exemptions: Sequence[Exemption]) -> tuple[GrantedUse, ...]:
    """Count the use under grants, and set the accounts apart that stay within them.

    Fills the temp tables ``exemptions``, ``exempt_patterns`` and ``granted``, and adds to
    ``set_apart``.

    Args:
        engine: holds the ledger, merged, and the table ``set_apart``.
        exemptions: what is permitted.
    """
    if not exemptions:
        return ()
    _load(engine, exemptions)
    engine.run(COUNT_GRANTED)
    rows = engine.rows(GRANTED_USE, {"heavy": HEAVY_USE})
    used = tuple(
        GrantedUse(number, account, inside, budget if budget >= 0 else None, outside, int(heavy))
        for number, account, budget, inside, outside, heavy in rows
    )
    beyond = {one.account for one in used if not one.within}
    within = sorted({one.account for one in used if one.items} - beyond)
    engine.run(SET_GRANTED_APART, {"accounts": within})
    return used


def _load(engine: Engine, exemptions: Sequence[Exemption]) -> None:
    """Write the exemptions and their patterns into tables; a budget of -1 stands for none."""
    engine.table(
        "exemptions",
        {
            "number": np.array([one.grant for one in exemptions], np.int64),
            "account": np.array([one.account for one in exemptions], object),
            "start": np.array([_seconds(one.start) for one in exemptions], np.int64),
            "until": np.array([_seconds(one.until) for one in exemptions], np.int64),
            "budget": np.array(
                [-1 if one.budget is None else one.budget for one in exemptions], np.int64
            ),
            "any_item": np.array([not one.items for one in exemptions], bool),
            "any_group": np.array([not one.groups for one in exemptions], bool),
            "any_surface": np.array([not one.surfaces for one in exemptions], bool),
        },
    )
    patterns = [row for one in exemptions for row in _patterns(one)] or [(-1, "", "")]
    engine.table(
        "exempt_patterns",
        {
            "number": np.array([number for number, _, _ in patterns], np.int64),
            "part": np.array([part for _, part, _ in patterns], object),
            "pattern": np.array([pattern for _, _, pattern in patterns], object),
        },
    )


def _patterns(exemption: Exemption) -> Iterator[tuple[int, str, str]]:
    """Yield the patterns of an exemption in the form of LIKE; surfaces are plain names."""
    for part in ("items", "groups"):
        for pattern in getattr(exemption, part):
            yield exemption.grant, part, like(pattern)
    for surface in exemption.surfaces:
        yield exemption.grant, "surfaces", surface


def like(pattern: str) -> str:
    """Return a pattern with ``*`` in the form of SQL's LIKE, with ``~`` as its escape sign."""
    escaped = pattern.replace("~", "~~").replace("%", "~%").replace("_", "~_")
    return escaped.replace("*", "%")


def _seconds(time: datetime) -> int:
    return int(time.timestamp())

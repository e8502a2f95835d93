"""Set accounts apart that use the catalogue as a grant permits.

Use under a grant is counted against it. An account is set apart while it stays within its grants:
it is not a finding, and it is not in the population that others are compared with. An item that
several grants cover counts against one of them. Beside the grants, and beyond their budgets, it may
use the catalogue like anybody else, up to what a heavy user holds. An account that takes more than
that is judged like all others, on all that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.exemption import Exemption
from ringfence.population.budgets import grant_bits, items_beyond, rooms_by_bit, surfaces_by_bit

HEAVY_USE: Final = 0.95
"""Quantile of the number of items held by accounts without a grant. An account under a grant may
take as much beside the grant."""

GRANTED_ITEMS: Final = Statement(
    "population.granted_items",
    """
CREATE OR REPLACE TEMP TABLE granted_items AS
SELECT e.number, h.account_key, h.item_key, coalesce(
    h."last" >= e."start" AND h."first" <= e."until"
      AND (e.any_item OR bool_or(p.part = 'items' AND i.item LIKE p.pattern ESCAPE '~'))
      AND (e.any_group OR bool_or(p.part = 'groups' AND i."group" LIKE p.pattern ESCAPE '~')),
    FALSE) AS covered
FROM exemptions AS e
JOIN accounts AS a ON a.account = e.account
JOIN holdings AS h ON h.account_key = a.account_key
JOIN items AS i ON i.item_key = h.item_key
LEFT JOIN exempt_patterns AS p ON p.number = e.number
GROUP BY e.number, h.account_key, h.item_key, h."first", h."last", e."start", e."until",
  e.any_item, e.any_group
""",
)
"""Each item of an account under a grant, and whether the grant covers it."""

COUNT_GRANTED: Final = Statement(
    "population.count_granted",
    """
CREATE OR REPLACE TEMP TABLE granted AS
WITH covered AS (
  SELECT account_key, item_key, bool_or(covered) AS covered
  FROM granted_items
  GROUP BY account_key, item_key
),
outside AS (
  SELECT account_key, CAST(sum(CASE WHEN covered THEN 0 ELSE 1 END) AS BIGINT) AS items
  FROM covered
  GROUP BY account_key
),
on_surfaces AS (
  SELECT e.number, CAST(sum(s.events) AS BIGINT) AS events
  FROM exemptions AS e
  JOIN exempt_patterns AS p ON p.number = e.number AND p.part = 'surfaces'
  JOIN accounts AS a ON a.account = e.account
  JOIN surfaces AS s ON s.account_key = a.account_key AND s.surface = p.pattern
  GROUP BY e.number
)
SELECT h.number, h.account_key,
  CAST(sum(CASE WHEN h.covered THEN 1 ELSE 0 END) AS BIGINT) AS inside, max(o.items) AS outside,
  CASE WHEN bool_or(e.any_surface) THEN -1 ELSE coalesce(max(s.events), 0) END AS room
FROM granted_items AS h
JOIN exemptions AS e ON e.number = h.number
JOIN outside AS o ON o.account_key = h.account_key
LEFT JOIN on_surfaces AS s ON s.number = h.number
GROUP BY h.number, h.account_key
""",
)
"""Items inside each grant, and those of its account that no grant covers. The ledger does not know
the surface of each item. But accesses on the surfaces of a grant account for at most as many items,
so a grant has room for this number; -1 stands for a grant of all surfaces. Grants that name one
surface share its accesses, see :mod:`ringfence.population.budgets`."""

SURFACE_ACCESSES: Final = Statement(
    "population.surface_accesses",
    """
SELECT a.account, s.surface, CAST(sum(s.events) AS BIGINT) AS events
FROM accounts AS a
JOIN surfaces AS s ON s.account_key = a.account_key
WHERE a.account IN (SELECT account FROM exemptions WHERE NOT any_surface)
GROUP BY a.account, s.surface
ORDER BY a.account, s.surface
""",
)
"""Per account with a grant of some surfaces: the number of accesses on each surface."""

GRANT_SETS: Final = Statement(
    "population.grant_sets",
    """
WITH sets AS (
  SELECT g.account_key, g.item_key, bit_or(e.bit) AS grants
  FROM granted_items AS g
  JOIN exemptions AS e ON e.number = g.number
  WHERE g.covered
  GROUP BY g.account_key, g.item_key
)
SELECT a.account, s.grants, count(*) AS items
FROM sets AS s
JOIN accounts AS a ON a.account_key = s.account_key
GROUP BY a.account, s.grants
ORDER BY a.account, s.grants
""",
)
"""Per account: the number of items that the same grants cover, as bits."""

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
  coalesce(g.outside, 0) AS outside, coalesce(g.room, -1) AS room, h.items AS heavy
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
        outside: distinct items of the account that no grant covers, or that it must have taken on
            surfaces that are not permitted.
        limit: number of items outside and beyond that the account may have, as a heavy user has.
        beyond: other distinct items that no grant of the account has room for in its budget.
    """

    grant: int
    account: str
    items: int
    budget: int | None
    outside: int
    limit: int
    beyond: int

    @property
    def within(self) -> bool:
        """Whether the account stays within its grants."""
        return self.beyond + self.outside <= self.limit


def set_granted_apart(engine: Engine, exemptions: Sequence[Exemption]) -> tuple[GrantedUse, ...]:
    """Count the use under grants, and set the accounts apart that stay within them.

    Fills the temp tables ``exemptions``, ``exempt_patterns``, ``granted_items`` and ``granted``.
    Adds to ``set_apart``.

    Args:
        engine: holds the ledger, merged, and the table ``set_apart``.
        exemptions: what is permitted.
    """
    if not exemptions:
        return ()
    bits = grant_bits(exemptions)
    _load(engine, exemptions, bits)
    engine.run(GRANTED_ITEMS)
    engine.run(COUNT_GRANTED)
    rows = engine.rows(GRANTED_USE, {"heavy": HEAVY_USE})
    rooms = {row[0]: None if row[5] < 0 else int(row[5]) for row in rows}
    sets, accesses = _sets(engine), _accesses(engine)
    elsewhere = _without_room(sets, exemptions, bits, [None] * len(bits), accesses)
    budgets = [one.budget for one in exemptions]
    without = _without_room(sets, exemptions, bits, budgets, accesses)
    used = tuple(
        GrantedUse(
            number, account, _smaller(inside, rooms[number]) or 0, budget if budget >= 0 else None,
            outside + elsewhere.get(account, 0), int(heavy),
            without.get(account, 0) - elsewhere.get(account, 0),
        )
        for number, account, budget, inside, outside, _, heavy in rows
    )  # fmt: skip
    judged = {one.account for one in used if not one.within}
    within = sorted({one.account for one in used if one.items} - judged)
    engine.run(SET_GRANTED_APART, {"accounts": within})
    return used


def _sets(engine: Engine) -> dict[str, dict[int, int]]:
    """Return the number of items by account and by the bits of the grants that cover them."""
    sets: dict[str, dict[int, int]] = {}
    for account, grants, items in engine.rows(GRANT_SETS):
        sets.setdefault(account, {})[int(grants)] = int(items)
    return sets


def _accesses(engine: Engine) -> dict[str, dict[str, int]]:
    """Return the number of accesses by account and by surface."""
    found: dict[str, dict[str, int]] = {}
    for account, surface, events in engine.rows(SURFACE_ACCESSES):
        found.setdefault(account, {})[surface] = int(events)
    return found


def _without_room(
    sets: Mapping[str, Mapping[int, int]],
    exemptions: Sequence[Exemption],
    bits: Sequence[int],
    budgets: Sequence[int | None],
    accesses: Mapping[str, Mapping[str, int]],
) -> dict[str, int]:
    """Return the number of covered items that the grants have no room for, by account."""
    rooms = rooms_by_bit([one.account for one in exemptions], bits, budgets)
    surfaces = surfaces_by_bit(exemptions, bits)
    return {
        account: items_beyond(
            counts, rooms[account], surfaces.get(account, {}), accesses.get(account, {})
        )
        for account, counts in sets.items()
    }


def _smaller(one: int | None, other: int | None) -> int | None:
    """Return the smaller of two numbers, of which None is the largest."""
    known = [number for number in (one, other) if number is not None]
    return min(known, default=None)


def _load(engine: Engine, exemptions: Sequence[Exemption], bits: Sequence[int]) -> None:
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
            "bit": np.array(bits, np.int64),
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

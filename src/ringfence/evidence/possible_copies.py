"""Say where a copy of a library is possible: which logs and which accounts can have one.

A copy is possible for a login of a catalogue that is not a library of texts. It is recognised if
one of two things shows it:

* The log tells downloads and look-ups from plays, and some accounts do both. Then most of the
  account's uses in bulk are downloads or look-ups.
* The groups of the items (artists) show whether they are one person's taste. They do so where the
  taste of people was measured (:mod:`ringfence.evidence.library_taste`).

Elsewhere a copy is only possible. It then counts against an accusation, and not against suspicion
(decision 0071). An address without a login stands for any number of people and programs, so it has
no library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from ringfence.engine import Statement
from ringfence.evidence.base import Context
from ringfence.evidence.breadth import MINIMUM_GROUPED_ITEMS

COPYING_ACCOUNTS: Final = 3
"""Accounts that both play and copy, at least: a service that offers copies has users of both."""

SOME_EVENTS: Final = 20
"""Events of each kind, plays and copies, that make it a habit."""

VISITORS_FORGOTTEN: Final = Statement(
    "evidence.bulk_visitors_forgotten",
    """
DELETE FROM bulk_hours
WHERE account_key IN (SELECT account_key FROM accounts WHERE visitor)
""",
)

STREAMERS_UNRECOGNISED: Final = Statement(
    "evidence.bulk_streamers_unrecognised",
    """
UPDATE bulk_hours SET recognised = FALSE WHERE account_key IN (
  SELECT b.account_key
  FROM (SELECT account_key, sum(uses) AS uses FROM bulk_hours GROUP BY account_key) AS b
  LEFT JOIN (
    SELECT account_key, sum(events) AS events FROM surfaces
    WHERE surface IN ('download', 'metadata')
    GROUP BY account_key
  ) AS d ON d.account_key = b.account_key
  WHERE 2 * coalesce(d.events, 0) < b.uses
)
""",
)
"""A copy is made of downloads, and an import of look-ups. Surfaces are counted per account, so half
of the uses in bulk is enough: the same hours may hold streams."""

UNGROUPED_UNRECOGNISED: Final = Statement(
    "evidence.bulk_ungrouped_unrecognised",
    """
UPDATE bulk_hours SET recognised = FALSE WHERE account_key NOT IN (
  SELECT h.account_key
  FROM holdings AS h
  JOIN bulk_hours AS b ON b.account_key = h.account_key AND b.hour = h.first // 3600
  JOIN catalogue AS c ON c.item_key = h.item_key
  WHERE c.group_key IS NOT NULL
  GROUP BY h.account_key
  HAVING count(*) >= $minimum
)
""",
)

NONE_KEPT: Final = Statement("evidence.bulk_none_kept", "DELETE FROM bulk_hours")

NONE_RECOGNISED: Final = Statement(
    "evidence.bulk_none_recognised", "UPDATE bulk_hours SET recognised = FALSE"
)

ACCOUNTS_BY_HABIT: Final = Statement(
    "evidence.bulk_habits",
    """
WITH habits AS (
  SELECT account_key,
    sum(CASE WHEN surface = 'stream' THEN events ELSE 0 END) AS plays,
    sum(CASE WHEN surface IN ('download', 'metadata') THEN events ELSE 0 END) AS copies
  FROM surfaces
  WHERE account_key IN (SELECT account_key FROM portfolio)
  GROUP BY account_key
)
SELECT coalesce(sum(CASE WHEN plays > 0 THEN 1 ELSE 0 END), 0) AS players,
  coalesce(sum(CASE WHEN copies > 0 THEN 1 ELSE 0 END), 0) AS copiers,
  coalesce(sum(CASE WHEN plays >= $some AND copies >= $some THEN 1 ELSE 0 END), 0) AS both
FROM habits
""",
)
"""Accounts that play, accounts that download or look up, and accounts that do both."""


@dataclass(frozen=True)
class CopyHabits:
    """Numbers that say how the accounts of a log play and copy.

    Attributes:
        told_apart: whether the log has plays, and also downloads or look-ups.
        both: accounts that do both.
    """

    told_apart: bool
    both: int

    @classmethod
    def of(cls, context: Context) -> Self:
        """Count the accounts by what they do."""
        parameters = {"some": SOME_EVENTS}
        players, copiers, both = context.engine.rows(ACCOUNTS_BY_HABIT, parameters)[0]
        return cls(players > 0 and copiers > 0, int(both))


def keep_possible_copies(context: Context, habits: CopyHabits) -> None:
    """Delete the rows of ``bulk_hours`` that no copy of a library can explain.

    Of the others, the rows that the log does not show to be copies become possible ones.
    """
    engine = context.engine
    engine.run(VISITORS_FORGOTTEN)
    if context.kind == "library":
        engine.run(NONE_KEPT)
        return
    if habits.told_apart:
        engine.run(STREAMERS_UNRECOGNISED)
    if habits.both >= COPYING_ACCOUNTS:
        return
    if context.grouped and "breadth" in context.references:
        engine.run(UNGROUPED_UNRECOGNISED, {"minimum": MINIMUM_GROUPED_ITEMS})
    else:
        engine.run(NONE_RECOGNISED)

"""Canary: use of items that no user can reach."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.catalogue.canary_list import read_canaries
from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import counted

ACCIDENT: Final = 1e-3
"""Chance that an honest account touches a canary on any day of its life, by accident. It is an
assumption: nobody has measured it, and one honest account in a thousand is meant to be more than
there are."""

SMALLEST_CANARY_P: Final = 1e-15
"""The smallest p-value of the test: five days."""

CANARY_DAYS: Final = Statement(
    "evidence.canary",
    """
WITH planted AS (
  SELECT DISTINCT hash(item) AS item_key FROM canary_items
),
touched AS (
  SELECT h.account_key, h.item_key, h.first // 86400 AS day,
    count(*) OVER (PARTITION BY h.item_key) AS holders
  FROM holdings AS h
  JOIN planted AS p ON p.item_key = h.item_key
  WHERE h.account_key NOT IN (SELECT account_key FROM set_apart)
),
days AS (
  SELECT account_key, day, count(*) AS items, min(holders) AS holders
  FROM touched
  GROUP BY account_key, day
)
SELECT d.account_key, count(*) AS days, CAST(sum(d.items) AS BIGINT) AS items,
  sum(ln(least(greatest((d.holders - 1) / greatest($accounts - 1.0, 1.0), $accident), 1.0)))
    AS log_p
FROM days AS d
JOIN portfolio AS p ON p.account_key = d.account_key
GROUP BY d.account_key
ORDER BY d.account_key
""",
)
"""Per account: days on which it took canaries for the first time, canaries, and ln p."""


class Canary(EvidenceTest):
    """The number of days on which an account began to use canary items.

    A canary is an entry of the catalogue that no page, search or recommendation shows. An honest
    account can still touch one: a link preview, a link checker, an accessibility tool or a mistyped
    id. Such an accident is one act, however many canaries it touches. So the test counts days, not
    canaries. The chance of a day is 1 in 1,000, or the share of the other accounts that hold the
    same canary if that is larger, because a canary that has become public is weak evidence. The
    chances of several days are multiplied.

    One day is not enough to make a finding. Two days make a suspect in scans of up to 250,000
    accounts. Three days accuse in scans of up to 5 million accounts. The test is not combined with
    the others. Instead, the smaller of two p-values counts, doubled: its own and that of all other
    evidence.

    Args:
        items: names of the canaries.
    """

    name = "canary"
    family = "automation"
    question = "Does it use items that no user can reach?"
    needs = "a list of canary items (`canaries.file`)"
    fails = (
        "A canary that search results or a partner's feed show is used by honest people; "
        "`ringfence canary check` finds such places. Staff who test the service use canaries too: "
        "give them a grant."
    )
    source = "Decision 0056, marks and canaries."

    def __init__(self, items: tuple[str, ...]) -> None:
        self._items = items

    def score(self, context: Context) -> Scores:
        """Measure the accounts that used a canary."""
        items = np.array(self._items, dtype=object)
        context.engine.table("canary_items", {"item": items})
        table = context.engine.columns(
            CANARY_DAYS, {"accounts": context.accounts, "accident": ACCIDENT}
        )
        log_p = table["log_p"].astype(np.float64)
        return Scores(
            table["account_key"],
            table["days"].astype(np.float64),
            np.zeros(log_p.size),
            np.maximum(np.exp(log_p), SMALLEST_CANARY_P),
            {"items": table["items"].astype(np.float64)},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give canaries and days."""
        return (
            f"Used {counted(numbers['items'], 'canary item')}, which no user can reach, beginning "
            f"on {counted(numbers['observed'], 'day')}."
        )


def canary_tests(path: str) -> tuple[EvidenceTest, ...]:
    """Return the test of the canaries of a list; none for an empty path.

    Raises:
        SettingsError: the list cannot be read.
    """
    if not path:
        return ()
    return (Canary(tuple(one.item for one in read_canaries(path))),)

"""Attempts: new items, and ids that do not exist or are refused where these are the majority."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context, EvidenceTest, Scores
from ringfence.evidence.volume import window_p_values
from ringfence.ledger.different_items import different_items_sql
from ringfence.model.phrases import busiest, counted
from ringfence.stats.calibration import CannotRun
from ringfence.stats.combination import simes

ATTEMPT_WINDOWS: Final = (1, 7, 30)
"""Lengths of the windows in days: those of volume that were measured on months of people."""

BEST_ATTEMPTS: Final = Statement(
    "evidence.attempts",
    f"""
WITH failed AS (
  SELECT account_key, hour // 24 AS day, sum(missing + refused) AS requests,
    bit_or(few) AS few, bit_or(many) AS many
  FROM failures
  WHERE account_key IN (SELECT account_key FROM portfolio)
  GROUP BY account_key, hour // 24
),
in_all AS (
  SELECT account_key,
    {different_items_sql("bit_or(few)", "bit_or(many)", "sum(requests)")} AS items
  FROM failed
  GROUP BY account_key
),
guessed AS (
  SELECT f.account_key, f.day,
    greatest({different_items_sql("f.few", "f.many", "f.requests")} - coalesce(d.uses, 0), 0)
      AS guesses
  FROM failed AS f
  LEFT JOIN days AS d ON d.account_key = f.account_key AND d.day = f.day
),
tried AS (
  SELECT account_key, day, new_items, 0 AS guesses FROM days
  UNION ALL
  SELECT account_key, day, 0, guesses FROM guessed
),
by_day AS (
  SELECT account_key, day, sum(new_items) AS new_items, sum(guesses) AS guesses
  FROM tried
  GROUP BY account_key, day
),
windows AS (
  SELECT account_key, day, new_items AS taken_1, guesses AS guessed_1,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS taken_7,
    sum(guesses) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS guessed_7,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS taken_30,
    sum(guesses) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS guessed_30
  FROM by_day
),
capped AS (
  SELECT w.account_key, w.day, w.taken_1, w.taken_7, w.taken_30,
    least(w.guessed_1, coalesce(a.items, 0)) AS guessed_1,
    least(w.guessed_7, coalesce(a.items, 0)) AS guessed_7,
    least(w.guessed_30, coalesce(a.items, 0)) AS guessed_30
  FROM windows AS w
  LEFT JOIN in_all AS a ON a.account_key = w.account_key
)
SELECT account_key,
  CAST(max(taken_1 + guessed_1) AS DOUBLE) AS new_1, CAST(max(guessed_1) AS DOUBLE) AS guessed_1,
  CAST(max(taken_7 + guessed_7) AS DOUBLE) AS new_7, CAST(max(guessed_7) AS DOUBLE) AS guessed_7,
  CAST(max(taken_30 + guessed_30) AS DOUBLE) AS new_30,
  CAST(max(guessed_30) AS DOUBLE) AS guessed_30,
  (max(day) - min(day)) // 30 + 1 AS months, max(day) - min(day) + 1 AS span
FROM capped
GROUP BY account_key
ORDER BY account_key
""",  # noqa: S608 - own parts
)
"""Per account: the most attempts in a window of each length, and the most guesses; months and days
of history. A failed item counts once in a window, however often it was asked for."""

ANY_FAILURES: Final = Statement("evidence.any_failures", "SELECT count(*) FROM failures")


class Attempts(EvidenceTest):
    """New items and guesses in the busiest window of each length, compared with users' new items.

    A *guess* is an item that does not exist or was refused, beyond the number of the account's uses
    on the same day. So an account that follows broken links makes no guesses: most of
    its requests succeed. A program that asks for the same missing item again and again makes few
    guesses, because different items are counted. A program that tries ids makes little else. Under
    the null hypothesis an attempt of a user would have been a new item if the item existed. So
    users' attempts are at most as many as the new items of the measured people.

    Names of ids do not matter to an account that asks for each id once. For a program that asks for
    missing ids again and again, the number of ids is a bound that depends on their names. It may be
    six times too high, so that such a program has a smaller p-value than it should.

    Only accounts with enough guesses are measured. For all others the test would repeat volume.
    """

    name = "attempts"
    family = "volume"
    question = "Does it try more items than users take, most of which do not exist or are refused?"
    needs = f"failed requests in the log, and {MINIMUM_ITEMS} guesses within 30 days"
    fails = (
        "An application that answers every request with success hides failures; volume counts them "
        "then. Answers with status 400 are not counted. An account that takes nothing at all is "
        "not measured. An account that repeats one item as often as it fails makes no guesses. A "
        "reader without a subscription may be refused on every page. A program that asks for "
        "hundreds of missing items again and again counts as several times as many, depending on "
        "their names."
    )
    source = "The reference distributions of volume; failed requests were not measured on people."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough guesses.

        Raises:
            CannotRun: the log has no failed requests for items.
        """
        if not context.engine.rows(ANY_FAILURES)[0][0]:
            raise CannotRun("the log has no failed requests for items")
        table = context.engine.columns(BEST_ATTEMPTS)
        windows = [w for w in ATTEMPT_WINDOWS if w == 1 or w < context.days * 2]
        by_window = np.column_stack([window_p_values(table, w, context) for w in windows])
        alone = np.column_stack([window_p_values(table, w, context, heavier=True) for w in windows])
        best = np.argmin(np.where(np.isnan(by_window), 2, by_window), axis=1)
        tried = np.column_stack([table[f"new_{w}"] for w in windows])
        guessed = np.column_stack([table[f"guessed_{w}"] for w in windows])
        medians = np.array([context.median(f"volume_{w}", table[f"new_{w}"]) for w in windows])
        rows = np.flatnonzero(guessed.max(axis=1) >= MINIMUM_ITEMS)
        places = best[rows]
        return Scores(
            table["account_key"][rows],
            tried[rows, places],
            medians[places],
            simes(by_window)[rows],
            {"window": np.array(windows)[places], "guesses": guessed[rows, places]},
            alone=simes(alone)[rows],
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the attempts and guesses in the window with the smallest p-value.

        The guesses are those beyond the uses, so the log may have more failed items than these.
        """
        window = numbers["window"]
        when = f"On its {busiest(window)}" if window == 1 else f"Within {window:.0f} days"
        return (
            f"{when} it made about {counted(numbers['observed'], 'attempt')}. Attempts are new "
            "items, and missing or refused items beyond the number of uses on the same day. At "
            f"most {counted(numbers['guesses'], 'attempt')} were for missing or refused items. The "
            "log may have more failed requests. The typical user's "
            f"{busiest(window)} {'has' if window == 1 else 'have'} {numbers['expected']:,.0f} new "
            "items."
        )

"""Weight: new items, where an archive or another large answer counts as several."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context, EvidenceTest, Scores
from ringfence.evidence.volume import ONE_MONTH, window_p_values
from ringfence.ledger.fold_lists import ITEMS_OF_ANSWER
from ringfence.model.phrases import busiest, counted
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import (
    SMALLEST_POPULATION,
    CannotRun,
    ReferenceDistribution,
)
from ringfence.stats.combination import simes

WEIGHT_WINDOWS: Final = (1, 7, 30)
"""Lengths of the windows in days: those of volume that were measured on months of people."""

_LEAST_SPREAD: Final = 0.5
"""Smallest spread of the logarithm among accounts with large answers, so that a few accounts that
are alike make nobody rare. The counts of measured people have spreads around 1."""

_UPPER: Final = 0.9
_UPPER_NORMAL: Final = 1.2816
"""A quantile of the accounts with large answers, and the same of the normal distribution."""

TYPICAL_ANSWER: Final = Statement(
    "evidence.typical_answer",
    """
SELECT (SELECT count(*) FROM large_answers
    WHERE account_key IN (SELECT account_key FROM portfolio)) AS answers,
  (SELECT count(records) FROM large_answers
    WHERE account_key IN (SELECT account_key FROM portfolio)) AS known,
  (SELECT count(DISTINCT account_key) FROM large_answers
    WHERE account_key IN (SELECT account_key FROM portfolio)) AS accounts,
  (SELECT quantile_disc(bytes / events, 0.5) FROM traffic
    WHERE events > 0 AND account_key IN (SELECT account_key FROM portfolio)) AS bytes
""",
)
"""Large answers, those with a known number of items, the accounts that have some, and the size of
a typical account's answers."""

BEST_WEIGHTS: Final = Statement(
    "evidence.weight",
    f"""
WITH of_item AS (
  SELECT item_key, count(*) AS accounts FROM large_answers GROUP BY item_key
),
weighed AS (
  SELECT l.account_key, l.first // 3600 AS hour, l.bytes,
    CASE
      WHEN l.records IS NOT NULL THEN least(l.records, {ITEMS_OF_ANSWER})
      WHEN $typical > 0 AND o.accounts >= c.holders
        THEN least(greatest(l.bytes / $typical, 1), {ITEMS_OF_ANSWER})
      ELSE 1
    END - 1 AS extra
  FROM large_answers AS l
  JOIN of_item AS o ON o.item_key = l.item_key
  JOIN catalogue AS c ON c.item_key = l.item_key
),
extra_items AS (
  SELECT a.account_key, a.hour // 24 AS day, sum(w.extra) AS extra, count(*) AS answers,
    CAST(sum(w.bytes) AS DOUBLE) AS bytes
  FROM weighed AS w
  JOIN activity AS a ON a.account_key = w.account_key AND a.hour = w.hour
  WHERE w.extra > 0
  GROUP BY a.account_key, a.hour // 24
),
by_day AS (
  SELECT d.account_key, d.day, d.new_items, coalesce(e.extra, 0) AS extra,
    coalesce(e.answers, 0) AS answers, coalesce(e.bytes, 0) AS bytes
  FROM days AS d
  LEFT JOIN extra_items AS e ON e.account_key = d.account_key AND e.day = d.day
),
windows AS (
  SELECT account_key, day, new_items AS taken_1, extra AS extra_1, answers AS answers_1,
    bytes AS bytes_1,
    sum(new_items) OVER week AS taken_7, sum(extra) OVER week AS extra_7,
    sum(answers) OVER week AS answers_7, sum(bytes) OVER week AS bytes_7,
    sum(new_items) OVER month AS taken_30, sum(extra) OVER month AS extra_30,
    sum(answers) OVER month AS answers_30, sum(bytes) OVER month AS bytes_30
  FROM by_day
  WINDOW
    week AS (PARTITION BY account_key ORDER BY day RANGE BETWEEN 6 PRECEDING AND CURRENT ROW),
    month AS (PARTITION BY account_key ORDER BY day RANGE BETWEEN 29 PRECEDING AND CURRENT ROW)
)
SELECT account_key,
  round(CAST(max(taken_1 + extra_1) AS DOUBLE), 6) AS new_1,
  round(CAST(max(extra_1) AS DOUBLE), 6) AS extra_1,
  CAST(max(answers_1) AS DOUBLE) AS answers_1, max(bytes_1) AS bytes_1,
  round(CAST(max(taken_7 + extra_7) AS DOUBLE), 6) AS new_7,
  round(CAST(max(extra_7) AS DOUBLE), 6) AS extra_7,
  CAST(max(answers_7) AS DOUBLE) AS answers_7, max(bytes_7) AS bytes_7,
  round(CAST(max(taken_30 + extra_30) AS DOUBLE), 6) AS new_30,
  round(CAST(max(extra_30) AS DOUBLE), 6) AS extra_30,
  CAST(max(answers_30) AS DOUBLE) AS answers_30, max(bytes_30) AS bytes_30,
  (max(day) - min(day)) // 30 + 1 AS months, max(day) - min(day) + 1 AS span
FROM windows
GROUP BY account_key
ORDER BY account_key
""",  # noqa: S608 - own number
)
"""Per account: the most new items by weight in a window of each length, the most items beyond
one per answer, the most large answers and their bytes; months and days of history. An item counts
when the account took it first. Bytes count only if the item is large for every account: a track in
high resolution is large for one listener and not for another."""


class Weight(EvidenceTest):
    """New items by weight in the busiest window of each length, compared with users' new items.

    An archive or another bulk answer counts as the items in it. Where the log does not tell their
    number, an answer of at least 16 MiB counts as its size, in typical answers. One answer counts
    as at most 20 items, about an album: a film or an audiobook may be as large as an archive, and
    is one item. An account must be rare in two ways: among the measured people, and among the
    accounts of this service that have large answers. The larger p-value counts.

    Only accounts with enough items beyond one per answer are measured. For all others the test
    would repeat volume.
    """

    name = "weight"
    family = "volume"
    question = "Does it take more than users do, if archives count as the items in them?"
    needs = (
        "numbers of records in the log, or bytes sent in a catalogue other than a library of "
        f"texts, with {SMALLEST_POPULATION} accounts with large answers"
    )
    fails = (
        "Sizes tell nothing where fewer than 20 accounts have large answers, or in a library: a "
        "scanned book is as large as an archive. Someone who copies rare recordings in high "
        "resolution more slowly than a device does may look like someone who copies archives. "
        "Streams in short parts are never large."
    )
    source = (
        "The reference distributions of volume; the largest albums have about 20 tracks. Weights "
        "were not measured on people."
    )

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items beyond one per answer.

        Raises:
            CannotRun: the log has no large answers and none with several items, or it does not tell
                how many items large answers hold.
        """
        by_size = _typical_size(context)
        table = context.engine.columns(BEST_WEIGHTS, {"typical": by_size})
        windows = [w for w in WEIGHT_WINDOWS if w == 1 or w < context.days * 2]
        by_window, alone = (
            np.column_stack([_p_values(table, w, context, heavier=heavier) for w in windows])
            for heavier in (False, True)
        )
        extra, heavy, sizes, new = (
            np.column_stack([table[f"{name}_{w}"] for w in windows])
            for name in ("extra", "answers", "bytes", "new")
        )
        medians = np.array([context.median(f"volume_{w}", table[f"new_{w}"]) for w in windows])
        best = np.argmin(np.where(np.isnan(by_window), 2, by_window), axis=1)
        rows = np.flatnonzero(extra.max(axis=1, initial=0) >= MINIMUM_ITEMS)
        places = best[rows]
        return Scores(
            table["account_key"][rows],
            new[rows, places],
            medians[places],
            simes(by_window)[rows],
            {
                "window": np.array(windows)[places],
                "answers": heavy[rows, places],
                "bytes": sizes[rows, places],
            },
            alone=simes(alone)[rows],
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the items by weight in the window with the smallest p-value."""
        window = numbers["window"]
        when = f"On its {busiest(window)}" if window == 1 else f"Within {window:.0f} days"
        size = f", {numbers['bytes'] / 1e9:,.1f} GB," if numbers["bytes"] >= 1e8 else ""
        return (
            f"{when} it took as much as {counted(numbers['observed'], 'new item')}. "
            f"{counted(numbers['answers'], 'archive')} or other large answers{size} count as up to "
            f"{ITEMS_OF_ANSWER} items each. The typical user's {busiest(window)} "
            f"{'has' if window == 1 else 'have'} {numbers['expected']:,.0f}."
        )


def _typical_size(context: Context) -> float:
    """Return the bytes that count as one item; 0 if only known numbers of items count.

    Raises:
        CannotRun: no answer counts as several items, whatever an account takes.
    """
    answers, known, accounts, typical = context.engine.rows(TYPICAL_ANSWER)[0]
    if not answers:
        raise CannotRun("no answer is large or holds several items")
    if context.kind == "library":
        reason = "large answers are usual in a library"
    elif accounts < SMALLEST_POPULATION:
        reason = f"fewer than {SMALLEST_POPULATION} accounts have large answers"
    else:
        return float(typical or 0.0)
    if not known:
        raise CannotRun(f"{reason}, and no events.columns.records tells how many items they hold")
    return 0.0


def _p_values(table: Columns, window: int, context: Context, *, heavier: bool) -> Floats:
    """Return the larger of two p-values: among measured people, and among large answers."""
    p = window_p_values(table, window, context, heavier=heavier)
    extra = np.asarray(table[f"extra_{window}"], np.float64)
    among = _among_large(extra)
    if window <= ONE_MONTH:
        among = np.minimum(among * table["months"], 1.0)
    return np.asarray(np.where(np.isnan(p), np.nan, np.fmax(p, among)), np.float64)


def _among_large(extra: Floats) -> Floats:
    """Return p-values of items beyond one per answer among the accounts that have such items.

    The logarithm is taken as normal, with the median and an upper quantile of these accounts. An
    account is compared with measured people alone where they are too few: its p-value is 0 here.
    """
    values = extra[extra > 0]
    if values.size < SMALLEST_POPULATION:
        return np.zeros(extra.size)
    middle, upper = np.quantile(np.log(values), [0.5, _UPPER])
    spread = max((upper - middle) / _UPPER_NORMAL, _LEAST_SPREAD)
    peers = ReferenceDistribution("log", 1, float(np.exp(middle)), float(spread), values.size)
    return np.where(extra > 0, peers.survival(np.maximum(extra, 1e-9)), 1.0)

"""Listings: the pages of lists that an account walks through, or its new items if they are more."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_EVENTS, Context, EvidenceTest, Scores
from ringfence.evidence.reference_distributions import GENERAL
from ringfence.evidence.volume import window_p_values
from ringfence.ledger.walked_pages import different_pages_sql, walked_pages_sql
from ringfence.model.phrases import busiest, counted
from ringfence.stats.calibration import CannotRun
from ringfence.stats.combination import simes

LIST_WINDOWS: Final = (1, 7, 30)
"""Lengths of the windows in days: those of volume that were measured on months of people."""

BEST_LISTINGS: Final = Statement(
    "evidence.listings",
    f"""
WITH walked AS (
  SELECT account_key, hour // 24 AS day, {walked_pages_sql()} AS pages,
    sum(records) AS records
  FROM listings
  WHERE account_key IN (SELECT account_key FROM portfolio)
  GROUP BY account_key, hour // 24
),
in_all AS (
  SELECT account_key,
    {different_pages_sql()} AS pages
  FROM listings
  GROUP BY account_key
),
seen AS (
  SELECT account_key, day, new_items, CAST(0 AS DOUBLE) AS pages, CAST(0 AS DOUBLE) AS records
  FROM days
  UNION ALL
  SELECT account_key, day, 0, pages, CASE WHEN pages > 0 THEN records ELSE 0 END FROM walked
),
by_day AS (
  SELECT account_key, day, sum(new_items) AS new_items, sum(pages) AS pages,
    sum(records) AS records
  FROM seen
  GROUP BY account_key, day
),
windows AS (
  SELECT account_key, day, new_items AS taken_1, pages AS pages_1, records AS records_1,
    sum(new_items) OVER week AS taken_7, sum(pages) OVER week AS pages_7,
    sum(records) OVER week AS records_7,
    sum(new_items) OVER month AS taken_30, sum(pages) OVER month AS pages_30,
    sum(records) OVER month AS records_30
  FROM by_day
  WINDOW
    week AS (PARTITION BY account_key ORDER BY day RANGE BETWEEN 6 PRECEDING AND CURRENT ROW),
    month AS (PARTITION BY account_key ORDER BY day RANGE BETWEEN 29 PRECEDING AND CURRENT ROW)
),
capped AS (
  SELECT w.account_key, w.day, w.taken_1, w.taken_7, w.taken_30,
    w.records_1, w.records_7, w.records_30,
    least(w.pages_1, coalesce(a.pages, 0)) AS pages_1,
    least(w.pages_7, coalesce(a.pages, 0)) AS pages_7,
    least(w.pages_30, coalesce(a.pages, 0)) AS pages_30
  FROM windows AS w
  LEFT JOIN in_all AS a ON a.account_key = w.account_key
)
SELECT account_key,
  CAST(greatest(max(taken_1), max(pages_1)) AS DOUBLE) AS new_1,
  CAST(max(pages_1) AS DOUBLE) AS pages_1,
  max(records_1) AS records_1,
  CAST(greatest(max(taken_7), max(pages_7)) AS DOUBLE) AS new_7,
  CAST(max(pages_7) AS DOUBLE) AS pages_7,
  max(records_7) AS records_7,
  CAST(greatest(max(taken_30), max(pages_30)) AS DOUBLE) AS new_30,
  CAST(max(pages_30) AS DOUBLE) AS pages_30,
  max(records_30) AS records_30,
  (max(day) - min(day)) // 30 + 1 AS months, max(day) - min(day) + 1 AS span
FROM capped
GROUP BY account_key
ORDER BY account_key
""",  # noqa: S608 - own parts
)
"""Per account: the most new items or pages in a window of each length, the most pages, and the most
records on them; months and days of history. A page counts once in a window, however often it was
asked for. Items and pages are not added up, because some sources name a page as an item."""

ANY_LISTINGS: Final = Statement(
    "evidence.any_listings", "SELECT coalesce(max(walked), 0) FROM listings"
)


class Listings(EvidenceTest):
    """Pages of lists, or new items if they are more, in the busiest window of each length.

    An account *walks* through a list if it asks for a page after the first one, or for a page with
    at least 100 records. The first pages of smaller size are subtracted: people search more often
    than they turn the page. So neither people, nor programs that complete a word with each key,
    nor the address of a library's discovery layer have many pages left. A page with more than 100
    records counts as its hundreds. A page that is asked for again and again counts about once.

    Pages of lists were not measured on people. Under the null hypothesis a person walks through at
    most as many pages as the most voracious measured people take new items: a page is looked at for
    longer than it takes to skip a track. These are the listeners, in a catalogue of every kind.
    """

    name = "listings"
    family = "volume"
    question = "Does it walk through more pages of search results and other lists than users do?"
    needs = (
        f"URLs or numbers of records in the log, and {MINIMUM_EVENTS} pages of lists beyond the "
        "first ones"
    )
    fails = (
        "The log has no parameters of requests, as with POST and GraphQL. Someone who enumerates "
        "queries and looks only at small first pages is not measured. A program of a library that "
        "asks for 100 records in every search is not told from extraction; give it a grant."
    )
    source = (
        "The reference distributions of volume for listeners; pages of lists were not measured on "
        "people."
    )

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough pages.

        Raises:
            CannotRun: the log has no pages of lists beyond first ones.
        """
        if not context.engine.rows(ANY_LISTINGS)[0][0]:
            raise CannotRun("no account walks through a list")
        table = context.engine.columns(BEST_LISTINGS)
        windows = [w for w in LIST_WINDOWS if w == 1 or w < context.days * 2]
        listeners = replace(context, kind="general")
        by_window, alone = (
            np.column_stack([window_p_values(table, w, listeners, heavier=h) for w in windows])
            for h in (False, True)
        )
        pages = np.column_stack([table[f"pages_{w}"] for w in windows])
        records = np.column_stack([table[f"records_{w}"] for w in windows])
        best = np.argmin(np.where(np.isnan(by_window), 2, by_window), axis=1)
        rows = np.flatnonzero(pages.max(axis=1) >= MINIMUM_EVENTS)
        places = best[rows]
        return Scores(
            table["account_key"][rows],
            pages[rows, places],
            np.array([GENERAL[f"volume_{w}"].median for w in windows])[places],
            simes(by_window)[rows],
            {"window": np.array(windows)[places], "records": records[rows, places]},
            alone=simes(alone)[rows],
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the pages and records in the window with the smallest p-value."""
        window = numbers["window"]
        when = f"On its {busiest(window)}" if window == 1 else f"Within {window:.0f} days"
        return (
            f"{when} it walked through search results or other lists with about "
            f"{counted(numbers['records'], 'record')}, as much as "
            f"{counted(numbers['observed'], 'page')} of at most 100. The typical listener's "
            f"{busiest(window)} {'has' if window == 1 else 'have'} {numbers['expected']:,.0f} new "
            "items."
        )

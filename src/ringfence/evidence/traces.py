"""Traces: styles, scripts, images and referrers, which browsers leave in a log beside pages."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_EVENTS, Context, EvidenceTest, Scores
from ringfence.model.phrases import counted
from ringfence.stats.calibration import (
    SMALLEST_POPULATION,
    CannotRun,
    rank_p_values,
    require_accounts,
)

TYPICAL_TRACES: Final = 0.25
"""Traces per page that half of the accounts must have. Below it the log does not show what browsers
load, for instance because a cache or another server answers these requests."""

MOST_TRACES: Final = 0.5
"""Traces per page from which an account is not rare, whatever the others have. A program that takes
pages leaves no traces. One that is used beside a browser can hide behind pages with many images."""

PAGES_AND_TRACES: Final = Statement(
    "evidence.traces",
    """
SELECT p.account_key, CAST(l.pages AS DOUBLE) AS pages, CAST(l.assets AS DOUBLE) AS assets,
  CAST(l.referred AS DOUBLE) AS referred
FROM page_loads AS l
JOIN portfolio AS p ON p.account_key = l.account_key
WHERE l.pages >= $minimum
ORDER BY p.account_key
""",
)
"""Per account with enough pages: its pages, assets and pages with a referrer."""

ANY_TRACES: Final = Statement(
    "evidence.any_traces",
    "SELECT count(*) FROM page_loads WHERE assets > 0 OR referred > 0",
)


class Traces(EvidenceTest):
    """The share of pages with a referrer, or the assets per page, whichever is larger.

    A browser that shows a page fetches the page's styles, scripts and images unless its cache has
    them, and sends the page before it as the referrer unless its user forbids it. A program that
    only takes pages does neither. The statistic is at most 1.

    The p-value is the share of accounts with as few traces, the account itself added. It is 1 for
    an account with at least 0.5 traces per page.
    Otherwise a browser that omits one referrer would be rare where all others send one. Where one
    account in ten has no traces, because it is an app, a text browser or a feed reader, no p-value
    is below 0.1.
    """

    name = "traces"
    family = "automation"
    question = "Does it take pages without what browsers load and send with them?"
    needs = (
        "requests for styles, scripts and images in the log, or referrers, and "
        f"{SMALLEST_POPULATION} accounts with {MINIMUM_EVENTS} pages"
    )
    fails = (
        "Apps, text browsers, feed readers and reference managers leave no traces. Neither do "
        "people behind a proxy that removes referrers and caches images. A program that drives a "
        "browser, or sends a false referrer, leaves traces. So does an account with a program "
        "and a browser, if the browser loads at least one file per two pages of the account."
    )
    source = "Ranks among the accounts of the scan (decision 0064)."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough pages.

        Raises:
            CannotRun: the log has no traces, too few accounts have enough pages, or most of these
                have hardly any traces.
        """
        if not context.engine.rows(ANY_TRACES)[0][0]:
            raise CannotRun("the log has no styles, scripts or images, and no referrers")
        table = context.engine.columns(PAGES_AND_TRACES, {"minimum": MINIMUM_EVENTS})
        pages = np.maximum(table["pages"].astype(np.float64), 1)
        require_accounts(len(table["pages"]), f"accounts have {MINIMUM_EVENTS} pages")
        most = np.maximum(table["assets"], table["referred"]).astype(np.float64)
        traces = np.minimum(most / pages, 1.0)
        usual = float(np.median(traces))
        if usual < TYPICAL_TRACES:
            raise CannotRun("most accounts show pages without what browsers load")
        ranks = rank_p_values(traces, direction=-1)
        return Scores(
            table["account_key"],
            traces,
            np.full(traces.size, usual),
            np.where(traces < MOST_TRACES, ranks, 1.0),
            {name: table[name] for name in ("pages", "assets", "referred")},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give pages, assets and referrers."""
        return (
            f"With {counted(numbers['pages'], 'page')} it fetched {numbers['assets']:,.0f} styles, "
            f"scripts and images, and sent {counted(numbers['referred'], 'referrer')}. That is "
            f"{numbers['observed']:.2f} traces of a browser per page, counted up to 1; the typical "
            f"account has {numbers['expected']:.2f}."
        )

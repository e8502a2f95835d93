"""Order: the items are taken down a list, by popularity or by number."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import stats

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Floats

LEAST_ITEMS: Final = 50
"""Items below which an order shows by chance."""

LEAST_HOURS: Final = 10
"""Hours with new items below which an order is one sitting's."""

USERS_SPREAD: Final = 0.22
"""Spread of Fisher's z of the correlation of popularity with time among users: the widest that
the quantiles 95 %, 99 % and 99.9 % of 785 person-months (.24, .40, .62) imply."""

ORDER: Final = Statement(
    "evidence.order",
    """
WITH sittings AS (
  SELECT account_key, count(*) AS hours FROM activity WHERE new_items > 0 GROUP BY account_key
),
numbered AS (
  SELECT item_key, TRY_CAST(regexp_extract(item, '([0-9]{1,18})[^0-9]*$', 1) AS DOUBLE) AS number
  FROM items
  WHERE item_key IN (SELECT item_key FROM holdings WHERE account_key IN (
    SELECT account_key FROM portfolio WHERE items >= $large))
),
by_number AS (
  SELECT h.account_key, round(corr(h.first, n.number), 6) AS number_order
  FROM holdings AS h
  JOIN numbered AS n ON n.item_key = h.item_key
  WHERE h.account_key IN (SELECT account_key FROM portfolio WHERE items >= $large)
  GROUP BY h.account_key
)
SELECT p.account_key, p.items, s.hours, p.popularity_order, b.number_order
FROM portfolio AS p
JOIN sittings AS s ON s.account_key = p.account_key
LEFT JOIN by_number AS b ON b.account_key = p.account_key
WHERE p.items >= $least AND s.hours >= $hours
ORDER BY p.account_key
""",
)

LARGE: Final = Statement(
    "evidence.order_large",
    """
SELECT greatest(quantile_disc(items, 0.98), $least) FROM portfolio
""",
)
"""Reading numbers out of ids costs; only the largest holdings are worth it."""


class Order(EvidenceTest):
    """How closely the order of taking follows popularity, or the number that ends the item's id.

    The statistic is the larger absolute correlation of the two. Items of one sitting belong
    together (an album, a search), so the sample is the hours with new items, not the items:
    Fisher's z then has the variance 1 / (hours − 3), to which the users' own spread is added,
    for tastes drift and releases are new. Two orders looked at double the p-value.
    """

    name = "order"
    family = "selection"
    question = "Does it go down a list, by popularity or by number?"
    needs = f"{LEAST_ITEMS} items taken in {LEAST_HOURS} different hours"
    fails = (
        "A shuffled list shows no order. Where ids grow with release dates, somebody who "
        "listens to "
        "new releases follows the numbers; the order by number is read for the "
        "largest 2 % of holdings only."
    )
    source = "Fisher 1921 (z transformation); 785 person-months of 48 people."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items in enough hours."""
        large = context.engine.rows(LARGE, {"least": LEAST_ITEMS})[0][0] or LEAST_ITEMS
        table = context.engine.columns(
            ORDER, {"large": large, "least": LEAST_ITEMS, "hours": LEAST_HOURS}
        )
        orders = np.column_stack([_plain(table["popularity_order"]), _plain(table["number_order"])])
        looked = np.maximum((~np.isnan(orders)).sum(axis=1), 1)
        size = np.nan_to_num(np.abs(orders))
        correlation = size.max(axis=1, initial=0.0)
        hours = table["hours"].astype(np.float64)
        p = np.minimum(order_p_values(correlation, hours) * looked, 1.0)
        return Scores(
            table["account_key"],
            correlation,
            np.full(p.size, 0.06),
            p,
            {"hours": hours, "by_number": size.argmax(axis=1)},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Name the list and the correlation."""
        what = "the number in its items' ids" if numbers["by_number"] else "the items' popularity"
        return (
            f"The order in which it took its items follows {what}: correlation "
            f"{numbers['observed']:.2f} over {numbers['hours']:,.0f} hours; the median user's "
            f"is {numbers['expected']:.2f}."
        )


def order_p_values(correlation: Floats, hours: Floats) -> Floats:
    """Return the chance that a user's order follows a list this closely, a value each."""
    z = np.arctanh(np.minimum(correlation, 1 - 1e-9))
    spread = np.sqrt(USERS_SPREAD**2 + 1 / np.maximum(hours - 3, 1))
    return np.asarray(2 * stats.t.sf(z / spread, df=47), dtype=np.float64)


def _plain(values: np.ma.MaskedArray | np.ndarray) -> Floats:
    """Return floats with NaN where SQL had NULL."""
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)

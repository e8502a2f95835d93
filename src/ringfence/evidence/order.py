"""Order: whether items are taken down a list, by popularity or by number."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context, EvidenceTest, Scores
from ringfence.evidence.order_of_users import MOSTLY, number_takes, users_go_in_order
from ringfence.evidence.order_witnesses import walks_unwitnessed
from ringfence.model.evidence import SAYS_NOTHING, UNUSUAL, supported
from ringfence.stats.arrays import Floats
from ringfence.stats.tails import upper_tail_of_t

MINIMUM_HOURS: Final = 10
"""Number of hours with new items below which the order may be that of one sitting."""

USERS_SPREAD: Final = 0.22
"""Spread of Fisher's z of the correlation of popularity with time among users: the widest that the
quantiles 95 %, 99 % and 99.9 % of 785 person-months (.24, .40, .62) imply."""

USERS_MEDIAN: Final = 0.06
"""Median absolute correlation among users."""

ORDER_PEOPLE: Final = 48
"""Number of people behind the spread."""

ORDER: Final = Statement(
    "evidence.order",
    """
WITH sittings AS (
  SELECT account_key, count(*) AS hours FROM activity WHERE new_items > 0 GROUP BY account_key
),
numbers AS (
  SELECT t.account_key, round(corr(t.first, t.number), 6) AS number_order,
    avg(CASE WHEN abs(t.step) = 1 THEN 1.0 ELSE 0.0 END) AS next_share,
    avg(CASE WHEN t.is_new THEN 1.0 ELSE 0.0 END) AS new_share
  FROM order_takes AS t
  GROUP BY t.account_key
)
SELECT p.account_key, p.items, s.hours, p.popularity_order, n.number_order, n.next_share,
  n.new_share
FROM portfolio AS p
JOIN sittings AS s ON s.account_key = p.account_key
LEFT JOIN numbers AS n ON n.account_key = p.account_key AND p.items >= $large
WHERE p.items >= $items AND s.hours >= $hours
ORDER BY p.account_key
""",
)
"""Per account: hours with new items, the correlation of time with popularity and with the last
number in the item's id, and the shares of its items that are next to the one before, and new."""

LARGE_HOLDINGS: Final = Statement(
    "evidence.order_large_holdings",
    """
SELECT greatest(quantile_disc(items, 0.98), $items) FROM portfolio
""",
)
"""Number of items from which numbers are read out of ids. Reading them is slow, so only the largest
2 % of holdings are read."""


class Order(EvidenceTest):
    """The correlation of the order of taking with popularity, or with the number in an item's id.

    The number is the last one in the id. The larger absolute correlation of the two counts. Items
    of one sitting belong together (an album, a search). The sample size is therefore the number of
    hours with new items, not the number of items. Fisher's z then has the variance 1 / (hours − 3).
    The spread among users is added, because tastes drift and releases are new. Two orders double
    the p-value. The order of an account that follows what is new, or goes from one id to the next
    as other users do, does not count (:mod:`ringfence.evidence.order_of_users`). The order of
    an account that walks through ids counts for suspicion only, unless other users show that this
    is rare, and it takes more per day than people read (:mod:`ringfence.evidence.order_witnesses`).
    """

    name = "order"
    family = "selection"
    question = "Does it go down a list, by popularity or by number?"
    needs = f"{MINIMUM_ITEMS} items taken in {MINIMUM_HOURS} different hours"
    fails = (
        "A shuffled list shows no order. Where other users go from one id to the next, such as the "
        "pages of a book, or where most large holders do, it cannot tell an account that does the "
        "same. It measures one list of all items. An account that takes one list after another, "
        "each from its beginning, such as journal by journal, shows no order. An account that "
        "takes ids that nobody else takes one after another can be a suspect only. The order by "
        "number is read for the largest 2 % of holdings only."
    )
    source = "Fisher 1921 (z transformation); 785 person-months of 48 people."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items in enough hours."""
        minimum = {"items": MINIMUM_ITEMS}
        large = context.engine.rows(LARGE_HOLDINGS, minimum)[0][0] or MINIMUM_ITEMS
        number_takes(context.engine, large)
        usual = users_go_in_order(context.engine, large)
        if usual:
            large = MINIMUM_ITEMS
            number_takes(context.engine, large)
        table = context.engine.columns(ORDER, {"large": large, "hours": MINIMUM_HOURS, **minimum})
        next_share, new_share = (_with_nan(table[name]) for name in ("next_share", "new_share"))
        follows_new = new_share >= MOSTLY
        walks = next_share >= MOSTLY
        follows_users = walks & usual
        unwitnessed = walks_unwitnessed(context.engine, table["account_key"]) & ~follows_users
        orders = np.column_stack(
            [_with_nan(table[name]) for name in ("popularity_order", "number_order")]
        )
        orders[follows_new | follows_users] = np.nan
        orders_measured = np.maximum((~np.isnan(orders)).sum(axis=1), 1)
        size = np.nan_to_num(np.abs(orders))
        correlation = size.max(axis=1, initial=0.0)
        hours = table["hours"].astype(np.float64)
        p = np.minimum(order_p_values(correlation, hours) * orders_measured, 1.0)
        details = {
            "hours": hours,
            "by_number": size.argmax(axis=1),
            "follows_new": follows_new,
            "follows_users": follows_users,
            "unwitnessed": unwitnessed,
            "several_lists": walks & (not usual) & (p > UNUSUAL),
        }
        return Scores(
            table["account_key"], correlation, np.full(p.size, USERS_MEDIAN), p, details,
            accusing=np.where(unwitnessed, 1.0, p),
        )  # fmt: skip

    def sentence(self, numbers: dict[str, float]) -> str:
        """Name the list and the correlation, and say whether it is rare."""
        if numbers.get("follows_users"):
            return (
                f"Its order of taking items {SAYS_NOTHING}: it goes from one id to the next, as "
                "other users do."
            )
        if numbers.get("follows_new"):
            return (
                f"Its order of taking items {SAYS_NOTHING}: most of them were new when it took "
                "them, and ids and popularity change with the age of an item."
            )
        if numbers.get("several_lists"):
            return (
                "It goes from one id to the next, in several lists one after another. The "
                f"correlation of {numbers['observed']:.2f} with one list of all items does not "
                f"show this, so it {SAYS_NOTHING} for or against the account."
            )
        what = "the numbers in the items' ids" if numbers["by_number"] else "the items' popularity"
        observed, hours = f"{numbers['observed']:.2f}", f"{numbers['hours']:,.0f}"
        typical = f"The typical user's is {numbers['expected']:.2f}."
        if supported(numbers["p_value"]) != "extraction":
            return (
                f"The correlation of its order of taking items with {what} is {observed} over "
                f"{hours} hours, which is not rare. {typical}"
            )
        return (
            f"Its order of taking items follows {what}: the correlation is {observed} over "
            f"{hours} hours. {typical}{self._limit(numbers)}"
        )

    def _limit(self, numbers: dict[str, float]) -> str:
        """Say if the order is a reason for suspicion only."""
        if not numbers.get("unwitnessed"):
            return ""
        return (
            " Readers of long works take ids in order, too, so this does not count toward an "
            "accusation."
        )


def order_p_values(correlation: Floats, hours: Floats) -> Floats:
    """Return, per account, the chance that a user's order follows a list this closely.

    Args:
        correlation: absolute correlation of time with the list, in [0, 1].
        hours: number of hours with new items.
    """
    z = np.arctanh(np.minimum(correlation, 1 - 1e-9))
    spread = np.sqrt(USERS_SPREAD**2 + 1 / np.maximum(hours - 3, 1))
    return 2 * upper_tail_of_t(z / spread, ORDER_PEOPLE - 1)


def _with_nan(values: np.ma.MaskedArray | np.ndarray) -> Floats:
    """Return floats with NaN where SQL had NULL."""
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)

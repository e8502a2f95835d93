"""Novelty: how rarely an account returns to an item."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Floats
from ringfence.stats.calibration import CannotRun
from ringfence.stats.tails import median_of_beta

MINIMUM_MONTHLY_USES: Final = 200
"""Number of uses in the window below which a user may well not have returned to any item."""

USERS_RETURNS: Final = (2.5, 3.3)
"""Beta distribution of users' share of returns in their busiest 30 days (median .43, 5 % .14,
95 % .76)."""

COLLECTORS_RETURNS: Final = (0.5, 10.0)
"""Beta distribution of honest collectors, who rarely return. Some have windows without a return."""

COLLECTORS_SHARE: Final = 0.02
"""Assumed share of users who are collectors. It lies between the 1 in 429 measured streaming months
with a share of returns under .04 and the 1 in 10 scrobbling histories with such windows."""

BUSIEST_MONTH: Final = Statement(
    "evidence.novelty",
    """
WITH windows AS (
  SELECT account_key,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS new_items,
    sum(uses) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS uses
  FROM days
),
busiest AS (
  SELECT account_key, max(new_items) AS new_items FROM windows GROUP BY account_key
)
SELECT w.account_key, w.new_items, max(w.uses) AS uses
FROM windows AS w
JOIN busiest AS b ON b.account_key = w.account_key AND b.new_items = w.new_items
GROUP BY w.account_key, w.new_items
HAVING max(w.uses) >= $minimum
ORDER BY w.account_key
""",
)
"""Per account: the 30 days with the most new items. If several windows have as many, the one with
the most uses counts."""


class Novelty(EvidenceTest):
    """The share of returns to an item among the uses of an account's busiest 30 days.

    A small share is more like extraction. Given a user's own share of returns θ, the number of
    returns among n uses is binomial. θ varies between users by a mixture of two Beta distributions.
    The p-value is the lower tail of the resulting beta-binomial mixture, so that no return among
    5,000 uses is rarer than none among 200.
    """

    name = "novelty"
    family = "selection"
    question = "Does it return to items less often than users do?"
    needs = f"{MINIMUM_MONTHLY_USES} uses within 30 days, in a catalogue of music"
    fails = (
        "Honest collectors rarely return, and a new account has nothing to return to. Where people "
        "read an item once (articles), there is no reference distribution and the test does not "
        "run."
    )
    source = "Returns of 22 people in 429 months; beta-binomial distribution (Skellam 1948)."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough uses in their busiest 30 days."""
        if context.kind != "music":
            raise CannotRun("returns were measured on listeners only")
        table = context.engine.columns(BUSIEST_MONTH, {"minimum": MINIMUM_MONTHLY_USES})
        uses = table["uses"].astype(np.float64)
        returns = np.maximum(uses - table["new_items"].astype(np.float64), 0)
        return Scores(
            table["account_key"],
            returns / uses,
            np.full(uses.size, median_of_beta(*USERS_RETURNS)),
            few_returns_p_values(returns, uses),
            {"uses": uses, "returns": returns},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the counts and the share."""
        return (
            f"Of {numbers['uses']:,.0f} uses in its busiest 30 days, {numbers['returns']:,.0f} "
            f"({numbers['observed']:.1%}) returned to an item that it already held. "
            f"The typical user's share is {numbers['expected']:.0%}."
        )


def few_returns_p_values(returns: Floats, uses: Floats) -> Floats:
    """Return, per account, the chance that a user returns this rarely or more rarely."""
    mixture = ((1 - COLLECTORS_SHARE, USERS_RETURNS), (COLLECTORS_SHARE, COLLECTORS_RETURNS))
    tail = np.zeros(uses.size)
    for share, parameters in mixture:
        tail += share * beta_binomial_cdf(returns, uses, *parameters)
    return np.asarray(np.clip(tail, np.finfo(np.float64).tiny, 1.0), dtype=np.float64)


def beta_binomial_cdf(returns: Floats, uses: Floats, a: float, b: float) -> Floats:
    """Return P(X <= returns) for beta-binomial counts among ``uses`` trials, per account.

    The terms follow from each other: P(k + 1) / P(k) = (n - k)(k + a) / ((k + 1)(n - k - 1 + b))
    (Skellam 1948). All accounts are summed side by side. SciPy gives the same one at a time.
    """
    order = np.argsort(-returns)
    limits, n = returns[order], uses[order]
    term = np.exp(special.betaln(a, n + b) - special.betaln(a, b))
    total = term.copy()
    for k in range(int(limits[0]) if limits.size else 0):
        unfinished = int(np.searchsorted(-limits, -k, side="left"))
        rows = slice(0, unfinished)
        term[rows] *= (n[rows] - k) * (k + a) / ((k + 1) * (n[rows] - k - 1 + b))
        total[rows] += term[rows]
    cdf = np.empty_like(total)
    cdf[order] = total
    return np.asarray(np.minimum(cdf, 1.0), dtype=np.float64)

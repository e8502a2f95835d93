"""Provenance: many networks for one account."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._counted import counted
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.calibration import SMALLEST_POPULATION, CannotRun, enough, ranked

LEAST_NETWORKS: Final = 3
"""Home and the phone are two; only accounts with more are asked, and compared with each other."""

NETWORKS: Final = Statement(
    "evidence.provenance",
    """
WITH seen AS (
  SELECT account_key, count(*) AS networks FROM networks GROUP BY account_key
  HAVING count(*) >= $least
),
used AS (
  SELECT account_key, count(*) AS active_days FROM days GROUP BY account_key
)
SELECT s.account_key, s.networks, u.active_days
FROM seen AS s
JOIN used AS u ON u.account_key = s.account_key
ORDER BY s.account_key
""",
)


class Provenance(EvidenceTest):
    """How many networks (/24 or /48) an account comes from, for the days it is in use.

    Only accounts that log in can have several; for visitors the address is part of the account.
    """

    name = "provenance"
    family = "automation"
    question = "Does it come from more networks than users do?"
    needs = f"client addresses, and {SMALLEST_POPULATION} accounts with {LEAST_NETWORKS} networks"
    fails = (
        "Mobile networks and VPNs hand out a new network every day; one person measured had 413 "
        "networks in nine years."
    )
    source = "Decision 0003, what a log of accounts allows."

    def score(self, context: Context) -> Scores:
        """Measure the accounts that come from enough networks."""
        if "ip" not in context.columns:
            raise CannotRun("the log has no addresses")
        table = context.engine.columns(NETWORKS, {"least": LEAST_NETWORKS})
        networks = table["networks"].astype(np.float64)
        enough(networks.size, f"accounts have {LEAST_NETWORKS} networks")
        rate = networks / np.sqrt(table["active_days"].astype(np.float64))
        # The logarithm takes back some of the rounding that tells equal rates apart.
        p = ranked(np.log(rate), more=1)
        return Scores(
            table["account_key"],
            networks,
            np.full(p.size, float(np.median(networks))),
            p,
            {"active_days": table["active_days"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give networks and days."""
        days = counted(numbers["active_days"], "day")
        return (
            f"Came from {numbers['observed']:,.0f} networks in {days} of use; the median of the "
            f"accounts with {LEAST_NETWORKS} or more came from {numbers['expected']:,.0f}."
        )

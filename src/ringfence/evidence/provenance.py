"""Provenance: networks per day in use."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import counted
from ringfence.stats.calibration import (
    SMALLEST_POPULATION,
    CannotRun,
    rank_p_values,
    require_accounts,
)

MINIMUM_NETWORKS: Final = 3
"""Number of networks from which accounts are compared: home and the phone are two."""

NETWORK_COUNTS: Final = Statement(
    "evidence.provenance",
    """
WITH seen AS (
  SELECT account_key, count(*) AS networks FROM networks GROUP BY account_key
  HAVING count(*) >= $minimum
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
"""Per account: distinct networks, and days in use."""


class Provenance(EvidenceTest):
    """The number of networks (/24 or /48) of an account, for its number of days in use.

    The statistic is the number of networks divided by the square root of the days. Only accounts
    with a login can have several networks; for visitors the address is part of the account.
    """

    name = "provenance"
    family = "automation"
    question = "Does it come from more networks than users do?"
    needs = f"client addresses, and {SMALLEST_POPULATION} accounts with {MINIMUM_NETWORKS} networks"
    fails = (
        "Mobile networks and VPNs assign a new network every day. One measured person had 413 "
        "networks in nine years."
    )
    source = "Decision 0003, what a log of accounts allows."

    def score(self, context: Context) -> Scores:
        """Measure the accounts that come from enough networks."""
        if "ip" not in context.columns:
            raise CannotRun("the log has no addresses")
        table = context.engine.columns(NETWORK_COUNTS, {"minimum": MINIMUM_NETWORKS})
        networks = table["networks"].astype(np.float64)
        require_accounts(networks.size, f"accounts have {MINIMUM_NETWORKS} networks")
        rate = networks / np.sqrt(table["active_days"].astype(np.float64))
        # The logarithm removes some of the rounding that makes equal rates differ.
        p = rank_p_values(np.log(rate), direction=1)
        return Scores(
            table["account_key"],
            networks,
            np.full(p.size, float(np.median(networks))),
            p,
            {"active_days": table["active_days"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give networks and days."""
        return (
            f"Came from {numbers['observed']:,.0f} networks on "
            f"{counted(numbers['active_days'], 'day')} of use. Among accounts with at least "
            f"{MINIMUM_NETWORKS} networks, the typical account came from "
            f"{numbers['expected']:,.0f}."
        )

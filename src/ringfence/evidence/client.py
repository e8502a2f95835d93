"""Client: requests by programs whose name says that they are scripts."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import counted
from ringfence.stats.calibration import SMALLEST_POPULATION, CannotRun, require_accounts

SCRIPT_CLIENTS: Final = Statement(
    "evidence.script_clients",
    "SELECT count(*) AS scripts FROM declared_clients WHERE declaration = 'script'",
)

SCRIPTED: Final = Statement(
    "evidence.client",
    """
SELECT c.account_key,
  CAST(sum(CASE WHEN s.client IS NULL THEN 0 ELSE c.events END) AS DOUBLE) AS scripted,
  CAST(sum(c.events) AS DOUBLE) AS events
FROM clients AS c
JOIN portfolio AS p ON p.account_key = c.account_key
LEFT JOIN declared_clients AS s ON s.client = c.client AND s.declaration = 'script'
GROUP BY c.account_key
ORDER BY c.account_key
""",
)
"""Per account: events by scripts, and all events."""


class Client(EvidenceTest):
    """Whether most requests of an account come from a programming library or download tool.

    The p-value is the share of accounts that do the same, the account itself added. Where most
    accounts are scripts, as in a data API, the test says nothing.
    """

    name = "client"
    family = "automation"
    question = "Does its client identify itself as a script?"
    needs = f"client names, and {SMALLEST_POPULATION} accounts"
    fails = (
        "Any client can claim to be a browser. Researchers use scripts honestly, often by "
        "arrangement."
    )
    source = (
        "COUNTER's list of machines and robots (package counter-robots), and crawler-user-agents."
    )

    def score(self, context: Context) -> Scores:
        """Measure every account with a client name."""
        if "client" not in context.columns:
            raise CannotRun("the log has no client names")
        if not context.engine.rows(SCRIPT_CLIENTS)[0][0]:
            raise CannotRun("no client identifies itself as a script")
        table = context.engine.columns(SCRIPTED)
        share = table["scripted"].astype(np.float64) / table["events"].astype(np.float64)
        require_accounts(share.size, "accounts")
        scripted = share > 0.5
        p = np.where(scripted, (scripted.sum() + 1) / (share.size + 1), 1.0)
        return Scores(
            table["account_key"],
            share,
            np.full(share.size, float(np.median(share))),
            p,
            {"accounts": np.full(share.size, scripted.sum())},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the share of requests by scripts, and how many accounts are mostly scripted."""
        share = f"{numbers['observed']:.0%}" if numbers["observed"] > 0 else "None"
        verb = "is" if numbers["accounts"] == 1 else "are"
        return (
            f"{share} of its requests came from a client that identifies itself as a script. "
            f"{counted(numbers['accounts'], 'account')} in this scan {verb} mostly scripted."
        )

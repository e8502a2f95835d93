"""Client: a script by its own name."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._counted import counted
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.population.declared import declared
from ringfence.stats.calibration import SMALLEST_POPULATION, CannotRun, enough

CLIENTS: Final = Statement("evidence.distinct_clients", "SELECT DISTINCT client FROM clients")

SCRIPTED: Final = Statement(
    "evidence.client",
    """
SELECT c.account_key,
  CAST(sum(CASE WHEN s.client IS NULL THEN 0 ELSE c.events END) AS DOUBLE) AS scripted,
  CAST(sum(c.events) AS DOUBLE) AS events
FROM clients AS c
JOIN portfolio AS p ON p.account_key = c.account_key
LEFT JOIN script_clients AS s ON s.client = c.client
GROUP BY c.account_key
ORDER BY c.account_key
""",
)

NAME_SCRIPTS: Final = Statement(
    "evidence.name_scripts",
    """
CREATE OR REPLACE TEMP TABLE script_clients AS SELECT unnest($clients) AS client
""",
)


class Client(EvidenceTest):
    """Whether most of the account's uses come from a programming library or download tool.

    The p-value is the share of accounts that do the same, the account itself added: where scripts
    are usual (a data API), they say nothing.
    """

    name = "client"
    family = "automation"
    question = "Does its client call itself a script?"
    needs = f"client names, and {SMALLEST_POPULATION} accounts"
    fails = (
        "Any client can call itself a browser; researchers use scripts honestly, often by "
        "arrangement."
    )
    source = "COUNTER's list of machines (package counter-robots)."

    def score(self, context: Context) -> Scores:
        """Measure every account with a client name."""
        if "client" not in context.columns:
            raise CannotRun("the log has no client names")
        scripts = [name for (name,) in context.engine.rows(CLIENTS) if declared(name) == "script"]
        if not scripts:
            raise CannotRun("no client calls itself a script")
        context.engine.run(NAME_SCRIPTS, {"clients": scripts})
        table = context.engine.columns(SCRIPTED)
        share = table["scripted"].astype(np.float64) / table["events"].astype(np.float64)
        enough(share.size, "accounts")
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
        """Give the share of uses by script."""
        verb = "is" if numbers["accounts"] == 1 else "are"
        return (
            f"A script by its own name made {numbers['observed']:.0%} of its requests; "
            f"{counted(numbers['accounts'], 'account')} here {verb} mostly scripted."
        )

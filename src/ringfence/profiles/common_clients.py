"""Give findings the client names that their accounts use most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.finding import Finding

CLIENTS_SHOWN: Final = 3
"""Number of client names of a finding."""

LONGEST_CLIENT: Final = 500
"""Characters of a client name that are kept; the log may hold any text."""

COMMON_CLIENTS: Final = Statement(
    "profiles.common_clients",
    """
WITH used AS (
  SELECT f.finding, c.client, count(*) AS accounts, sum(c.events) AS events
  FROM finding_accounts AS f
  JOIN accounts AS a ON a.account = f.account
  JOIN clients AS c ON c.account_key = a.account_key
  GROUP BY f.finding, c.client
),
ranked AS (
  SELECT finding, client,
    row_number() OVER (PARTITION BY finding ORDER BY accounts DESC, events DESC, client) AS place
  FROM used
)
SELECT finding, left(client, $longest) AS client
FROM ranked
WHERE place <= $shown
ORDER BY finding, place
""",
)
"""The clients of most accounts of each finding; of equally many, those with the most events."""


def with_clients(engine: Engine, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings in their order, with the clients of the account or of the members.

    Args:
        engine: holds the ledger.
        findings: any findings. That about the impostors of a name is looked up by its id.
    """
    accounts = [one.accounts if one.kind == "ring" else (one.id,) for one in findings]
    numbers = np.repeat(np.arange(len(accounts)), [len(names) for names in accounts])
    names = np.array([name for of_finding in accounts for name in of_finding], dtype=object)
    engine.table("finding_accounts", {"finding": numbers, "account": names})
    clients: dict[int, list[str]] = {}
    for number, client in engine.rows(
        COMMON_CLIENTS, {"shown": CLIENTS_SHOWN, "longest": LONGEST_CLIENT}
    ):
        clients.setdefault(int(number), []).append(str(client))
    return tuple(
        replace(one, clients=tuple(clients.get(number, ()))) for number, one in enumerate(findings)
    )

"""Declared robots: accounts whose clients give a crawler's name, listed apart from findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.engine import DuckDBEngine, Statement
from ringfence.evidence.declared import declared

CLIENTS: Final = Statement("verdicts.distinct_clients", "SELECT DISTINCT client FROM clients")

NAME_ROBOTS: Final = Statement(
    "verdicts.name_robots",
    """
CREATE OR REPLACE TEMP TABLE robot_clients AS SELECT unnest($clients) AS client
""",
)

ROBOTS: Final = Statement(
    "verdicts.robots",
    """
WITH by_client AS (
  SELECT c.account_key, c.client, c.events, r.client IS NOT NULL AS robot
  FROM clients AS c
  LEFT JOIN robot_clients AS r ON r.client = c.client
),
judged AS (
  SELECT account_key, sum(events) AS events,
    sum(CASE WHEN robot THEN events ELSE 0 END) AS robot_events,
    arg_max(client, events) AS client
  FROM by_client
  GROUP BY account_key
)
SELECT a.account_key, a.account, j.client, p.items, p.uses
FROM judged AS j
JOIN accounts AS a ON a.account_key = j.account_key
JOIN portfolio AS p ON p.account_key = j.account_key
WHERE 2 * j.robot_events > j.events
ORDER BY p.items DESC, a.account
""",
)


@dataclass(frozen=True)
class Robot:
    """An account that declares itself a crawler.

    Attributes:
        key: the account's key in the ledger.
        account: its name.
        client: what it calls itself.
        items: distinct items taken.
        uses: uses.
    """

    key: int
    account: str
    client: str
    items: int
    uses: int


def find_robots(engine: DuckDBEngine) -> tuple[Robot, ...]:
    """Return the declared robots, largest holdings first."""
    names = [name for (name,) in engine.rows(CLIENTS) if declared(name) == "robot"]
    if not names:
        return ()
    engine.run(NAME_ROBOTS, {"clients": names})
    return tuple(Robot(*row) for row in engine.rows(ROBOTS))

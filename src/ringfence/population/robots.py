"""Set declared robots apart: visitors whose client gives a crawler's name.

They are listed with their holdings and are never findings. They are not in the population that
other accounts are compared with. Only visitors can be set apart. An account with a login is scored
whatever its client is called; otherwise one word in the client name would protect a stolen login.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.population.declared import Declaration, declaration

DISTINCT_CLIENTS: Final = Statement("population.clients", "SELECT DISTINCT client FROM clients")

ROBOT_CLIENTS: Final = Statement(
    "population.robot_clients",
    """
CREATE OR REPLACE TEMP TABLE robot_clients AS SELECT unnest($clients) AS client
""",
)

SET_APART: Final = Statement(
    "population.set_apart",
    """
CREATE OR REPLACE TEMP TABLE robots AS
WITH named AS (
  SELECT c.account_key, sum(c.events) AS events,
    sum(CASE WHEN r.client IS NULL THEN 0 ELSE c.events END) AS robot_events,
    min(r.client) AS client
  FROM clients AS c
  LEFT JOIN robot_clients AS r ON r.client = c.client
  GROUP BY c.account_key
)
SELECT n.account_key, CAST(n.client AS VARCHAR) AS client
FROM named AS n
JOIN accounts AS a ON a.account_key = n.account_key
WHERE a.visitor AND 2 * n.robot_events > n.events
""",
)

ROBOT_HOLDINGS: Final = Statement(
    "population.robots",
    """
SELECT a.account, r.client, count(*) AS items, CAST(sum(h.uses) AS BIGINT) AS uses
FROM robots AS r
JOIN accounts AS a ON a.account_key = r.account_key
JOIN holdings AS h ON h.account_key = r.account_key
GROUP BY a.account, r.client
ORDER BY items DESC, a.account
""",
)


@dataclass(frozen=True)
class Robot:
    """A visitor that declares itself a crawler.

    Attributes:
        account: name of the visitor.
        client: the client name; of several, the first in alphabetical order.
        items: number of distinct items taken.
        uses: number of uses.
    """

    account: str
    client: str
    items: int
    uses: int


def set_robots_apart(engine: Engine) -> tuple[Robot, ...]:
    """Fill the temp table ``robots``; the evidence steps leave its accounts out.

    Returns:
        The declared robots, largest holdings first.
    """
    engine.run(ROBOT_CLIENTS, {"clients": clients_declaring(engine, "robot")})
    engine.run(SET_APART)
    return tuple(Robot(*row) for row in engine.rows(ROBOT_HOLDINGS))


def clients_declaring(engine: Engine, what: Declaration) -> list[str]:
    """Return the distinct client names of the ledger with a declaration, in no order."""
    return [name for (name,) in engine.rows(DISTINCT_CLIENTS) if declaration(name) == what]

"""Set declared robots apart: visitors whose client gives a crawler's name.

They are listed with their holdings and are never findings. They are not in the population that
other accounts are compared with. Only visitors can be set apart. An account with a login is scored
whatever its client is called; otherwise one word in the client name would protect a stolen login.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.population.declared import find_declared_clients

SET_APART: Final = Statement(
    "population.set_apart",
    """
CREATE OR REPLACE TEMP TABLE robots AS
WITH named AS (
  SELECT c.account_key, sum(c.events) AS events,
    sum(CASE WHEN r.client IS NULL THEN 0 ELSE c.events END) AS robot_events,
    min(r.client) AS client
  FROM clients AS c
  LEFT JOIN declared_clients AS r ON r.client = c.client AND r.declaration = 'robot'
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
    """Fill the temp tables ``declared_clients`` and ``robots``.

    The evidence steps leave the accounts in ``robots`` out.

    Returns:
        The declared robots, largest holdings first.
    """
    find_declared_clients(engine)
    engine.run(SET_APART)
    return tuple(Robot(*row) for row in engine.rows(ROBOT_HOLDINGS))

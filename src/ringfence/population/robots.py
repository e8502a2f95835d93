"""Declared robots: visitors whose client gives a crawler's name, set apart before any evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.population.declared import declared

CLIENTS: Final = Statement("population.distinct_clients", "SELECT DISTINCT client FROM clients")

NAME_ROBOTS: Final = Statement(
    "population.name_robots",
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
SELECT n.account_key, n.client
FROM named AS n
JOIN accounts AS a ON a.account_key = n.account_key
WHERE a.visitor AND 2 * n.robot_events > n.events
""",
)
"""Only visitors can be set apart: whoever logs in is scored like anybody, whatever the client
says."""

ROBOTS: Final = Statement(
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
        account: its name.
        client: what it calls itself; the first by name if it uses several.
        items: distinct items taken.
        uses: uses.
    """

    account: str
    client: str
    items: int
    uses: int


def set_robots_apart(engine: Engine) -> tuple[Robot, ...]:
    """Fill the temp table ``robots``, whose accounts no evidence step measures.

    Returns:
        The declared robots, largest holdings first.
    """
    names = [name for (name,) in engine.rows(CLIENTS) if declared(name) == "robot"]
    engine.run(NAME_ROBOTS, {"clients": names})
    engine.run(SET_APART)
    return tuple(Robot(*row) for row in engine.rows(ROBOTS))

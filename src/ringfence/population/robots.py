"""Set declared robots apart: visitors whose client gives a crawler's name.

They are listed with their holdings and are never findings. They are not in the population that
other accounts are compared with. Only visitors can be set apart. An account with a login is scored
whatever its client is called; otherwise one word in the client name would protect a stolen login.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.population.crawler_networks import load_crawler_networks
from ringfence.population.declared import find_declared_clients
from ringfence.population.impostors import SUFFIX, Impostors, check_robots, group_impostors, ungroup
from ringfence.settings import RobotSettings

SET_APART: Final = Statement(
    "population.set_apart",
    """
CREATE OR REPLACE TEMP TABLE set_apart AS
WITH named AS (
  SELECT c.account_key, sum(c.events) AS events,
    sum(CASE WHEN r.client IS NULL OR NOT coalesce(k.genuine, TRUE) THEN 0 ELSE c.events END)
      AS robot_events,
    min(r.client) AS client
  FROM clients AS c
  LEFT JOIN declared_clients AS r ON r.client = c.client AND r.declaration = 'robot'
  LEFT JOIN checked_clients AS k ON k.account_key = c.account_key AND k.client = c.client
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
WITH verified AS (
  SELECT DISTINCT account_key FROM checked_clients WHERE genuine
)
SELECT a.account, r.client, count(*) AS items, CAST(sum(h.uses) AS BIGINT) AS uses,
  bool_or(v.account_key IS NOT NULL) AS verified
FROM set_apart AS r
LEFT JOIN verified AS v ON v.account_key = r.account_key
JOIN accounts AS a ON a.account_key = r.account_key
JOIN holdings AS h ON h.account_key = r.account_key
WHERE r.client IS NOT NULL
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
        verified: whether its address is in the published networks of the robot that it names. If
            not, no networks of that robot are known.
    """

    account: str
    client: str
    items: int
    uses: int
    verified: bool = False


@dataclass(frozen=True)
class RobotsApart:
    """The robots of a scan.

    Attributes:
        declared: visitors that are set apart, largest holdings first.
        impostors: visitors with a forged name, which are scored together, by their common account.
        networks: totals of the crawlers' published networks, and their file; empty without one.
    """

    declared: tuple[Robot, ...]
    impostors: tuple[Impostors, ...] = ()
    networks: str = ""

    @property
    def assumptions(self) -> Iterator[tuple[str, str, str]]:
        """The networks that verify names of robots, and the number of names that are believed."""
        if not self.networks:
            return
        yield "robots' networks", self.networks, "robots.networks"
        believed = sum(not robot.verified for robot in self.declared)
        if believed:
            unknown = f"{believed:,} of {len(self.declared):,} are believed: no networks are known"
            yield "declared robots", unknown, "robots.networks"

    @property
    def notes(self) -> Iterator[str]:
        """One sentence per name that impostors use."""
        for group in self.impostors:
            robot = group.account.partition(SUFFIX)[0]
            visitors = "visitor" if len(group.visitors) == 1 else "visitors"
            yield (
                f"{len(group.visitors):,} {visitors} named {robot} from outside its published "
                f"networks, judged together as {group.account}"
            )


def set_robots_apart(engine: Engine, settings: RobotSettings | None = None) -> RobotsApart:
    """Find the visitors that are robots by their own name, and those whose name is forged.

    Fills the temp tables ``declared_clients``, ``checked_clients``, ``impostors`` and
    ``set_apart``. The evidence steps leave the accounts in ``set_apart`` out, and see all
    impostors of a name as one account.

    Args:
        engine: holds the ledger, merged.
        settings: where the published networks are; None if no name can be checked.

    Raises:
        SettingsError: the file of the networks cannot be used.
    """
    networks = load_crawler_networks(settings.networks) if settings else None
    ungroup(engine)
    find_declared_clients(engine)
    check_robots(engine, networks)
    impostors = group_impostors(engine)
    engine.run(SET_APART)
    declared = tuple(Robot(*row) for row in engine.rows(ROBOT_HOLDINGS))
    totals = f"{networks.totals}, {networks.source}" if networks else ""
    return RobotsApart(declared, impostors, totals)

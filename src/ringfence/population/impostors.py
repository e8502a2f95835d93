"""Verify the names of robots by the crawlers' published networks, and group impostors.

A visitor that uses a robot's name from outside the networks of that robot is an impostor. All
impostors of a name are one account for the rest of the scan: what one extractor takes through
thousands of addresses is then seen together. The ledger itself is not changed. Temporary views take
the place of its tables, which the next scan may group in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement, identifier
from ringfence.model.robot_tables import CHECKED_CLIENTS
from ringfence.population.crawler_networks import CrawlerNetworks

SUFFIX: Final = " (impostors)"
"""End of the name of the account of all impostors of a robot."""

ROBOT_VISITORS: Final = Statement(
    "population.robot_visitors",
    """
SELECT a.account, c.account_key, c.client
FROM clients AS c
JOIN declared_clients AS d ON d.client = c.client AND d.declaration = 'robot'
JOIN accounts AS a ON a.account_key = c.account_key
WHERE a.visitor
ORDER BY a.account, c.client
""",
)
"""The visitors that use a robot's name. Their name begins with their address."""

FIND_IMPOSTORS: Final = Statement(
    "population.impostors",
    """
CREATE OR REPLACE TEMP TABLE impostors AS
WITH named AS (
  SELECT c.account_key, sum(c.events) AS events,
    sum(CASE WHEN k.genuine THEN 0 WHEN k.genuine IS NULL THEN 0 ELSE c.events END) AS forged,
    max(CASE WHEN k.genuine THEN NULL ELSE k.robot END) AS robot
  FROM clients AS c
  LEFT JOIN checked_clients AS k ON k.account_key = c.account_key AND k.client = c.client
  GROUP BY c.account_key
)
SELECT n.account_key, concat(n.robot, $suffix) AS account,
  hash(concat(n.robot, $suffix)) AS group_key
FROM named AS n
WHERE 2 * n.forged > n.events
""",
)
"""Visitors with a forged name in more than half of their events, with the impostors' account."""

TAKEN_NAMES: Final = Statement(
    "population.taken_names",
    """
SELECT count(*) FROM impostors AS i JOIN accounts AS a ON a.account = i.account
""",
)

IMPOSTOR_ACCOUNTS: Final = Statement(
    "population.impostor_accounts",
    """
SELECT i.account, a.account AS visitor
FROM impostors AS i
JOIN accounts AS a ON a.account_key = i.account_key
ORDER BY i.account, a.account
""",
)

_SUM: Final = "CAST(sum(t.events) AS BIGINT) AS events"

GROUPED: Final[Mapping[str, tuple[str, str]]] = {
    "accounts": ("any_value(i.account) AS account, FALSE AS visitor", ""),
    "holdings": (
        """t.item_key, min(t.group_key) AS group_key, min(t.first) AS first, max(t.last) AS last,
        CAST(sum(t.uses) AS UINTEGER) AS uses""",
        ", t.item_key",
    ),
    "hours": (
        """t.hour, CAST(sum(t.uses) AS INTEGER) AS uses, bit_or(t.minutes) AS minutes,
        sum(t.seconds) AS seconds""",
        ", t.hour",
    ),
    "failures": (
        """t.hour, CAST(sum(t.missing) AS INTEGER) AS missing,
        CAST(sum(t.refused) AS INTEGER) AS refused, bit_or(t.few) AS few,
        bit_or(t.many) AS many""",
        ", t.hour",
    ),
    "listings": (
        """t.hour, CAST(sum(t.begun) AS INTEGER) AS begun, CAST(sum(t.walked) AS INTEGER) AS walked,
        sum(t.records) AS records, sum(t.weight) AS weight, bit_or(t.few) AS few,
        bit_or(t.many) AS many""",
        ", t.hour",
    ),
    "large_answers": (
        """t.item_key, min(t.first) AS first, max(t.bytes) AS bytes, max(t.records) AS records""",
        ", t.item_key",
    ),
    "traffic": ("CAST(sum(t.events) AS BIGINT) AS events, sum(t.bytes) AS bytes", ""),
    "page_loads": (
        """CAST(sum(t.pages) AS BIGINT) AS pages, CAST(sum(t.assets) AS BIGINT) AS assets,
        CAST(sum(t.referred) AS BIGINT) AS referred""",
        "",
    ),
    "clients": (f"t.client, {_SUM}", ", t.client"),
    "networks": (f"t.network, {_SUM}", ", t.network"),
    "places": (
        f"t.day, t.network_key, t.client_key, bit_or(t.hours) AS hours, {_SUM}",
        ", t.day, t.network_key, t.client_key",
    ),
    "surfaces": (f"t.surface, {_SUM}", ", t.surface"),
    "devices": (f"t.device, {_SUM}", ", t.device"),
    "payments": (f"t.payment, {_SUM}", ", t.payment"),
    "signups": ("min(t.signed_up) AS signed_up", ""),
}
"""The columns of the rows of all impostors of a name, and those by which rows are put together."""

GROUP_ROWS: Final = tuple(
    Statement(
        f"population.group_{table}",
        f"""
CREATE OR REPLACE TEMP TABLE impostor_{table} AS
SELECT i.group_key AS account_key, {columns}
FROM {table} AS t
JOIN impostors AS i ON i.account_key = t.account_key
GROUP BY i.group_key{grouping}
""",  # noqa: S608 - own names
    )
    for table, (columns, grouping) in GROUPED.items()
)


@dataclass(frozen=True)
class Impostors:
    """All visitors that use a robot's name from outside the networks of that robot.

    Attributes:
        account: the account that they are for the rest of the scan.
        visitors: their own names, which begin with their addresses.
    """

    account: str
    visitors: tuple[str, ...]


def check_robots(engine: Engine, networks: CrawlerNetworks | None) -> None:
    """Fill ``checked_clients``: the robots' names whose networks are known, per visitor.

    Args:
        engine: holds the ledger and ``declared_clients``.
        networks: the published networks; None if no name can be checked.
    """
    rows = list(_checked(engine, networks)) if networks else []
    engine.table(
        CHECKED_CLIENTS,
        {
            "account_key": np.array([row[0] for row in rows], dtype=np.uint64),
            "client": np.array([row[1] for row in rows], dtype=object),
            "robot": np.array([row[2] for row in rows], dtype=object),
            "genuine": np.array([row[3] for row in rows], dtype=np.bool_),
        },
    )


def _checked(engine: Engine, networks: CrawlerNetworks) -> Iterator[tuple[int, str, str, bool]]:
    """Yield account, client, the robot's name, and whether the address is that of the robot."""
    names: dict[str, tuple[str, ...]] = {}
    for account, key, client in engine.rows(ROBOT_VISITORS):
        if client not in names:
            names[client] = networks.names_in(client)
        genuine = networks.contains(names[client], account.partition(" ")[0])
        if names[client] and genuine is not None:
            yield key, client, names[client][0], genuine


def group_impostors(engine: Engine) -> tuple[Impostors, ...]:
    """Make all impostors of a robot's name one account, and return who they are.

    Args:
        engine: holds the ledger, which is not grouped yet, and ``checked_clients``. Temporary views
            take the place of the tables by account.
    """
    engine.run(FIND_IMPOSTORS, {"suffix": SUFFIX})
    number = 2
    while engine.rows(TAKEN_NAMES)[0][0]:
        engine.run(FIND_IMPOSTORS, {"suffix": f"{SUFFIX} {number}"})
        number += 1
    groups: dict[str, list[str]] = {}
    for account, visitor in engine.rows(IMPOSTOR_ACCOUNTS):
        groups.setdefault(account, []).append(visitor)
    if groups:
        _group(engine)
    return tuple(Impostors(account, tuple(visitors)) for account, visitors in groups.items())


def ungroup(engine: Engine) -> None:
    """Let the views show the tables of the ledger again."""
    for table in GROUPED:
        engine.view(table, f"SELECT * FROM {identifier(f'ledger_{table}')}")  # noqa: S608 - quoted


def _group(engine: Engine) -> None:
    for statement in GROUP_ROWS:
        engine.run(statement)
    for table in GROUPED:
        rows = identifier(f"impostor_{table}")
        engine.view(
            table,
            f"SELECT t.* FROM {identifier(f'ledger_{table}')} AS t "  # noqa: S608 - quoted
            "ANTI JOIN impostors AS i ON i.account_key = t.account_key "
            f"UNION ALL BY NAME SELECT * FROM {rows}",
        )

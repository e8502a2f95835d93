"""Measure what the plausibility of the input is judged by, from a merged ledger.

A scan and a check measure the same facts, with the same statements. Every statement reads tables
with one row per account, item or hour, never the events.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from ringfence.catalogue import Catalogue
from ringfence.engine import Statement
from ringfence.events.items import Components
from ringfence.ledger import Ledger
from ringfence.pipeline.catalogue_facts import CatalogueFacts, measure_catalogue
from ringfence.pipeline.reading import SourceCounts, SourceSummary
from ringfence.pipeline.request_facts import RequestFacts, measure_requests
from ringfence.population import AccountsTable

LEADING_ACCOUNT: Final = Statement(
    "pipeline.leading_account",
    """
WITH used AS (
  SELECT h.account_key, sum(h.uses) AS uses
  FROM holdings AS h
  LEFT JOIN set_apart AS r ON r.account_key = h.account_key
  WHERE r.account_key IS NULL AND h.account_key NOT IN (SELECT group_key FROM impostors)
  GROUP BY h.account_key
),
totals AS (
  SELECT count(*) AS accounts, CAST(coalesce(sum(uses), 0) AS BIGINT) AS uses,
    CAST(coalesce(max(uses), 0) AS BIGINT) AS most, arg_max(account_key, uses) AS leader
  FROM used
),
its_clients AS (
  SELECT count(*) AS clients FROM clients AS c JOIN totals AS t ON t.leader = c.account_key
),
its_networks AS (
  SELECT count(*) AS networks FROM networks AS n JOIN totals AS t ON t.leader = n.account_key
)
SELECT t.accounts, t.uses, t.most, coalesce(a.account, '') AS account,
  coalesce(a.visitor, FALSE) AS visitor, c.clients, n.networks
FROM totals AS t
CROSS JOIN its_clients AS c
CROSS JOIN its_networks AS n
LEFT JOIN accounts AS a ON a.account_key = t.leader
""",
)
"""The account with the most uses, and how many clients and networks it has. Robots are left out,
and impostors, who are many by design."""

LEADING_ITEM: Final = Statement(
    "pipeline.leading_item",
    """
WITH used AS (
  SELECT item_key, sum(uses) AS uses FROM holdings GROUP BY item_key
),
totals AS (
  SELECT count(*) AS items, CAST(coalesce(sum(uses), 0) AS BIGINT) AS uses,
    CAST(coalesce(max(uses), 0) AS BIGINT) AS most, arg_max(item_key, uses) AS leader
  FROM used
)
SELECT t.items, t.uses, t.most, coalesce(i.item, '') AS item
FROM totals AS t
LEFT JOIN items AS i ON i.item_key = t.leader
""",
)

PRIVATE: Final = (
    r"^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2[0-9]|3[01])\.|"
    r"100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|[fF][cCdD][0-9a-fA-F]{2}:|[fF][eE]80:|::1$)"
)
"""Addresses that are not a user's on the internet: private, loopback, link-local, carrier-grade."""

ADDRESSES: Final = Statement(
    "pipeline.addresses",
    f"""
SELECT CAST(coalesce(sum(events), 0) AS BIGINT) AS located,
  CAST(coalesce(sum(CASE WHEN regexp_matches(concat(network, '.'), '{PRIVATE}') THEN events END), 0)
    AS BIGINT) AS inside,
  count(DISTINCT network) AS networks
FROM networks
""",  # noqa: S608 - own constant
)
"""Events with a known network, those with a private one, and the number of networks."""

VISITORS: Final = Statement(
    "pipeline.visitors",
    """
WITH visitors AS (
  SELECT account_key, split_part(account, ' ', 1) AS address FROM accounts WHERE visitor
),
each_visitor AS (
  SELECT v.address, c.client FROM visitors AS v JOIN clients AS c ON c.account_key = v.account_key
),
counted AS (
  SELECT count(DISTINCT client) AS clients FROM each_visitor
)
SELECT count(*) AS visitors, count(DISTINCT v.address) AS addresses, max(c.clients) AS clients
FROM visitors AS v
CROSS JOIN counted AS c
""",
)
"""Accounts without a login, their addresses, and the distinct clients that use them."""

PLAYED: Final = Statement(
    "pipeline.played",
    """
WITH played AS (
  SELECT account_key, hour // 24 AS day, sum(seconds) AS seconds, sum(uses) AS uses
  FROM hours
  WHERE seconds > 0
  GROUP BY account_key, hour // 24
)
SELECT count(*) AS days, count(DISTINCT account_key) AS accounts,
  count(CASE WHEN seconds > 90000 THEN 1 END) AS long_days,
  count(DISTINCT CASE WHEN seconds > 90000 THEN account_key END) AS long_accounts,
  CAST(coalesce(sum(seconds) / greatest(sum(uses), 1), 0) AS DOUBLE) AS per_use,
  CAST(coalesce(max(seconds), 0) AS DOUBLE) AS longest
FROM played
""",
)
"""Count the days with plays of each account, and those with more than 25 hours."""

HOUR_CLOCK: Final = Statement(
    "pipeline.clock",
    """
SELECT count(*) AS hours, count(DISTINCT hour % 24) AS hours_of_day,
  count(CASE WHEN minutes = 1 THEN 1 END) AS on_the_hour
FROM hours
""",
)
"""Count the hours with uses in their first minute only, as dates without a time of day have."""

OTHER_SURFACES: Final = Statement(
    "pipeline.other_surfaces",
    """
SELECT surface, CAST(sum(events) AS BIGINT) AS events
FROM surfaces
WHERE surface NOT IN ('stream', 'download', 'metadata', 'search')
GROUP BY surface
ORDER BY events DESC, surface
LIMIT 3
""",
)

ROBOT_ADDRESSES: Final = Statement(
    "pipeline.robot_addresses",
    """
SELECT r.client, count(DISTINCT split_part(a.account, ' ', 1)) AS addresses
FROM set_apart AS r
JOIN accounts AS a ON a.account_key = r.account_key
WHERE r.client IS NOT NULL
  AND r.account_key NOT IN (SELECT account_key FROM checked_clients WHERE genuine)
GROUP BY r.client
ORDER BY addresses DESC, r.client
LIMIT 1
""",
)
"""The declared robot, of those whose networks are not known, that comes from the most addresses."""


@dataclass(frozen=True)
class LeadingAccount:
    """The account with the most uses, declared robots left out.

    Attributes:
        accounts: number of accounts.
        uses: uses of all accounts.
        most: uses of this account.
        name: its name; empty without accounts.
        visitor: whether it has no login.
        clients: number of its clients.
        networks: number of its networks.
    """

    accounts: int = 0
    uses: int = 0
    most: int = 0
    name: str = ""
    visitor: bool = False
    clients: int = 0
    networks: int = 0


@dataclass(frozen=True)
class LeadingItem:
    """The item with the most uses: number of items, uses of all items, its uses, its name."""

    items: int = 0
    uses: int = 0
    most: int = 0
    name: str = ""


@dataclass(frozen=True)
class PlayTime:
    """Time played: days with a play, accounts, days over 25 hours, their accounts, seconds."""

    days: int = 0
    accounts: int = 0
    long_days: int = 0
    long_accounts: int = 0
    per_use: float = 0.0
    longest: float = 0.0


@dataclass(frozen=True)
class InputFacts:
    """The facts by which the plausibility of the input is judged.

    Attributes:
        sources: the sources that were read now.
        lasting: whether the ledger holds earlier scans, too.
        account: the account with the most uses.
        item: the item with the most uses.
        located: events with a known network.
        inside: events with a private network.
        networks: number of distinct networks.
        visitors: number of accounts without a login.
        addresses: number of their addresses.
        clients: number of distinct clients that use them.
        columns: optional columns that the sources have.
        played: time played.
        hours: number of rows of accounts and hours.
        hours_of_day: distinct hours of the day among them.
        on_the_hour: rows with uses in the first minute of the hour only.
        surfaces: (surface, events) of surfaces that have no meaning here, most frequent first.
        robot: client name of the declared robot that comes from the most addresses.
        robot_addresses: number of its addresses.
        late_columns: columns that the ledger lacks for sources of earlier scans.
        unused: columns of the sources that are not read.
        catalogue: how the catalogue file fits the items that were taken.
        accounts_table: what was read from the accounts table.
        requests: signs in a sample of requests.
        components: parts of items that the learned rule with most pages leaves out; None if few.
    """

    sources: tuple[SourceCounts, ...] = ()
    lasting: bool = False
    account: LeadingAccount = field(default_factory=LeadingAccount)
    item: LeadingItem = field(default_factory=LeadingItem)
    located: int = 0
    inside: int = 0
    networks: int = 0
    visitors: int = 0
    addresses: int = 0
    clients: int = 0
    columns: frozenset[str] = frozenset()
    played: PlayTime = field(default_factory=PlayTime)
    hours: int = 0
    hours_of_day: int = 0
    on_the_hour: int = 0
    surfaces: tuple[tuple[str, int], ...] = ()
    robot: str = ""
    robot_addresses: int = 0
    late_columns: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()
    catalogue: CatalogueFacts = field(default_factory=CatalogueFacts)
    accounts_table: AccountsTable = field(default_factory=AccountsTable)
    requests: RequestFacts = field(default_factory=RequestFacts)
    components: Components | None = None

    @property
    def lines(self) -> int:
        """Number of lines that were read now, or could not be read."""
        return sum(source.lines for source in self.sources)

    @property
    def takes(self) -> int:
        """Number of takes that were read now."""
        return sum(source.takes for source in self.sources)


def measure_facts(
    ledger: Ledger,
    read: SourceSummary,
    columns: AbstractSet[str],
    catalogue: Catalogue | None = None,
    accounts_table: AccountsTable | None = None,
) -> InputFacts:
    """Measure the facts on a merged ledger, after declared robots have been set apart.

    Args:
        ledger: the ledger. Addresses of robots do not matter if its settings name their networks.
        read: what was learned about the sources that were read now.
        columns: optional columns that the sources have.
        catalogue: the loaded catalogue, if there is one.
        accounts_table: what was read from the accounts table, if there is one.
    """
    engine = ledger.engine
    located, inside, networks = engine.rows(ADDRESSES)[0]
    visitors, addresses, clients = engine.rows(VISITORS)[0]
    hours, hours_of_day, on_the_hour = engine.rows(HOUR_CLOCK)[0]
    robots = () if ledger.settings.robots.networks else engine.rows(ROBOT_ADDRESSES)
    robot, robot_addresses = next(iter(robots), ("", 0))
    listed = CatalogueFacts()
    item = LeadingItem(*engine.rows(LEADING_ITEM)[0])
    if catalogue:
        listed = measure_catalogue(engine, catalogue, item.items)
    return InputFacts(
        sources=tuple(read.read),
        lasting=ledger.lasting,
        account=LeadingAccount(*engine.rows(LEADING_ACCOUNT)[0]),
        item=item,
        located=located,
        inside=inside,
        networks=networks,
        visitors=visitors,
        addresses=addresses,
        clients=clients or 0,
        columns=frozenset(columns),
        played=PlayTime(*engine.rows(PLAYED)[0]),
        hours=hours,
        hours_of_day=hours_of_day,
        on_the_hour=on_the_hour,
        surfaces=tuple(engine.rows(OTHER_SURFACES)),
        robot=robot,
        robot_addresses=robot_addresses,
        catalogue=listed,
        accounts_table=accounts_table or AccountsTable(),
        requests=measure_requests(engine, read.requests),
        late_columns=read.late_columns,
        components=read.components,
        unused=tuple(read.unused),
    )

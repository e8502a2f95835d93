"""The tables that packages hand to each other: who writes each, and what its columns mean.

Statements pass these tables on by name, which imports do not show. The page
``docs/reference/tables.md`` is generated from this module and from the SQL of all statements. A
table that only one package reads and writes is that package's own and is not declared here.

Keys are 64-bit hashes of a name. Times are UTC, TIMESTAMP or seconds since 1970. Types: DuckDB's.
"""

from __future__ import annotations

from typing import Final

from ringfence.model.event_table import EVENTS
from ringfence.model.line_tables import LINE_TABLES
from ringfence.model.listing_tables import LARGE_ANSWERS, LISTINGS, TRAFFIC
from ringfence.model.origin_table import NETWORK_ORIGINS
from ringfence.model.place_table import FOREIGN_HOLDINGS, FOREIGN_ORIGINS, PLACES
from ringfence.model.pseudonym_table import PSEUDONYM_PADS
from ringfence.model.request_tables import FAILURES, PAGE_LOADS
from ringfence.model.robot_tables import CHECKED_CLIENTS, IMPOSTORS
from ringfence.model.table import Column, Table


def _account(meaning: str = "the account") -> Column:
    return Column("account_key", "UBIGINT", meaning)


def _events_of(name: str, meaning: str) -> Table:
    """Declare a ledger table that counts the events of each account by one attribute."""
    column = name.removesuffix("s")
    return Table(
        name,
        "ledger",
        f"one row per account and {column}",
        (
            _account(),
            Column(column, "VARCHAR", meaning),
            Column("events", "BIGINT", "number of events"),
        ),
        lasting=True,
    )


ACCOUNTS: Final = Table(
    "accounts",
    "ledger",
    "one row per account",
    (
        _account("hash of the account's name"),
        Column("account", "VARCHAR", "the account's name"),
        Column("visitor", "BOOLEAN", "whether it is an address without a login"),
    ),
    lasting=True,
)

ITEMS: Final = Table(
    "items",
    "ledger",
    "one row per item that was taken",
    (
        Column("item_key", "UBIGINT", "hash of the item's name"),
        Column("item", "VARCHAR", "the item's name"),
        Column("group_key", "UBIGINT", "hash of the group's name; NULL if it is not known"),
        Column("group", "VARCHAR", "the group's name; NULL if it is not known"),
    ),
    lasting=True,
)

HOLDINGS: Final = Table(
    "holdings",
    "ledger",
    "one row per account and item it has taken",
    (
        _account(),
        Column("item_key", "UBIGINT", "the item"),
        Column("group_key", "UBIGINT", "the item's group; NULL if it is not known"),
        Column("first", "UINTEGER", "time of the first take"),
        Column("last", "UINTEGER", "time of the last take"),
        Column("uses", "UINTEGER", "number of uses; a double click counts once"),
    ),
    lasting=True,
)

HOURS: Final = Table(
    "hours",
    "ledger",
    "one row per account and hour with a take",
    (
        _account(),
        Column("hour", "INTEGER", "hours since 1970, UTC"),
        Column("uses", "INTEGER", "number of uses"),
        Column("minutes", "BIGINT", "60 bits, one per minute; set for each minute with a take"),
        Column("seconds", "DOUBLE", "seconds played; NULL if the source has none"),
    ),
    lasting=True,
)

CLIENTS: Final = _events_of("clients", "what the client calls itself")
NETWORKS: Final = _events_of("networks", "network of the address: /24 for IPv4, /48 for IPv6")
SURFACES: Final = _events_of("surfaces", "how items were taken")
DEVICES: Final = _events_of("devices", "id of the device")
PAYMENTS: Final = _events_of(
    "payments",
    "first 64 bits of the token's SHA-256, as text. A guessable token can be recovered from its "
    "hash. Use random tokens, never card numbers.",
)

SIGNUPS: Final = Table(
    "signups",
    "ledger",
    "one row per account whose sign-up is known",
    (
        _account(),
        Column("signed_up", "UINTEGER", "when it was created; the earliest time in the sources"),
    ),
    lasting=True,
)

RINGS: Final = Table(
    "rings",
    "ledger",
    "one row per ring that any scan has found, and account",
    (
        Column("ring", "VARCHAR", "id of the ring"),
        _account("a member when the ring was last found"),
    ),
    lasting=True,
)

SOURCES: Final = Table(
    "sources",
    "ledger",
    "one row per source folded",
    (
        Column("id", "UINTEGER", "number of the source; a source that replaces it keeps it"),
        Column("fingerprint", "VARCHAR", "SHA-256 of the content"),
        Column("name", "VARCHAR", "the source's name"),
        Column("lines", "BIGINT", "number of records read"),
        Column("takes", "BIGINT", "number of takes among them"),
        Column("bytes", "BIGINT", "length of the unpacked content; 0 if it is not known"),
        Column("recent", "BOOLEAN", "whether its rows are kept apart, so that it can be replaced"),
    ),
    lasting=True,
)

FACTS: Final = Table(
    "facts",
    "ledger",
    "one row per fact about the ledger",
    (
        Column("name", "VARCHAR", "schema version, hash check, or a setting"),
        Column("value", "VARCHAR", "its value when the ledger was made"),
    ),
    lasting=True,
)

ITEM_RULES: Final = Table(
    "item_rules",
    "ledger",
    "one row per item rule learned from the URLs of a source",
    (
        Column("position", "INTEGER", "the order in which rules are tried, from 0"),
        Column("pattern", "VARCHAR", "regular expression with the named group `item`"),
        Column("surface", "VARCHAR", "surface of URLs that match"),
        Column("prefix", "VARCHAR", "text put before the item"),
        Column("normalise", "BOOLEAN", "whether the item is made lower-case and unescaped"),
    ),
    lasting=True,
)

CATALOGUE: Final = Table(
    "catalogue",
    "catalogue",
    "one row per item of the catalogue",
    (
        Column("item_key", "UBIGINT", "the item"),
        Column("group_key", "UBIGINT", "the item's group; NULL if it is not known"),
        Column("genre_key", "UBIGINT", "hash of the item's genre; NULL if it is not known"),
        Column("holders", "BIGINT", "number of accounts that hold it"),
        Column("popularity", "DOUBLE", "uses, or the popularity that the catalogue file states"),
    ),
)

DECLARED_CLIENTS: Final = Table(
    "declared_clients",
    "population",
    "one row per client that names a crawler or a script",
    (
        Column("client", "VARCHAR", "what the client calls itself"),
        Column("declaration", "VARCHAR", "robot or script"),
    ),
)

ACCOUNTS_SET_APART: Final = Table(
    "set_apart",
    "population",
    "one row per account that is excluded from evidence: declared robots, and use under a grant",
    (_account(), Column("client", "VARCHAR", "the client that declares a robot; NULL for others")),
)

GIVEN_ACCOUNTS: Final = Table(
    "given_accounts",
    "population",
    "one row per account of the ledger that the accounts table knows; empty without such a table",
    (
        _account(),
        Column("created", "UINTEGER", "when it was created, as the table says"),
        Column("plan", "VARCHAR", "plan or tariff"),
        Column("country", "VARCHAR", "country"),
        Column("display_name", "VARCHAR", "name that reports show beside the account"),
        Column("status", "VARCHAR", "state of the account"),
        Column("contradictory", "BOOLEAN", "whether several rows of the table disagree"),
    ),
)

ACCOUNT_DEVICES: Final = Table(
    "account_devices",
    "population",
    "one row per account and device, of the events or else of the accounts table",
    (_account(), Column("device", "VARCHAR", "id of the device")),
)

ACCOUNT_PAYMENTS: Final = Table(
    "account_payments",
    "population",
    "one row per account and means of payment, of the events or else of the accounts table",
    (_account(), Column("payment", "VARCHAR", "hash of the token, as in `payments`")),
)

ACCOUNT_SIGNUPS: Final = Table(
    "account_signups",
    "population",
    "one row per account whose sign-up is known, from the events or else from the accounts table",
    (_account(), Column("signed_up", "UINTEGER", "when it was created")),
)

ACTIVITY: Final = Table(
    "activity",
    "evidence",
    "one row per account and hour with a take, those set apart excluded",
    (
        _account(),
        Column("hour", "INTEGER", "hours since 1970, UTC"),
        Column("uses", "INTEGER", "number of uses"),
        Column("new_items", "BIGINT", "number of items that the account took for the first time"),
        Column("minutes", "TINYINT", "number of minutes with a take"),
        Column("seconds", "DOUBLE", "seconds played; NULL if the source has none"),
    ),
)

DAYS: Final = Table(
    "days",
    "evidence",
    "one row per account and day with a take, those set apart excluded",
    (
        _account(),
        Column("day", "INTEGER", "days since 1970, UTC"),
        Column("uses", "BIGINT", "number of uses"),
        Column("new_items", "BIGINT", "number of items that the account took for the first time"),
        Column("active_hours", "BIGINT", "number of hours with a take"),
        Column("seconds", "DOUBLE", "seconds played; NULL if the source has none"),
    ),
)

PORTFOLIO: Final = Table(
    "portfolio",
    "evidence",
    "one row per account, those set apart excluded",
    (
        _account(),
        Column("items", "BIGINT", "number of items held"),
        Column("uses", "BIGINT", "number of uses"),
        Column("first", "UINTEGER", "time of the first take"),
        Column("last", "UINTEGER", "time of the last take"),
        Column("popularity", "DOUBLE", "summed popularity of its items"),
        Column("mean_log_holders", "DOUBLE", "mean natural logarithm of its items' holders"),
        Column("popularity_order", "DOUBLE", "correlation of first take and others' log uses"),
    ),
)

SCORED_ACCOUNTS: Final = Table(
    "scored_accounts",
    "verdicts",
    "one row per account, those set apart excluded",
    (
        _account(),
        Column("verdict", "VARCHAR", "extracting, suspect, or empty"),
        Column("ring", "VARCHAR", "id of the account's ring, or empty"),
        Column("p_value", "DOUBLE", "p-value of all evidence together"),
        Column("p_*", "DOUBLE", "p-value of one evidence test; NULL if it could not be measured"),
    ),
)

RING_IDS: Final = Table(
    "ring_ids",
    "verdicts",
    "one row per ring found in this scan",
    (
        Column("ring", "BIGINT", "number of the ring in this scan, from 0"),
        Column("id", "VARCHAR", "the ring's lasting id"),
        Column("verdict", "VARCHAR", "extracting or suspect"),
        Column("p_value", "DOUBLE", "p-value of the ring"),
    ),
)

RING_MEMBERS: Final = Table(
    "ring_members",
    "verdicts",
    "one row per ring found in this scan, and member",
    (
        Column("ring", "BIGINT", "number of the ring in this scan, from 0"),
        _account("the member"),
        Column("held", "DOUBLE", "number of its items that were compared with other accounts"),
        Column("observed", "DOUBLE", "items shared with the other members, counted per pair"),
        Column("expected", "DOUBLE", "the same for independent accounts"),
    ),
)

TABLES: Final = {
    table.name: table
    for table in (
        PSEUDONYM_PADS,
        EVENTS,
        ACCOUNTS,
        ITEMS,
        HOLDINGS,
        HOURS,
        FAILURES,
        LISTINGS,
        LARGE_ANSWERS,
        TRAFFIC,
        PAGE_LOADS,
        CLIENTS,
        NETWORKS,
        PLACES,
        SURFACES,
        DEVICES,
        PAYMENTS,
        SIGNUPS,
        RINGS,
        SOURCES,
        FACTS,
        ITEM_RULES,
        *LINE_TABLES,
        CATALOGUE,
        GIVEN_ACCOUNTS,
        ACCOUNT_DEVICES,
        ACCOUNT_PAYMENTS,
        ACCOUNT_SIGNUPS,
        NETWORK_ORIGINS,
        DECLARED_CLIENTS,
        CHECKED_CLIENTS,
        IMPOSTORS,
        ACCOUNTS_SET_APART,
        ACTIVITY,
        DAYS,
        PORTFOLIO,
        FOREIGN_HOLDINGS,
        FOREIGN_ORIGINS,
        SCORED_ACCOUNTS,
        RING_IDS,
        RING_MEMBERS,
    )
}
"""All declared tables by name, in the order in which a scan fills them."""

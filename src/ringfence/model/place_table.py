"""The tables of places: networks and clients by day, and what was taken from foreign ones."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

PLACES: Final = Table(
    "places",
    "ledger",
    "one row per account with a login, day, network and client",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("day", "INTEGER", "days since 1970, UTC"),
        Column("network_key", "UBIGINT", "hash of the network, as in `networks`"),
        Column("client_key", "UBIGINT", "hash of the client's name; NULL if it is not known"),
        Column("hours", "INTEGER", "24 bits, one per hour; set for each hour with a take"),
        Column("events", "BIGINT", "number of events"),
    ),
    lasting=True,
)

FOREIGN_HOLDINGS: Final = Table(
    "foreign_holdings",
    "own_past",
    "one row per account that changed and item it took from foreign places",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("item_key", "UBIGINT", "the item"),
        Column("first", "UINTEGER", "time of the first take, seconds since 1970"),
        Column("last", "UINTEGER", "time of the last take, from any place"),
    ),
)

FOREIGN_ORIGINS: Final = Table(
    "foreign_origins",
    "own_past",
    "one row per account that was used from foreign places and origin that few others use",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("attribute", "VARCHAR", "network, client, device or payment"),
        Column("value_key", "UBIGINT", "hash of the network, provider, client, device or payment"),
    ),
)

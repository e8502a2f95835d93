"""The relation of the events of the source that is open."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

EVENTS: Final = Table(
    "events",
    "events",
    "one row per record of the source that is open",
    (
        Column("ts", "TIMESTAMP", "time of the access, UTC without zone"),
        Column("account", "VARCHAR", "who took the item: login, key or visitor"),
        Column("item", "VARCHAR", "what was taken"),
        Column("surface", "VARCHAR", "how it was taken: stream, download, metadata or search"),
        Column("group", "VARCHAR", "the item's group: artist, journal, collection"),
        Column("ip", "VARCHAR", "the client's network address in its canonical text"),
        Column("client", "VARCHAR", "what the client calls itself"),
        Column("bytes", "BIGINT", "bytes sent"),
        Column("seconds", "DOUBLE", "seconds played"),
        Column("records", "BIGINT", "records that the answer shows or holds; NULL if not known"),
        Column("device", "VARCHAR", "id of the device"),
        Column("payment", "VARCHAR", "token of the means of payment"),
        Column("signed_up", "TIMESTAMP", "when the account was created, UTC without zone"),
        Column("listing", "VARCHAR", "name of the page of a list; NULL for other requests"),
        Column("walked", "BOOLEAN", "whether that page continues a list, or is a large one"),
        Column("referred", "BOOLEAN", "whether a take has a referrer; NULL if not known"),
        Column("assets", "INTEGER", "styles, scripts and images that this request is, or brings"),
        Column("visitor", "BOOLEAN", "whether the account is an address without a login"),
        Column("outcome", "VARCHAR", "NULL for a take; otherwise why the event is none"),
    ),
)

"""The ledger's tables of pages of lists, and of answers that are large or hold several items."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

LISTINGS: Final = Table(
    "listings",
    "ledger",
    "one row per account and hour with a page of a list",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("hour", "INTEGER", "hours since 1970, UTC"),
        Column("begun", "INTEGER", "number of requests for the first page of a list"),
        Column(
            "walked",
            "INTEGER",
            "number of requests for pages that continue a list, or have at least 100 records",
        ),
        Column(
            "records",
            "DOUBLE",
            "records on the walked pages; a page of unknown size counts as 10",
        ),
        Column("weight", "DOUBLE", "walked pages; of a page with more than 100 records, hundreds"),
        Column("few", "BIGINT", "60 bits; each walked page sets one, chosen by its hash"),
        Column("many", "BIGINT", "the same for a sample of one in 64 of these pages"),
    ),
    lasting=True,
)

LARGE_ANSWERS: Final = Table(
    "large_answers",
    "ledger",
    "one row per account and item of which an answer is large, or holds several items",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("item_key", "UBIGINT", "the item"),
        Column("first", "UINTEGER", "time of the first such answer"),
        Column("bytes", "BIGINT", "bytes of the largest answer; NULL if not known"),
        Column("records", "BIGINT", "items in the answer, at most; NULL if not known"),
    ),
    lasting=True,
)

TRAFFIC: Final = Table(
    "traffic",
    "ledger",
    "one row per account whose answers have a known size",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("events", "BIGINT", "number of answers with an item"),
        Column("bytes", "DOUBLE", "bytes of these answers"),
    ),
    lasting=True,
)

"""The tables of requests beside takes: failed ones, and what browsers load with a page."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

FAILURES: Final = Table(
    "failures",
    "ledger",
    "one row per account and hour with a request for an item that does not exist or was refused",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("hour", "INTEGER", "hours since 1970, UTC"),
        Column("missing", "INTEGER", "number of requests for items that do not exist"),
        Column("refused", "INTEGER", "number of requests that were refused"),
        Column("few", "BIGINT", "60 bits; each failed item sets one, chosen by its hash"),
        Column("many", "BIGINT", "the same for a sample of one in 64 of these items"),
    ),
    lasting=True,
)

PAGE_LOADS: Final = Table(
    "page_loads",
    "ledger",
    "one row per account of a log that shows referrers, or what browsers load with a page",
    (
        Column("account_key", "UBIGINT", "the account"),
        Column("pages", "BIGINT", "number of takes"),
        Column("assets", "BIGINT", "number of styles, scripts and images"),
        Column("referred", "BIGINT", "number of pages that were asked for with a referrer"),
    ),
    lasting=True,
)

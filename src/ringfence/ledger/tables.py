"""The ledger's tables: what they hold, and their keys.

All are *mergeable*: rows of two slices of a log, put together and compacted, are the rows of the
whole log.

Keys are 64-bit hashes of the text, so that no pass over the events has to join a dictionary; with
256 million items the chance that any two share a key is 0.2 % (birthday bound n² / 2⁶⁵).
Times are seconds since 1970 in UTC, in 32 bits without sign (until 2106): holdings are the bulk
of the ledger, and half the width is nearly half the time.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

SCHEMA_VERSION: Final = 2
"""Raised when a table changes, so that an older file is refused instead of misread."""

TABLES: Final = {
    "accounts": "account_key UBIGINT, account VARCHAR, visitor BOOLEAN",
    "items": 'item_key UBIGINT, item VARCHAR, group_key UBIGINT, "group" VARCHAR',
    "holdings": "account_key UBIGINT, item_key UBIGINT, group_key UBIGINT, "
    "first UINTEGER, last UINTEGER, uses UINTEGER",
    "hours": "account_key UBIGINT, hour INTEGER, uses INTEGER, minutes BIGINT, seconds DOUBLE",
    "clients": "account_key UBIGINT, client VARCHAR, events BIGINT",
    "networks": "account_key UBIGINT, network VARCHAR, events BIGINT",
    "surfaces": "account_key UBIGINT, surface VARCHAR, events BIGINT",
    "devices": "account_key UBIGINT, device VARCHAR, events BIGINT",
    "payments": "account_key UBIGINT, payment VARCHAR, events BIGINT",
    "signups": "account_key UBIGINT, signed_up UINTEGER",
    "rings": "ring VARCHAR, account_key UBIGINT",
    "sources": "fingerprint VARCHAR, name VARCHAR, lines BIGINT, takes BIGINT",
    "facts": "name VARCHAR, value VARCHAR",
}
"""Table name to columns.

========  ==========================================================================
accounts  one row an account: its key, its name, and whether it is an address without a login
items     one row an item: its key, name and group
holdings  one row an account and item: first and last take, number of uses
hours     one row an account and hour with a take: uses, the minutes with a take as
          60 bits, seconds played
clients   one row an account and client name, with its events
networks  one row an account and network (/24, /48), with its events
surfaces  one row an account and surface, with its events
devices   one row an account and device, with its events
payments  one row an account and means of payment, with its events; of its token only a hash (the
          first 64 bits of SHA-256, as text), which says whether two are the same. Who can guess a
          token can recognise it: tokens are to be random, and no card numbers
signups   one row an account: when it was made, the earliest time said
rings     one row a ring that was ever found and account: its members when it was found last
sources   one row a source folded, by content
facts     schema version, hash check, and the settings the ledger was folded under
========  ==========================================================================
"""

LASTING: Final = frozenset({"holdings", "sources", "facts"})
"""Tables that ledgers of every version have."""

CREATE: Final = tuple(
    Statement(f"ledger.create_{name}", f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    for name, columns in TABLES.items()
)

"""The table that holds the blocks of the key for pseudonyms while sources are read."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

PSEUDONYM_PADS: Final = Table(
    "pseudonym_pads",
    "events",
    "one row, in memory, if names are replaced by pseudonyms",
    tuple(
        Column(f"{kind}_{part}", "BLOB", f"{part} block of HMAC for the names of {kind}s")
        for kind in ("account", "device", "payment")
        for part in ("inner", "outer")
    ),
)

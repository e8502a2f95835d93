"""The table of origins: the provider and country of each network."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

NETWORK_ORIGINS: Final = Table(
    "network_origins",
    "population",
    "one row per network that the operator's table of prefixes knows; empty without such a table",
    (
        Column("network", "VARCHAR", "the network, as in `networks`"),
        Column("provider", "VARCHAR", "who runs the network; NULL if it is not known"),
        Column("country", "VARCHAR", "where it is; NULL if it is not known"),
    ),
)

"""The tables of visitors that use the names of robots."""

from __future__ import annotations

from typing import Final

from ringfence.model.table import Column, Table

CHECKED_CLIENTS: Final = Table(
    "checked_clients",
    "population",
    "one row per visitor and robot's client whose published networks are known",
    (
        Column("account_key", "UBIGINT", "the visitor"),
        Column("client", "VARCHAR", "the client that names the robot"),
        Column("robot", "VARCHAR", "the robot's name in the file of networks"),
        Column("genuine", "BOOLEAN", "whether the visitor's address is in the robot's networks"),
    ),
)

IMPOSTORS: Final = Table(
    "impostors",
    "population",
    "one row per visitor that uses a robot's name from outside the robot's networks",
    (
        Column("account_key", "UBIGINT", "the visitor, whose rows other tables do not show"),
        Column("account", "VARCHAR", "name of the account of all impostors of the robot"),
        Column("group_key", "UBIGINT", "key of that account"),
    ),
)

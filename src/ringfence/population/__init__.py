"""Decide which accounts are scored, and join what the operator knows of them.

Declared robots are set apart before any evidence. The accounts table is joined to the ledger.
"""

from ringfence.population.account_attributes import AccountsTable, join_accounts_table
from ringfence.population.declared import robots_among
from ringfence.population.granted import GrantedUse, set_granted_apart
from ringfence.population.impostors import Impostors
from ringfence.population.network_origins import find_network_origins
from ringfence.population.robots import Robot, RobotsApart, set_robots_apart

__all__ = [
    "AccountsTable",
    "GrantedUse",
    "Impostors",
    "Robot",
    "RobotsApart",
    "find_network_origins",
    "join_accounts_table",
    "robots_among",
    "set_granted_apart",
    "set_robots_apart",
]

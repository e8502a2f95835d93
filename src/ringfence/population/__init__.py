"""Decide which accounts are scored: declared robots are set apart before any evidence."""

from ringfence.population.declared import Declaration, declaration
from ringfence.population.robots import Robot, clients_declaring, set_robots_apart

__all__ = ["Declaration", "Robot", "clients_declaring", "declaration", "set_robots_apart"]

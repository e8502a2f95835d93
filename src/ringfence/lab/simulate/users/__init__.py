"""Simulated users: honest accounts of all kinds, with the statistics of real people."""

from ringfence.lab.simulate.users.crowd import Users
from ringfence.lab.simulate.users.kinds import KINDS, MODELS, Mix

__all__ = ["KINDS", "MODELS", "Mix", "Users"]

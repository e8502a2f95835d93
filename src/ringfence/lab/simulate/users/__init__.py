"""Users: honest accounts of all kinds, seeded, whose statistics are those of real people."""

from ringfence.lab.simulate.users.crowd import Users
from ringfence.lab.simulate.users.kinds import KINDS
from ringfence.lab.simulate.users.mix import Mix

__all__ = ["KINDS", "Mix", "Users"]

"""Readers: honest accounts of all kinds, seeded, whose statistics are those of real people."""

from ringfence.simulate.readers.crowd import Readers
from ringfence.simulate.readers.kinds import KINDS
from ringfence.simulate.readers.mix import Mix

__all__ = ["KINDS", "Mix", "Readers"]

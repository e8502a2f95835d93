"""The lockstep test: find rings whose members take the same items at the same times."""

from ringfence.rings.lockstep.find import find_foreign_lockstep, find_lockstep

__all__ = ["find_foreign_lockstep", "find_lockstep"]

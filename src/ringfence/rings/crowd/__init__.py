"""The crowd test: find many visitors with few items each that act as one."""

from ringfence.rings.crowd.find import find_crowds

__all__ = ["find_crowds"]

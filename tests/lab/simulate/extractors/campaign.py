"""Whole campaigns, for tests."""

from __future__ import annotations

from ringfence.lab.simulate.extractors import Strategy
from ringfence.lab.simulate.shelf import Shelf
from ringfence.lab.simulate.takes import Takes, joined


def campaign(strategy: Strategy, shelf: Shelf, seed: int = 1) -> Takes:
    """Return all takes of a strategy."""
    return joined([strategy.day(shelf, seed, day) for day in range(strategy.days)])

"""Extractors: one strategy a file, and the attacks that carry permanent names."""

from ringfence.simulate.extractors.strategy import Strategy

__all__ = ["Strategy"]

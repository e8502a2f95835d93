"""The adaptive attacker: strategies tried and improved against the detection as it is."""

from ringfence.lab.evaluate.adaptive.families import FAMILIES, Choice, Family, Range
from ringfence.lab.evaluate.adaptive.search import (
    GENERATIONS,
    BestResponse,
    Generation,
    best_response,
)

__all__ = [
    "FAMILIES",
    "GENERATIONS",
    "BestResponse",
    "Choice",
    "Family",
    "Generation",
    "Range",
    "best_response",
]

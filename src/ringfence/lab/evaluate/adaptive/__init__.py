"""The adaptive attacker, which tries strategies against the detection and improves them."""

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

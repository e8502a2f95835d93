"""The adaptive attacker, which tries strategies against the detection and improves them."""

from ringfence.lab.evaluate.adaptive.families import (
    STRATEGY_FAMILIES,
    Choice,
    Range,
    StrategyFamily,
)
from ringfence.lab.evaluate.adaptive.search import (
    GENERATIONS,
    BestResponse,
    Generation,
    best_response,
)

__all__ = [
    "GENERATIONS",
    "STRATEGY_FAMILIES",
    "BestResponse",
    "Choice",
    "Generation",
    "Range",
    "StrategyFamily",
    "best_response",
]

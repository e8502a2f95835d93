"""The evidence record: the answer of one test about one account or ring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from ringfence.model.fields import RECORD, Number, Proportion

Supports = Literal["extraction", "use", "neither"]
"""What a piece of evidence speaks for: extraction, honest use, or neither of the two."""

UNUSUAL: Final = 0.05
"""Evidence supports extraction up to this p-value: at most 1 user in 20 shows as much."""

USUAL: Final = 0.5
"""Evidence supports use from this p-value on: every other user shows as much."""

COPY_TEST: Final = "bulk"
"""Name of the evidence about bulk sessions, which a copied library may explain."""

LEAK_TEST: Final = "leak"
"""Name of the evidence that a published copy gives about an account."""

SAYS_NOTHING: Final = "says nothing"
"""Words in the sentence of evidence that supports neither, whatever its p-value is."""


@dataclass(frozen=True)
class Evidence:
    """The answer of one test about one account or ring."""

    __pydantic_config__ = RECORD

    test: str
    """Name of the test, as in the reference of evidence tests."""
    observed: Number
    """The measured value, in the unit of the test."""
    expected: Number
    """The median among users, in the same unit; for a test of a ring, the expected value."""
    p_value: Proportion
    """Probability that a user shows a value as extreme as this or more extreme, in (0, 1]."""
    sentence: str
    """One or two sentences with the numbers, for a reviewer."""
    supports: Supports = field(init=False, default="neither")
    """What it speaks for: `extraction` (p-value at most 0.05), `use` (p-value at least 0.5) or
    `neither`, also if the sentence says that the test cannot tell."""

    def __post_init__(self) -> None:
        """Derive what the evidence supports from its p-value and its sentence."""
        silent = SAYS_NOTHING in self.sentence
        object.__setattr__(self, "supports", "neither" if silent else supported(self.p_value))


def is_explanation(test: str) -> bool:
    """Return whether evidence explains honestly what the account did, and has no real p-value."""
    return test == COPY_TEST


def supported(p_value: float) -> Supports:
    """Return what evidence with this p-value supports; NaN supports neither."""
    if p_value <= UNUSUAL:
        return "extraction"
    return "use" if p_value >= USUAL else "neither"

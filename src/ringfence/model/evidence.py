"""The record that carries the outcome of one evidence test to verdicts and reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Supports = Literal["extraction", "use", "neither"]
"""What a piece of evidence speaks for: extraction, honest use, or neither of the two."""

UNUSUAL: Final = 0.05
"""Evidence supports extraction up to this p-value: at most 1 user in 20 shows as much."""

USUAL: Final = 0.5
"""Evidence supports use from this p-value on: every other user shows as much."""


@dataclass(frozen=True)
class Evidence:
    """The outcome of one evidence test on one account or ring.

    Attributes:
        test: name of the test, as in the reference.
        observed: what was measured, in the test's own unit.
        expected: the median among users, same unit.
        p_value: chance that a user shows a value this extreme or more extreme, in (0, 1].
        sentence: one or two sentences with the numbers, for a reviewer.
        supports: what it speaks for: ``extraction`` (p-value at most 0.05), ``use`` (p-value at
            least 0.5) or ``neither``.
    """

    test: str
    observed: float
    expected: float
    p_value: float
    sentence: str
    supports: Supports = field(init=False)

    def __post_init__(self) -> None:
        """Derive what the evidence supports from its p-value."""
        object.__setattr__(self, "supports", supported(self.p_value))


def supported(p_value: float) -> Supports:
    """Return what evidence with this p-value supports; NaN supports neither."""
    if p_value <= UNUSUAL:
        return "extraction"
    return "use" if p_value >= USUAL else "neither"

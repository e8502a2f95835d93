"""Where findings stand in a chart of the whole, and which of them get their rank written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.model.finding import Verdict
from ringfence.report.charts.drawing import ALARM, SUSPECT


@dataclass(frozen=True)
class Mark:
    """One finding, to be placed in a chart.

    Attributes:
        rank: its place in the table, from 1.
        verdict: decides the colour.
        items: distinct items held.
        catalogue: share of the catalogue held, in [0, 1].
        use: share of all use held, in [0, 1].
    """

    rank: int
    verdict: Verdict
    items: int
    catalogue: float
    use: float

    @property
    def colour(self) -> str:
        """The colour of its verdict."""
        return ALARM if self.verdict == "extracting" else SUSPECT


def written(places: Sequence[tuple[float, float]], *, apart: float) -> list[bool]:
    """Say which marks get their rank written, so that no two ranks overlap.

    Args:
        places: where the marks stand, in units of the drawing, best rank first.
        apart: least distance of two ranks, in the same units.

    Returns:
        One flag a mark; earlier marks win.
    """
    kept: list[tuple[float, float]] = []
    flags = []
    for x, y in places:
        free = all(abs(x - a) >= apart or abs(y - b) >= apart for a, b in kept)
        flags.append(free)
        if free:
            kept.append((x, y))
    return flags

"""Findings as marks in a chart of all accounts, with their ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.model.finding import Verdict
from ringfence.report.charts.drawing import ALARM, SUSPECT


@dataclass(frozen=True)
class Mark:
    """One finding in a chart.

    Attributes:
        rank: its rank in the table, from 1.
        verdict: gives the colour.
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


def rank_labels(
    ranks: Sequence[int], places: Sequence[tuple[float, float]], *, apart: tuple[float, float]
) -> list[str]:
    """Return the text next to each mark, so that no two texts overlap and no rank is missing.

    A mark that is close to an earlier one gets no text of its own; its rank joins the text there.

    Args:
        ranks: the rank of each mark, best first.
        places: positions of the marks, in units of the drawing.
        apart: smallest horizontal and vertical distance of two texts, in the same units.

    Returns:
        One text per mark, such as ``3`` or ``3–7``; empty for a mark that joined another.
    """
    texts: dict[int, list[int]] = {}
    for number, (x, y) in enumerate(places):
        near = (
            one
            for one in texts
            if abs(x - places[one][0]) < apart[0] and abs(y - places[one][1]) < apart[1]
        )
        texts.setdefault(next(near, number), []).append(ranks[number])
    return [_ranges(texts[number]) if number in texts else "" for number in range(len(places))]


def _ranges(ranks: Sequence[int]) -> str:
    """Write ascending ranks briefly: ``3``, ``3–7``, ``3, 5``, ``3 … 19``."""
    first, last = ranks[0], ranks[-1]
    if last - first == len(ranks) - 1:
        return str(first) if first == last else f"{first}–{last}"
    return f"{first}, {last}" if len(ranks) == 2 else f"{first} … {last}"

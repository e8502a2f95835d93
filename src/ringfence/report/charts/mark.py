"""Findings as marks in a chart of all accounts, with their ranks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.model.finding import Verdict
from ringfence.report.charts.look import ALARM, INK, PAPER, SUSPECT
from ringfence.report.charts.svg import element, group, number, text


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


def dot(mark: Mark, x: float, y: float) -> str:
    """Return the dot of a finding, which leads to its evidence, as SVG."""
    look = {"fill": mark.colour, "stroke": PAPER, "stroke_width": 1.5, "opacity": 0.9}
    circle = element("circle", "", {"cx": number(x), "cy": number(y), "r": 6.1, **look})
    return f'<a xlink:href="#finding-{mark.rank}">{circle}</a>'


def rank_texts(placed: Iterable[tuple[float, float, str]], *, covering: bool = False) -> str:
    """Return the texts next to marks, as SVG.

    Args:
        placed: position of each text, and the text; an empty one is left out.
        covering: whether a line that a text crosses is covered around it.
    """
    said = [text(x, y, words) for x, y, words in placed if words]
    look = {"text_anchor": "middle", "font_size": 12, "font_weight": "bold"}
    cover = group(said, fill=PAPER, stroke=PAPER, stroke_width=4, **look) if covering else ""
    return cover + group(said, fill=INK, **look)


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
    for index, (x, y) in enumerate(places):
        near = (
            one
            for one in texts
            if abs(x - places[one][0]) < apart[0] and abs(y - places[one][1]) < apart[1]
        )
        texts.setdefault(next(near, index), []).append(ranks[index])
    return [_ranges(texts[index]) if index in texts else "" for index in range(len(places))]


def _ranges(ranks: Sequence[int]) -> str:
    """Write ascending ranks briefly: ``3``, ``3–7``, ``3, 5``, ``3 … 19``."""
    first, last = ranks[0], ranks[-1]
    if last - first == len(ranks) - 1:
        return str(first) if first == last else f"{first}–{last}"
    return f"{first}, {last}" if len(ranks) == 2 else f"{first} … {last}"

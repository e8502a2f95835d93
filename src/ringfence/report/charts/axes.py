"""Axes: grid, labels and titles around a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from ringfence.report.charts.look import FONT_SIZE, GRID, MUTED, WIDTH, text_width
from ringfence.report.charts.svg import PADDING, group, number, path, text

Labels = Sequence[tuple[float, str]]
"""Positions along an axis, in units of the drawing, and what stands there."""

BELOW: Final = 17
"""Height of the labels below a plot."""

BELOW_WITH_TITLE: Final = 35
"""Height of the labels and the title below a plot."""

_GAP: Final = 4
"""Distance of labels from the plot."""

_TITLE_GAP: Final = 7
"""Distance of a title from the labels."""

_BEFORE: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""The part of a label that is before its position, by how it is anchored."""

_BASELINE: Final = 13.5
_TITLE_BASELINE: Final = 31.5
_MIDDLE: Final = 3.5
"""Distance of the baseline of a text from its middle."""


@dataclass(frozen=True)
class BottomAxis:
    """The axis below a plot. Labels that would overlap are left out.

    Attributes:
        labels: positions from the left.
        height: of the plot.
        title: below the labels.
        width: of the plot.
        grid: whether each label has a line up through the plot.
        line: whether there is a line below the plot.
        flush: whether the first and the last label stay within the plot.
    """

    labels: Labels
    height: float
    title: str = ""
    width: float = WIDTH
    grid: bool = False
    line: bool = True
    flush: bool = True

    @property
    def svg(self) -> str:
        """The lines and then the texts."""
        return path(self._lines(), stroke=GRID) + "".join(
            group(some, fill=MUTED, text_anchor=anchor) for anchor, some in self._texts().items()
        )

    def _lines(self) -> Iterator[str]:
        if self.grid:
            for x, _ in self.labels:
                yield f"M{number(x + 0.5)} 0V{number(self.height)}"
        if self.line:
            yield f"M.5 {number(self.height + 0.5)}h{number(self.width)}"

    def _texts(self) -> dict[str, list[str]]:
        """Return the texts by how they are anchored."""
        anchored: dict[str, list[str]] = {"middle": [], "start": [], "end": []}
        for x, words in _apart(self.labels, self._anchor):
            anchored[self._anchor(x)].append(text(x, self.height + _BASELINE, words))
        if self.title:
            title = text(self.width / 2, self.height + _TITLE_BASELINE, self.title)
            anchored["middle"].append(title)
        return anchored

    def _anchor(self, x: float) -> str:
        """Return how a label is anchored: one at an end of the axis stays within the plot."""
        if not self.flush or 1 <= x <= self.width - 1:
            return "middle"
        return "start" if x < 1 else "end"


@dataclass(frozen=True)
class LeftAxis:
    """The axis to the left of a plot.

    Attributes:
        labels: positions from the top.
        title: beside the labels, reading upwards.
        height: of the plot, where the line beside it ends.
        top: where that line begins.
        grid: whether there are a line to the left and one from each label through the plot.
    """

    labels: Labels
    title: str = ""
    height: float = 0
    top: float = 0
    grid: bool = True

    @property
    def svg(self) -> str:
        """The lines and then the texts."""
        labels = [text(-_GAP, y + _MIDDLE, words) for y, words in self.labels]
        said = group(labels, fill=MUTED, text_anchor="end")
        return path(self._lines(), stroke=GRID) + said + (self._title() if self.title else "")

    @property
    def space(self) -> int:
        """The width of labels and title, with the padding of the drawing."""
        beside = _TITLE_GAP + FONT_SIZE if self.title else 0
        return ceil(PADDING + beside + _GAP + self._widest)

    def _lines(self) -> Iterator[str]:
        if self.grid:
            yield f"M.5 {number(self.top + 0.5)}V{number(self.height)}"
            yield from (f"M.5 {number(y + 0.5)}h{WIDTH}" for y, _ in self.labels)

    def _title(self) -> str:
        x, y = -(_GAP + self._widest + _TITLE_GAP), (self.top + self.height) / 2
        turned = f"translate({number(x)},{number(y)})rotate(-90)"
        return group([text(0, 0, self.title)], fill=MUTED, text_anchor="middle", transform=turned)

    @property
    def _widest(self) -> float:
        return max((text_width(words) for _, words in self.labels), default=0.0)


def _apart(labels: Labels, anchor: Callable[[float], str]) -> Labels:
    """Return every label, every second, fourth and so on, so that no two overlap."""
    kept = list(labels)
    while any(_right(one, anchor) > _left(other, anchor) for one, other in pairwise(kept)):
        kept = kept[::2]
    return kept


def _left(label: tuple[float, str], anchor: Callable[[float], str]) -> float:
    x, words = label
    return x - _BEFORE[anchor(x)] * text_width(words)


def _right(label: tuple[float, str], anchor: Callable[[float], str]) -> float:
    return _left(label, anchor) + text_width(label[1])

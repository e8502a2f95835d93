"""The histogram of items per account, with the findings marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, LeftAxis
from ringfence.report.charts.look import ACCENT, LABEL_SPACE, PAPER, WIDTH, short_number
from ringfence.report.charts.mark import Mark, dot, rank_labels, rank_texts
from ringfence.report.charts.scale import AxisScale
from ringfence.report.charts.svg import PADDING, drawing, number, path, rectangle

_HEIGHT = 205
_STRIP = 45
_DOTS = 30
_RANKS = 18
_LEAST = 0.7
"""Start of the axis of items: half an item before the first."""


def population(buckets: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> str:
    """Draw the histogram of items held per account with the findings above it, as SVG.

    Both axes are logarithmic, so that one account among many thousands can be seen.

    Args:
        buckets: (largest number of items held, accounts) per bucket, increasing.
        marks: the findings.
    """
    top = max([10, *(upper for upper, _ in buckets), *(mark.items for mark in marks)]) * 1.3
    most = max([10, *(accounts for _, accounts in buckets)])
    x = AxisScale(_LEAST, top, 0, WIDTH, math.log10)
    y = AxisScale(0, most, _HEIGHT, _STRIP if marks else 0, math.log1p)
    numbers = [(y(value), short_number(value)) for value in _powers(most)]
    left = LeftAxis(numbers, "accounts", _HEIGHT, y.end)
    held = [(x(value), short_number(value)) for value in _powers(top)]
    content = (
        left.svg,
        BottomAxis(held, _HEIGHT, "items held").svg,
        path(_bars(buckets, x, y), fill=ACCENT, stroke=PAPER),
        *_marked(marks, x),
    )
    return drawing(
        content, _label(buckets, marks),
        size=(WIDTH, _HEIGHT + BELOW_WITH_TITLE), origin=(left.space, PADDING),
        links=bool(marks),
    )  # fmt: skip


def _label(buckets: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> str:
    accounts = sum(number for _, number in buckets)
    return (
        f"Histogram of the items held by each of {accounts} accounts, "
        f"with {len(marks)} findings marked; the table below has the numbers."
    )


def _bars(buckets: Sequence[tuple[int, int]], x: AxisScale, y: AxisScale) -> Iterator[str]:
    lowers = [0, *(upper for upper, _ in buckets)]
    for lower, (upper, accounts) in zip(lowers, buckets, strict=False):
        if accounts and upper > 0:
            left, right = max(lower + 0.5, _LEAST), upper + 0.5
            yield rectangle(x(left), x(right), y(0), y(accounts))


def _marked(marks: Sequence[Mark], x: AxisScale) -> Iterator[str]:
    """Draw a rule, a dot and a rank per mark, the best rank last and so on top."""
    places = [x(max(mark.items, 1)) for mark in marks]
    ranks = rank_labels(
        [mark.rank for mark in marks], [(place, 0.0) for place in places], apart=LABEL_SPACE
    )
    for mark, place in zip(marks[::-1], places[::-1], strict=True):
        rule = [f"M{number(place)} {_DOTS}V{_HEIGHT}"]
        yield path(rule, stroke=mark.colour, stroke_dasharray="2 3")
    for mark, place in zip(marks[::-1], places[::-1], strict=True):
        yield dot(mark, place, _DOTS)
    yield rank_texts((place, _RANKS, rank) for place, rank in zip(places, ranks, strict=True))


def _powers(most: float) -> list[int]:
    decades = math.floor(math.log10(most))
    return [10**power for power in range(0, decades + 1, 1 + decades // 7)]

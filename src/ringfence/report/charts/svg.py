"""Write SVG: elements with escaped text, short numbers, and the frame of a drawing.

A report has hundreds of charts, so marks of one look are one path, and what they share is said once
around them. ``docs/decisions/0067-report-charts.md`` compares this with libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from math import ceil
from typing import Final

from ringfence.report.charts.look import FONT_SIZE, FULL_WIDTH

PADDING: Final = 2
"""Space around a drawing, in its units."""


def number(value: float) -> str:
    """Write a coordinate with one decimal: a tenth of a pixel cannot be seen."""
    return f"{value:z.1f}".removesuffix(".0")


def element(tag: str, content: str, attributes: Mapping[str, object]) -> str:
    """Return an element.

    Args:
        tag: its name.
        content: markup inside; it is written as it is.
        attributes: their text is escaped; ``stroke_width`` becomes ``stroke-width``.
    """
    said = "".join(
        f' {name.replace("_", "-")}="{escape(str(value))}"' for name, value in attributes.items()
    )
    return f"<{tag}{said}>{content}</{tag}>" if content else f"<{tag}{said}/>"


def text(x: float, y: float, words: str) -> str:
    """Return a text at a position. Its look is that of the group around it."""
    return f'<text x="{number(x)}" y="{number(y)}">{escape(words)}</text>'


def group(content: Iterable[str], **look: object) -> str:
    """Return markup of one look, such as texts, as a group; nothing without any."""
    inside = "".join(content)
    return element("g", inside, look) if inside else ""


def path(steps: Iterable[str], **look: object) -> str:
    """Return shapes of one look as one path; nothing without any."""
    way = "".join(steps)
    return element("path", "", {"d": way, **look}) if way else ""


def rectangle(left: float, right: float, low: float, high: float) -> str:
    """Return the steps of a path around a rectangle, from its vertical position ``low``."""
    return f"M{number(left)} {number(low)}V{number(high)}H{number(right)}V{number(low)}z"


def line(points: Iterable[tuple[float, float]]) -> str:
    """Return the steps of a path through points."""
    return "M" + " ".join(f"{number(x)} {number(y)}" for x, y in points)


def drawing(
    content: Iterable[str],
    label: str,
    *,
    size: tuple[float, float],
    origin: tuple[float, float] = (PADDING, PADDING),
    links: bool = False,
) -> str:
    """Return a drawing that the page sizes, as an SVG element.

    Args:
        content: the markup inside. Its origin is the upper left corner of the plot.
        label: the content in words, for people who cannot see it.
        size: width and height from the origin, including labels to the right and below.
        origin: space to the left of the origin and above it.
        links: whether the drawing has links.
    """
    left, top = origin
    width, height = max(ceil(left + size[0]), FULL_WIDTH), ceil(top + size[1])
    inside = group(
        content,
        transform=f"translate({number(left)},{number(top)})",
        fill="none",
        font_family="sans-serif",
        font_size=FONT_SIZE,
    )
    linked = ' xmlns:xlink="http://www.w3.org/1999/xlink"' if links else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{linked} class="chart" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{inside}</svg>'
    )

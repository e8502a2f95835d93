"""Draw the plots of an evaluation as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import altair as alt
import numpy as np

from ringfence.lab.evaluate.drawing import (
    PERCENT,
    SHORT_NUMBER,
    Chart,
    Compiled,
    Records,
    compiled,
    draw,
)
from ringfence.lab.evaluate.evaluation import ExtractionCurve
from ringfence.lab.evaluate.summary import Summary
from ringfence.lab.evaluate.work_factor import LifetimeResult
from ringfence.report.charts.look import ACCENT, INK, MUTED, SOFT, WIDTH
from ringfence.stats.arrays import Floats

_HEIGHT = 220
_ROW = 17

_COLOURS: Final = (
    INK,
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#999999",
)
"""Colours that colour-blind people can distinguish (Okabe and Ito 2008, Color Universal Design).
The page's ink replaces their black. Their yellow is too light for a line; the grey of R's palette
of the same name replaces it."""

_DASHES: Final = (
    (7, 2),
    (2, 2),
    (10, 2, 2, 2),
    (4, 4),
    (6, 2, 2, 2, 2, 2),
    (12, 4),
    (5, 3, 1, 3),
)
"""Lengths of strokes and gaps. There is one pattern fewer than colours, so that 56 detectors all
look different. The first detector's line has no gaps."""

_APART: Final = 3
"""Offset between lines, in units of the drawing, so that none hides another."""

_SPREAD: Final = 24
"""Largest offset of a line, in units of the drawing."""


@dataclass(frozen=True)
class Line:
    """One line in the plots of an attack.

    Attributes:
        detectors: names of the detectors whose curves are all this line.
        rows: as in :class:`ringfence.lab.evaluate.evaluation.ExtractionCurve`.
        place: position of the first of them among all detectors, from 0. It sets colour and dashes.
    """

    detectors: tuple[str, ...]
    rows: Floats
    place: int


def lines(curves: Sequence[ExtractionCurve]) -> tuple[Line, ...]:
    """Return the lines of one attack; detectors with equal curves share a line.

    Args:
        curves: curves of the attack, one per detector, in the detectors' order.
    """
    alike: dict[bytes, list[int]] = {}
    for place, curve in enumerate(curves):
        alike.setdefault(curve.rows.tobytes(), []).append(place)
    return tuple(
        Line(tuple(curves[n].detector for n in places), curves[places[0]].rows, places[0])
        for places in alike.values()
    )


def key(line: Line) -> str:
    """Return a sample of the line for a legend, as SVG."""
    colour, dash = _look(line.place)
    return (
        '<svg class="line" viewBox="0 0 40 4" aria-hidden="true"><line x1="0" x2="40" y1="2" '
        f'y2="2" stroke="{colour}" stroke-width="2.5" '
        f'stroke-dasharray="{" ".join(map(str, dash))}"/></svg>'
    )


def items_over_time(attack: str, lines: Sequence[Line]) -> str:
    """Draw the items of one attack over time, with a dot at every verdict that found accounts.

    Args:
        attack: name of the attack.
        lines: its lines. The first is in its true place, and each further one a little higher.
    """
    label = f"Items taken by {attack} over time; a dot is a verdict that found accounts."
    tables = _tables(lines, lambda row: (row[0] / 24, row[1]))
    return draw(_over_time(tuple(line.place for line in lines)), tables, label)


def found_over_items(attack: str, lines: Sequence[Line]) -> str:
    """Draw the share of one attack's accounts found, against the items taken by then.

    Args:
        attack: name of the attack.
        lines: as for :func:`items_over_time`.
    """
    label = f"Share of the accounts of {attack} found, against the items they got."
    tables = _tables(lines, lambda row: (max(row[1], 1.0), row[2]))
    return draw(_over_items(tuple(line.place for line in lines)), tables, label)


def work_factors(rows: Sequence[Summary]) -> str:
    """Draw the work factor of every attack under every detector, with one row per attack."""
    attacks = list(dict.fromkeys(row.attack for row in rows))
    first = rows[0].detector
    dots = [
        {
            "attack": row.attack,
            "x": max(row.work_factor.mean, 1e-3),
            "colour": INK if row.detector == first else SOFT,
            "size": 90 if row.detector == first else 40,
        }
        for row in rows[::-1]
    ]
    label = f"Work factor of {len(attacks)} attacks by detector; the tables have the numbers."
    return draw(compiled(_work(attacks, dots)), {"dots": dots, "incident": [{"x": 1}]}, label)


def users_qq(p_values: Floats, points: int = 400) -> str:
    """Draw the users' p-values against uniform ones, both as -log10.

    Args:
        p_values: (users,) ascending.
        points: number of points to draw: the smallest p-values and a selection of the others.
    """
    n = p_values.size
    expected = -np.log10((np.arange(n) + 0.5) / n)
    chosen = np.unique(np.geomspace(1, n, points).astype(np.int64)) - 1
    tables: dict[str, Records] = {
        "uniform": [{"x": 0, "y": 0}, {"x": float(expected[0]), "y": float(expected[0])}],
        "dots": [
            {"x": float(x), "y": float(y)}
            for x, y in zip(expected[chosen], -np.log10(p_values[chosen]), strict=True)
        ],
    }
    label = f"p-values of {n} users against those expected by chance."
    return draw(_qq(), tables, label)


def lifetimes(points: Sequence[LifetimeResult]) -> str:
    """Draw the adaptive attacker's work factor by lifetime, beside the most voracious people."""
    limits = [point.voracious for point in points if point.voracious]
    tables: dict[str, Records] = {
        "dots": [
            *({"x": one.days, "y": one.work_factor, "colour": SOFT} for one in limits),
            *(
                {"x": point.best.days, "y": point.best.work_factor, "colour": ACCENT}
                for point in points
                if point.best.items
            ),
        ]
    }
    label = "Work factor of the adaptive attacker by the days an account lives."
    return draw(_by_lifetime(), tables, label)


def _look(place: int) -> tuple[str, tuple[int, ...]]:
    """Return the colour and the dashes of a line."""
    dash = _DASHES[(place - 1) % len(_DASHES)] if place else (1, 0)
    return _COLOURS[place % len(_COLOURS)], dash


def _tables(
    lines: Sequence[Line], point: Callable[[Floats], tuple[float, float]]
) -> Mapping[str, Records]:
    """Return the points of every line, and its points at verdicts that found accounts."""
    tables: dict[str, Records] = {}
    for line in lines:
        points = [dict(zip("xy", map(float, point(row)), strict=True)) for row in line.rows]
        found = np.flatnonzero(np.diff(line.rows[:, 2]) > 0) + 1
        tables[f"line_{line.place}"] = points
        tables[f"found_{line.place}"] = [points[n] for n in found]
    return tables


def _numbers(title: str, expression: str = SHORT_NUMBER) -> alt.Axis:
    return alt.Axis(title=title, labelExpr=expression, tickCount=5)


@cache
def _over_time(places: tuple[int, ...]) -> Compiled:
    x = alt.X("x:Q", axis=_numbers("days since the attack began"))
    y = alt.Y("y:Q", axis=_numbers("items taken"))
    return compiled(_layered(*(layer.encode(x=x, y=y) for layer in _tracks(places))))


@cache
def _over_items(places: tuple[int, ...]) -> Compiled:
    powers = [10**power for power in range(10)]
    axis = alt.Axis(title="items taken", labelExpr=SHORT_NUMBER, values=powers)
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(type="log", nice=False))
    y = alt.Y("y:Q", axis=_numbers("accounts found", PERCENT), scale=alt.Scale(domain=[0, 1]))
    return compiled(_layered(*(layer.encode(x=x, y=y) for layer in _tracks(places))))


@cache
def _by_lifetime() -> Compiled:
    days = alt.Axis(title="days an account lives", values=[1, 7, 30, 90, 180, 365])
    x = alt.X("x:Q", axis=days, scale=alt.Scale(type="log", nice=False))
    y = alt.Y("y:Q", axis=_numbers("times the incident's work"), scale=alt.Scale(zero=True))
    dots = alt.Chart(alt.NamedData("dots")).mark_circle(size=80, opacity=1)
    return compiled(_layered(dots.encode(x=x, y=y, fill=alt.Fill("colour:N", scale=None))))


@cache
def _qq() -> Compiled:
    x = alt.X("x:Q", axis=_numbers("-log10 p expected"))
    y = alt.Y("y:Q", axis=_numbers("-log10 p of the user"))
    diagonal = alt.Chart(alt.NamedData("uniform")).mark_line(stroke=MUTED, strokeDash=[3, 4])
    dots = alt.Chart(alt.NamedData("dots")).mark_circle(size=22, fill=ACCENT, opacity=0.9)
    return compiled(_layered(diagonal.encode(x=x, y=y), dots.encode(x=x, y=y)))


def _work(attacks: Sequence[str], dots: Records) -> Chart:
    values = [float(str(dot["x"])) for dot in dots]
    low = min(0.5, 10 ** math.floor(math.log10(min(values))))
    high = 10 ** math.ceil(math.log10(max([10.0, *values])))
    powers = [10.0**p for p in range(math.ceil(math.log10(low)), round(math.log10(high)) + 1)]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(title="times the incident's work", values=powers, labelExpr=SHORT_NUMBER),
    )
    y = alt.Y("attack:N", sort=list(attacks), axis=alt.Axis(title=None, labelLimit=150))
    marks = alt.Chart(alt.NamedData("dots")).mark_circle(opacity=1)
    rule = alt.Chart(alt.NamedData("incident")).mark_rule(stroke=INK, strokeDash=[2, 3])
    layers = (
        rule.encode(x=alt.X("x:Q")),
        marks.encode(
            x=x,
            y=y,
            fill=alt.Fill("colour:N", scale=None),
            size=alt.Size("size:Q", scale=None),
        ),
    )
    layered = alt.LayerChart(layer=list(layers))
    return layered.properties(width=WIDTH - 110, height=max(60, _ROW * len(attacks)))


def _tracks(places: Sequence[int]) -> Iterator[alt.Chart]:
    """Yield each line and its dots, a little higher than the line before."""
    apart = min(_APART, _SPREAD / len(places))
    for rank, place in enumerate(places):
        colour, dash = _look(place)
        higher = -apart * rank
        line = alt.Chart(alt.NamedData(f"line_{place}")).encode(order="x:Q")
        yield line.mark_line(
            interpolate="step-after", stroke=colour, strokeDash=dash, strokeWidth=2, yOffset=higher
        )
        found = alt.Chart(alt.NamedData(f"found_{place}"))
        yield found.mark_circle(size=40, fill=colour, opacity=1, yOffset=higher)


def _layered(*layers: alt.Chart) -> Chart:
    return alt.LayerChart(layer=list(layers)).properties(width=WIDTH, height=_HEIGHT)

"""The plots of an evaluation: records in, SVG out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import altair as alt
import numpy as np

from ringfence.evaluate.evaluation import Curve
from ringfence.evaluate.summary import Summary
from ringfence.evaluate.work_factor import CurvePoint
from ringfence.evidence.calibration import Floats
from ringfence.report.charts.drawing import (
    ACCENT,
    ALARM,
    INK,
    MUTED,
    SOFT,
    WIDTH,
    Chart,
    Compiled,
    Rows,
    compiled,
    draw,
)

_HEIGHT = 220
_ROW = 17
_SHORT = "datum.value >= 1000 ? format(datum.value, '~s') : format(datum.value, '~g')"
_PERCENT = "format(datum.value * 100, '~g') + ' %'"


def items_over_time(curves: Sequence[Curve]) -> str:
    """Draw what the ring of one attack got over time, one line a detector, and every finding.

    Args:
        curves: of one attack; the first is drawn in front.
    """
    tables: dict[str, Rows] = {
        "lines": _lines(curves, lambda row: (row[0] / 24, row[1])),
        "found": [
            {"x": row[0] / 24, "y": row[1]}
            for before, row in zip(curves[0].rows, curves[0].rows[1:], strict=False)
            if row[2] > before[2]
        ],
    }
    label = f"Items taken by {curves[0].attack} over time; a dot is a verdict that found accounts."
    return draw(_over_time(), tables, label)


def found_over_items(curves: Sequence[Curve]) -> str:
    """Draw the share of one attack's accounts found against the items it got by then."""
    tables: dict[str, Rows] = {"lines": _lines(curves, lambda row: (max(row[1], 1.0), row[2]))}
    label = f"Share of the accounts of {curves[0].attack} found, against the items they got."
    return draw(_over_items(), tables, label)


def work_factors(rows: Sequence[Summary]) -> str:
    """Draw the work factor of every attack under every detector, one line an attack."""
    attacks = list(dict.fromkeys(row.attack for row in rows))
    first = rows[0].detector
    dots = [
        {
            "attack": row.attack,
            "x": max(row.work_factor.mean, 1e-3),
            "colour": ACCENT if row.detector == first else SOFT,
            "size": 90 if row.detector == first else 40,
        }
        for row in rows[::-1]
    ]
    label = f"Work factor of {len(attacks)} attacks by detector; the tables have the numbers."
    return draw(compiled(_work(attacks, dots)), {"dots": dots, "incident": [{"x": 1}]}, label)


def readers_qq(p_values: Floats, points: int = 400) -> str:
    """Draw readers' p-values against those that chance alone would give, both as -log10.

    Args:
        p_values: ascending.
        points: of all of them, the smallest and a selection of the others are drawn.
    """
    n = p_values.size
    expected = -np.log10((np.arange(n) + 0.5) / n)
    kept = np.unique(np.geomspace(1, n, points).astype(np.int64)) - 1
    tables: dict[str, Rows] = {
        "even": [{"x": 0, "y": 0}, {"x": float(expected[0]), "y": float(expected[0])}],
        "dots": [
            {"x": float(x), "y": float(y)}
            for x, y in zip(expected[kept], -np.log10(p_values[kept]), strict=True)
        ],
    }
    label = f"p-values of {n} readers against those expected by chance."
    return draw(_qq(), tables, label)


def lifetimes(points: Sequence[CurvePoint]) -> str:
    """Draw the work factor of the adaptive attacker by lifetime, beside the mimicry limit."""
    limits = [point.voracious for point in points if point.voracious]
    tables: dict[str, Rows] = {
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


def _lines(curves: Sequence[Curve], place: Callable[[Floats], tuple[float, float]]) -> Rows:
    """Return the points of all curves, the first one last and so in front."""
    return [
        {
            "x": float(place(row)[0]),
            "y": float(place(row)[1]),
            "line": curve.detector,
            "colour": ACCENT if curve is curves[0] else SOFT,
        }
        for curve in curves[::-1]
        for row in curve.rows
    ]


def _numbers(title: str, expression: str = _SHORT) -> alt.Axis:
    return alt.Axis(title=title, labelExpr=expression, tickCount=5)


@cache
def _over_time() -> Compiled:
    x = alt.X("x:Q", axis=_numbers("days since the attack began"))
    y = alt.Y("y:Q", axis=_numbers("items the ring got"))
    lines = _stepped("lines").encode(x=x, y=y)
    dots = alt.Chart(alt.NamedData("found")).mark_circle(size=50, fill=ALARM, opacity=0.9)
    return compiled(_layered(lines, dots.encode(x=x, y=y)))


@cache
def _over_items() -> Compiled:
    powers = [10**power for power in range(10)]
    axis = alt.Axis(title="items the ring got", labelExpr=_SHORT, values=powers)
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(type="log", nice=False))
    y = alt.Y("y:Q", axis=_numbers("accounts found", _PERCENT), scale=alt.Scale(domain=[0, 1]))
    return compiled(_layered(_stepped("lines").encode(x=x, y=y)))


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
    y = alt.Y("y:Q", axis=_numbers("-log10 p of the reader"))
    even = alt.Chart(alt.NamedData("even")).mark_line(stroke=MUTED, strokeDash=[3, 4])
    dots = alt.Chart(alt.NamedData("dots")).mark_circle(size=22, fill=ACCENT, opacity=0.9)
    return compiled(_layered(even.encode(x=x, y=y), dots.encode(x=x, y=y)))


def _work(attacks: Sequence[str], dots: Rows) -> Chart:
    values = [float(str(dot["x"])) for dot in dots]
    low = min(0.5, 10 ** math.floor(math.log10(min(values))))
    high = 10 ** math.ceil(math.log10(max([10.0, *values])))
    powers = [10.0**p for p in range(math.ceil(math.log10(low)), round(math.log10(high)) + 1)]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(title="times the incident's work", values=powers, labelExpr=_SHORT),
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


def _stepped(table: str) -> alt.Chart:
    lines = alt.Chart(alt.NamedData(table)).mark_line(interpolate="step-after", strokeWidth=2)
    stroke = alt.Stroke("colour:N", scale=None)
    encoded: alt.Chart = lines.encode(detail="line:N", stroke=stroke, order="x:Q")
    return encoded


def _layered(*layers: alt.Chart) -> Chart:
    return alt.LayerChart(layer=list(layers)).properties(width=WIDTH, height=_HEIGHT)

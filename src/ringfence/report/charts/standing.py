"""Position of an account among all accounts, test by test."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.report.charts.drawing import ACCENT, GRID, INK, Compiled, compiled, draw
from ringfence.visible import clip, visible

_WIDTH = 235
_STEP = 20
_LONGEST = 18


def standing(tests: Sequence[tuple[str, float]]) -> str:
    """Draw one dot per test on a line from 0 (least extreme) to 1 (most extreme), as SVG.

    Args:
        tests: (test, share of accounts that are less extreme, in [0, 1]).
    """
    rows = [
        {
            "place": place,
            "test": clip(visible(test), _LONGEST),
            "share": value,
            "text": _share(value),
        }
        for place, (test, value) in enumerate(tests)
    ]
    label = "Position among all accounts: " + "; ".join(
        f"{clip(visible(test), _LONGEST)}: more extreme than {_share(value)}"
        for test, value in tests
    )
    return draw(_chart(), {"rows": rows}, label)


def _share(value: float) -> str:
    percent = 100 * value
    if 99.9 < percent < 100:
        # Rounded down, so that only the most extreme account gets 100 %.
        return f"{int(percent * 1000) / 1000:g} %"
    return f"{percent:.3g} %"


@cache
def _chart() -> Compiled:
    rows = alt.Chart(alt.NamedData("rows"))
    y = alt.Y("place:O", axis=None)
    x = alt.X(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(
            title="share of accounts that are less extreme", values=[0, 0.5, 1], format="~%"
        ),
    )
    layers = (
        rows.mark_rule(stroke=GRID).encode(y=y, x=alt.value(0), x2=alt.value(_WIDTH)),
        rows.mark_circle(size=90, fill=ACCENT, opacity=1).encode(x=x, y=y),
        rows.mark_text(align="right", fontSize=11, color=INK).encode(
            x=alt.value(-10), y=y, text="test:N"
        ),
        rows.mark_text(align="left", fontSize=11, color=INK).encode(
            x=alt.value(_WIDTH + 12), y=y, text="text:N"
        ),
    )
    return compiled(
        alt.LayerChart(layer=list(layers)).properties(width=_WIDTH, height=alt.Step(_STEP))
    )

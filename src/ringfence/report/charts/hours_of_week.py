"""Activity of an account by hour of the week."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.report.charts.drawing import ACCENT, WIDTH, Compiled, compiled, draw

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HEIGHT = 130


def hours_of_week(week: Sequence[int]) -> str:
    """Draw uses by hour of the week as a heat map, as SVG.

    Args:
        week: 168 numbers of uses, from Monday 00:00 UTC.
    """
    cells = [
        {"day": _DAYS[hour // 24], "hour": hour % 24, "uses": uses}
        for hour, uses in enumerate(week)
    ]
    idle = sum(uses == 0 for uses in week)
    label = (
        f"Hours of the week, UTC: {idle} of {len(week)} have no use, the busiest has {max(week)}."
    )
    return draw(_chart(), {"cells": cells}, label)


@cache
def _chart() -> Compiled:
    chart = alt.Chart(alt.NamedData("cells")).mark_rect(fill=ACCENT)
    x = alt.X(
        "hour:O",
        scale=alt.Scale(paddingInner=0.12),
        axis=alt.Axis(
            title="hour of the day, UTC", values=[0, 6, 12, 18], labelAngle=0, domain=False
        ),
    )
    y = alt.Y(
        "day:O",
        sort=list(_DAYS),
        scale=alt.Scale(paddingInner=0.12),
        axis=alt.Axis(title=None, domain=False),
    )
    # The square root separates quiet hours from silent ones.
    depth = alt.FillOpacity(
        "uses:Q", scale=alt.Scale(type="sqrt", domainMin=0, range=[0.07, 1]), legend=None
    )
    return compiled(
        chart.encode(x=x, y=y, fillOpacity=depth).properties(width=WIDTH, height=_HEIGHT)
    )

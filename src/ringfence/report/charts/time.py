"""The time axis of all charts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import altair as alt

from ringfence.stats.seconds import DAY

_DAY_MS = 1_000 * DAY
_TICK = (
    "utchours(datum.value) > 0 ? ''"
    f" : domain('x')[1] - domain('x')[0] > {250 * _DAY_MS}"
    " ? utcFormat(datum.value, '%b %Y') : utcFormat(datum.value, '%-d %b')"
)
"""The label of a tick. A tick within a day gets none, or a short period would repeat its days."""


def milliseconds(day: date) -> int:
    """Return the start of a day, UTC, in milliseconds since 1970."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def day_axis(name: str) -> alt.X:
    """Return the axis of a column of days; a long period is labelled by month and year."""
    return alt.X(
        f"{name}:T",
        scale=alt.Scale(type="utc", nice=False),
        axis=alt.Axis(title=None, tickCount=6, labelExpr=_TICK, grid=False, labelFlush=True),
    )

"""The user envelope: what real users do, as medians and spreads of each statistic.

Measured on people's own histories (aggregates only):

* volume over 90, 180 and 365 days: 96 people, 86 streaming and 10 scrobbling histories, 2013–2026;
  their best window each: medians 1,878 / 2,889 / 4,866, 95 % quantiles 4,372 / 6,942 / 9,837,
  most 5,717 / 9,904 / 16,365 new items.
* volume over 1, 7 and 30 days, and speed kept up for eight hours: 883 person-months of 48 of those
  people. Measured on 22 of them alone they were too narrow for the other 26: these are of all 48.
* all other music statistics: 483 person-months of the 22; the 400 person-months of the other 26
  were kept aside, and the tests of this module hold the two against each other.
* library: articles an account takes in a day through a library proxy, median 3, 95 % 21, 99 % 38.

The spread is the largest that the upper quantiles imply on the scale, and the scale the one on
which quantiles and maximum imply nearly the same.
``docs/decisions/0004-reference-distributions.md`` has the quantiles.
"""

from __future__ import annotations

from typing import Final, Literal

from ringfence.stats.calibration import Direction, Reference

Kind = Literal["music", "library", "general"]

PEOPLE: Final = 96
"""People behind the frontier of new items."""

_ALL: Final = 48
"""People behind the volume of a day, a week and a month, and behind speed that is kept up."""

_MEASURED: Final = 22
"""People behind the other music statistics."""

_FAST: Final = 10
"""Fewer than measured: 11 of them had the 79 days of eight hours with 30 uses each on average, one
of the 11 only while a double click counts as two uses. The smaller number gives the heavier tail,
which is the safe side."""

MUSIC: Final[dict[str, Reference]] = {
    "volume_1": Reference("cube", 1, 90, 1.45, _ALL),
    "volume_7": Reference("linear", 1, 256, 445, _ALL),
    "volume_30": Reference("linear", 1, 586, 967, _ALL),
    "volume_90": Reference("linear", 1, 1878, 1570, PEOPLE),
    "volume_180": Reference("cube", 1, 2889, 2.95, PEOPLE),
    "volume_365": Reference("cube", 1, 4866, 3.45, PEOPLE),
    "breadth": Reference("log", -1, 0.0101, 1.02, _MEASURED),
    "breadth_long": Reference("log", -1, 0.0029, 1.02, _MEASURED),
    "pace": Reference("log", -1, 0.82, 0.27, _MEASURED),
    "pace_day": Reference("log", -1, 1.08, 0.42, _FAST),
    "speed": Reference("log", 1, 22, 0.98, _MEASURED),
    "speed_8": Reference("cube", 1, 5, 0.52, _ALL),
    "bursts": Reference("log", 1, 0.14, 1.35, _MEASURED),
    "overlap": Reference("linear", 1, 0.284, 0.30, _MEASURED),
    "rhythm_1": Reference("linear", 1, 11, 5.6, _MEASURED),
    "rhythm_7": Reference("linear", 1, 40, 41, _MEASURED),
    "rhythm_30": Reference("linear", 1, 106, 137, _MEASURED),
}

LIBRARY: Final[dict[str, Reference]] = {
    "volume_1": Reference("log", 1, 3, 1.18, PEOPLE),
    # Not measured over longer windows: the day's figure, growing as new items do in music.
    "volume_7": Reference("log", 1, 3 * 256 / 90, 1.18, PEOPLE),
    "volume_30": Reference("log", 1, 3 * 586 / 90, 1.18, PEOPLE),
    **{name: MUSIC[name] for name in ("pace", "pace_day", "rhythm_7", "rhythm_30")},
}
"""People sleep, and come and go within the hour, whatever they read: pace, and rhythm over weeks,
are those of the listeners. How fast articles are taken, and in how many hours of one day, was not
measured."""

GENERAL: Final[dict[str, Reference]] = {
    name: MUSIC[name] for name in MUSIC if not name.startswith("breadth")
}
"""For catalogues of unknown kind: the most voracious users measured, without their tastes."""

DIRECTIONS: Final[dict[str, Direction]] = {name: known.more for name, known in MUSIC.items()}
"""Which way of a statistic is extraction, in any kind of catalogue: listeners were measured in
all."""

ENVELOPES: Final[dict[Kind, dict[str, Reference]]] = {
    "music": MUSIC,
    "library": LIBRARY,
    "general": GENERAL,
}

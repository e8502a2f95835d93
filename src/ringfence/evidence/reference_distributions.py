"""Describe how real users behave: a median and a spread for each statistic.

The numbers were measured on people's own histories and are aggregates only:

* Volume over 90, 180 and 365 days: 96 people, 86 streaming and 10 scrobbling histories, 2013–2026.
  In the best window of each, the medians are 1,878 / 2,889 / 4,866 new items. The 95 % quantiles
  are 4,372 / 6,942 / 9,837 and the maxima 5,717 / 9,904 / 16,365.
* Volume over 1, 7 and 30 days, and speed sustained for eight hours: 883 person-months of 48 of
  these people. Distributions measured on 22 of them alone were too narrow for the other 26.
* All other music statistics: 483 person-months of the 22 people. The 400 person-months of the other
  26 were held out, and the tests of this module compare the two.
* Library: articles per account and day through a library proxy, with median 3, 95 % quantile 21 and
  99 % quantile 38.

The spread is the largest that the upper quantiles imply on the scale. The scale is the one on which
the quantiles and the maximum imply nearly the same spread.
``docs/decisions/0004-reference-distributions.md`` has the quantiles.
"""

from __future__ import annotations

from typing import Final, Literal

from ringfence.stats.calibration import Direction, ReferenceDistribution

Kind = Literal["music", "library", "general"]
"""Kind of catalogue; each has its own reference distributions."""

PEOPLE: Final = 96
"""Number of people behind the volume of 90, 180 and 365 days."""

_PEOPLE_BY_MONTH: Final = 48
"""Number of people behind the volume of 1, 7 and 30 days, and behind sustained speed."""

_PEOPLE_CALIBRATED: Final = 22
"""Number of people behind the other music statistics."""

_PEOPLE_ON_FAST_DAYS: Final = 10
"""Number of people behind ``pace_day``, one fewer than measured.

The 79 days with eight hours of 30 uses each on average belong to 11 people. One of the 11 qualifies
only if a double click counts as two uses. The smaller number gives the heavier tail, which is the
safe side."""

MUSIC: Final[dict[str, ReferenceDistribution]] = {
    "volume_1": ReferenceDistribution("cube", 1, 90, 1.45, _PEOPLE_BY_MONTH),
    "volume_7": ReferenceDistribution("linear", 1, 256, 445, _PEOPLE_BY_MONTH),
    "volume_30": ReferenceDistribution("linear", 1, 586, 967, _PEOPLE_BY_MONTH),
    "volume_90": ReferenceDistribution("linear", 1, 1878, 1570, PEOPLE),
    "volume_180": ReferenceDistribution("cube", 1, 2889, 2.95, PEOPLE),
    "volume_365": ReferenceDistribution("cube", 1, 4866, 3.45, PEOPLE),
    "breadth": ReferenceDistribution("log", -1, 0.0101, 1.02, _PEOPLE_CALIBRATED),
    "breadth_long": ReferenceDistribution("log", -1, 0.0029, 1.02, _PEOPLE_CALIBRATED),
    "pace": ReferenceDistribution("log", -1, 0.82, 0.27, _PEOPLE_CALIBRATED),
    "pace_day": ReferenceDistribution("log", -1, 1.08, 0.42, _PEOPLE_ON_FAST_DAYS),
    "speed": ReferenceDistribution("log", 1, 22, 0.98, _PEOPLE_CALIBRATED),
    "speed_8": ReferenceDistribution("cube", 1, 5, 0.52, _PEOPLE_BY_MONTH),
    "bursts": ReferenceDistribution("log", 1, 0.14, 1.35, _PEOPLE_CALIBRATED),
    "overlap": ReferenceDistribution("linear", 1, 0.284, 0.30, _PEOPLE_CALIBRATED),
    "rhythm_1": ReferenceDistribution("linear", 1, 11, 5.6, _PEOPLE_CALIBRATED),
    "rhythm_7": ReferenceDistribution("linear", 1, 40, 41, _PEOPLE_CALIBRATED),
    "rhythm_30": ReferenceDistribution("linear", 1, 106, 137, _PEOPLE_CALIBRATED),
}

LIBRARY: Final[dict[str, ReferenceDistribution]] = {
    "volume_1": ReferenceDistribution("log", 1, 3, 1.18, PEOPLE),
    # Longer windows were not measured. The day's figure grows with them as new items do in music.
    "volume_7": ReferenceDistribution("log", 1, 3 * 256 / 90, 1.18, PEOPLE),
    "volume_30": ReferenceDistribution("log", 1, 3 * 586 / 90, 1.18, PEOPLE),
    **{name: MUSIC[name] for name in ("pace", "pace_day", "rhythm_7", "rhythm_30")},
}
"""Pace, and rhythm over weeks, are those of the listeners: people sleep, and come and go within the
hour, whatever they read. The speed at which articles are taken was not measured, nor were the hours
in use within one day."""

GENERAL: Final[dict[str, ReferenceDistribution]] = {
    name: MUSIC[name] for name in MUSIC if not name.startswith("breadth")
}
"""For catalogues of unknown kind: the most voracious users measured, without their tastes."""

DIRECTIONS: Final[dict[str, Direction]] = {name: known.direction for name, known in MUSIC.items()}
"""Direction of extraction of each statistic, for every kind of catalogue. Listeners were measured
in every statistic."""

REFERENCE_DISTRIBUTIONS: Final[dict[Kind, dict[str, ReferenceDistribution]]] = {
    "music": MUSIC,
    "library": LIBRARY,
    "general": GENERAL,
}

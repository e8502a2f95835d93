"""Charts: each is a function from typed records to an SVG string.

Colours are CSS variables with a fallback, so that one drawing fits light and dark pages and paper.
"""

from ringfence.report.charts.coverage_curve import coverage_curve
from ringfence.report.charts.crowd_path import crowd_path
from ringfence.report.charts.growth import growth, so_far
from ringfence.report.charts.hours_of_week import hours_of_week
from ringfence.report.charts.incidence import incidence
from ringfence.report.charts.interlocking import interlocking
from ringfence.report.charts.mark import Mark
from ringfence.report.charts.members import members
from ringfence.report.charts.popularity import popularity
from ringfence.report.charts.population import population
from ringfence.report.charts.slices import slices
from ringfence.report.charts.standing import standing
from ringfence.report.charts.uses_over_time import step_of, uses_over_time

__all__ = [
    "Mark",
    "coverage_curve",
    "crowd_path",
    "growth",
    "hours_of_week",
    "incidence",
    "interlocking",
    "members",
    "popularity",
    "population",
    "slices",
    "so_far",
    "standing",
    "step_of",
    "uses_over_time",
]

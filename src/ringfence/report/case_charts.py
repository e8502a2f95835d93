"""Draw the charts of one finding for the page of its case, by the code that draws the report."""

from __future__ import annotations

from ringfence.model.finding import Finding
from ringfence.report import charts
from ringfence.report.ring_view import ring_view
from ringfence.report.views import account_plots

CaseCharts = dict[str, str | list[list[str]]]
"""SVG by the name of the chart; ``weeks`` is a list of days and drawings."""


def case_charts(finding: Finding) -> CaseCharts:
    """Return the charts that a finding has data for; empty without any.

    Args:
        finding: of a scan, with its profile or its ring.
    """
    found: CaseCharts = {}
    if finding.profile:
        plots = account_plots(finding.profile)
        found |= {
            "over_time": plots.over_time,
            "step": plots.step,
            "hours": plots.hours,
            "popularity": plots.popularity,
            "standing": plots.standing,
        }
    if finding.ring:
        view = ring_view(finding.ring, finding.verdict)
        found |= {
            "path": view.path,
            "incidence": view.incidence,
            "others_incidence": view.others_incidence,
            "members": view.members,
            "slices": view.slices,
            "growth": view.growth,
            "so_far": view.so_far,
            "compared_with": view.compared_with,
        }
        weeks = charts.interlocking(finding.ring.incidence)
        found["weeks"] = [[f"{day:%Y-%m-%d}", drawing] for day, drawing in weeks]
    return {name: drawing for name, drawing in found.items() if drawing}

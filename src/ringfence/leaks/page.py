"""Make the page of an assessment: one file that opens offline and runs no script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Final

from jinja2 import Environment

from ringfence.leaks.assessment import Breakdown, LeakAssessment
from ringfence.leaks.charts import coverage_bars
from ringfence.leaks.wording import (
    headline_of,
    linkage_sentence,
    order_sentence,
    relation_sentence,
    spoken_sentence,
    unreadable_sentence,
)
from ringfence.report import wording
from ringfence.report.page import page_environment

COVERAGE_HEADINGS: Final[dict[Breakdown, tuple[str, str]]] = {
    "band": (
        "Coverage by use",
        "Items in order of use. Ends of the bands come from a sample; counts are exact.",
    ),
    "year": ("Coverage by year", "Years as the catalogue states them."),
    "rights": ("Coverage by rights holder", "The holders of most items, and the others together."),
    "genre": ("Coverage by genre", "The genres of most items, and the others together."),
}
"""Heading and explanation of each coverage table."""

_DRAWN: Final = 40
"""Rows of a chart; the table has all."""


def leak_page(leak: LeakAssessment) -> Iterator[str]:
    """Return the page in pieces.

    Args:
        leak: the assessment.
    """
    template = _leak_environment().get_template("leak.html.j2")
    charts = {}
    for name, rows in leak.coverage.items():
        drawn = rows[-_DRAWN:] if name == "year" else rows[:_DRAWN]
        charts[name] = coverage_bars(drawn, COVERAGE_HEADINGS[name][0])
    return template.generate(
        leak=leak,
        charts=charts,
        headings=COVERAGE_HEADINGS,
        headline=headline_of(leak),
        sentence=spoken_sentence(leak),
        version=version("ringfence"),
        generated=datetime.now(UTC),
    )


@cache
def _leak_environment() -> Environment:
    environment = page_environment("ringfence.leaks", "ringfence.report")
    environment.filters |= {
        "minute": wording.minute,
        "order_sentence": order_sentence,
        "relation_sentence": relation_sentence,
        "linkage_sentence": linkage_sentence,
        "unreadable_sentence": unreadable_sentence,
    }
    return environment

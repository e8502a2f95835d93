"""Axes name round values, say them in full, and let no two labels overlap."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

import pytest

from ringfence.report.charts.axes import BottomAxis, LeftAxis
from ringfence.report.charts.look import WIDTH, short_number, text_width
from ringfence.report.charts.scale import AxisScale, plain, rounded_up, ticks
from ringfence.report.charts.svg import element, number, text
from ringfence.report.charts.time import day_labels


@pytest.mark.parametrize(
    ("high", "count", "values"),
    [
        (700, 4, [0, 200, 400, 600]),
        (0.16, 4, [0, 0.05, 0.1, 0.15]),
        (1, 2, [0, 0.5, 1]),
        (180, 4, [0, 50, 100, 150]),
        (3_500_000, 4, [0, 1e6, 2e6, 3e6]),
    ],
)
def test_ticks_are_round(high: float, count: int, values: list[float]) -> None:
    """Ticks are multiples of 1, 2 or 5 times a power of ten, from zero to the end."""
    assert ticks(high, count) == values


def test_counts_have_whole_ticks() -> None:
    """One holder is not labelled as 0, 0.5 and 1 holders."""
    assert ticks(1, 2, least=1) == [0, 1]


@pytest.mark.parametrize("high", [1e-9, 0.013, 1, 7.1, 99, 174, 12_345, 9.99e11])
def test_an_axis_ends_at_or_above_its_greatest_value(high: float) -> None:
    """The end of an axis is round and wastes at most a fifth of it."""
    assert high <= rounded_up(high) <= 1.2 * high
    assert rounded_up(rounded_up(high)) == pytest.approx(rounded_up(high))


def test_an_axis_of_nothing_has_an_end() -> None:
    """Zeros alone can be drawn."""
    assert rounded_up(0) == 1


@pytest.mark.parametrize(
    ("value", "said", "short"),
    [
        (0, "0", "0"),
        (0.05, "0.05", "0.05"),
        (500, "500", "500"),
        (1_000, "1,000", "1k"),
        (1_500, "1,500", "1.5k"),
        (3_000_000, "3,000,000", "3M"),
    ],
)
def test_numbers_are_said_in_full_or_briefly(value: float, said: str, short: str) -> None:
    """No digit that counts is lost, and none is added."""
    assert (plain(value), short_number(value)) == (said, short)


def test_a_scale_reaches_from_end_to_end() -> None:
    """The ends are exact, and a logarithmic middle is the geometric one."""
    scale = AxisScale(0.01, 100, 250, 0, math.log10)
    assert [scale(value) for value in (0.01, 1, 100)] == pytest.approx([250, 125, 0])


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (4, ["2 Jun", "3 Jun", "4 Jun", "5 Jun"]),
        (28, ["8 Jun", "15 Jun", "22 Jun", "29 Jun"]),
        (150, ["1 Jul", "1 Aug", "1 Sep", "1 Oct"]),
        (500, ["Jul 2025", "Oct 2025", "Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]),
        (1_900, ["Jan 2026", "Jan 2027", "Jan 2028", "Jan 2029", "Jan 2030"]),
    ],
)
def test_days_have_labels_at_the_beginnings_of_periods(days: int, labels: list[str]) -> None:
    """Days, Sundays, months, quarters and years, each within the axis and in its place."""
    first = date(2025, 6, 2)
    scale = AxisScale(first.toordinal(), (first + timedelta(days - 1)).toordinal(), 0, WIDTH)
    drawn = day_labels(scale)
    assert [words for _, words in drawn] == labels
    assert all(0 <= x <= WIDTH for x, _ in drawn)


@pytest.mark.parametrize(
    ("minutes", "labels"),
    [
        (58, ["2 Jun, 12:00", "2 Jun, 12:15", "2 Jun, 12:30", "2 Jun, 12:45"]),
        (1_200, ["2 Jun, 12:00", "2 Jun, 18:00", "3 Jun, 00:00", "3 Jun, 06:00"]),
    ],
)
def test_a_part_of_a_day_is_labelled_by_the_time(minutes: int, labels: list[str]) -> None:
    """An hour in the middle of a day has labels of its own day, each in its place."""
    noon = date(2025, 6, 2).toordinal() + 0.5
    drawn = day_labels(AxisScale(noon, noon + minutes / 1_440, 0, WIDTH))
    assert [words for _, words in drawn] == labels
    assert all(0 <= x <= WIDTH + 1e-6 for x, _ in drawn)


def test_a_moment_has_no_room_for_labels() -> None:
    """An axis of a second that no whole minute is on has no label, and one with a minute has it."""
    noon = date(2025, 6, 2).toordinal() + 0.5
    second = 1 / 86_400
    assert day_labels(AxisScale(noon + second, noon + 2 * second, 0, WIDTH)) == []
    assert day_labels(AxisScale(noon, noon + second, 0, WIDTH)) == [(0, "2 Jun, 12:00")]


@pytest.mark.parametrize("days", range(8, 240, 9))
def test_labels_at_the_ends_do_not_overlap_their_neighbours(days: int) -> None:
    """A label that is moved into the plot keeps off the label beside it, whatever the period."""
    for start in range(date(2026, 1, 1).toordinal(), date(2026, 3, 1).toordinal()):
        svg = BottomAxis(day_labels(AxisScale(start, start + days, 0, WIDTH)), 100).svg
        drawn = [
            (
                float(x) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * text_width(words),
                words,
            )
            for anchor, texts in re.findall(r'text-anchor="(\w+)">(.*?)</g>', svg)
            for x, words in re.findall(r'<text x="(-?[\d.]+)"[^>]*>([^<]*)</text>', texts)
        ]
        for (x, words), (after, _) in pairwise(sorted(drawn)):
            assert x + text_width(words) <= after + 0.1


def test_places_far_from_zero_have_labels() -> None:
    """Round values between two ends are named, although the axis does not begin at 0."""
    assert ticks(5_867, 4, low=5_100, least=1) == [5_200, 5_400, 5_600, 5_800]


@pytest.mark.parametrize("number_of_labels", [1, 5, 40, 366])
def test_labels_never_overlap(number_of_labels: int) -> None:
    """However many labels there are, those that are drawn have room."""
    apart = WIDTH / number_of_labels
    axis = BottomAxis([(apart * (n + 0.5), f"{n + 10_000}") for n in range(number_of_labels)], 100)
    drawn = sorted(float(x) for x in re.findall(r'<text x="([\d.]+)"', axis.svg))
    assert drawn
    gaps = [after - before for before, after in pairwise(drawn)]
    assert min(gaps, default=99.0) >= text_width("10000") - 0.1


def test_labels_at_the_ends_stay_within_the_plot() -> None:
    """The first label begins at the left end, and the last one ends at the right end."""
    svg = BottomAxis([(0, "0%"), (170, "50%"), (340, "100%")], 100).svg
    for anchor, words in (("start", "0%"), ("middle", "50%"), ("end", "100%")):
        assert re.search(f'text-anchor="{anchor}"><text [^>]*>{words}</text></g>', svg)


def test_wider_labels_take_more_space() -> None:
    """The plot begins where its labels and their title end."""
    narrow, wide = (LeftAxis([(0, words)], "uses", 100) for words in ("0", "1,000,000"))
    assert wide.space - narrow.space == pytest.approx(text_width(",000,000"), abs=1)
    assert LeftAxis([(0, "0")]).space < narrow.space


def test_markup_is_text_in_every_place() -> None:
    """Neither a text nor an attribute can end early."""
    hostile = "\"'><script>&"
    words, shape = text(0, 0, hostile), element("path", "", {"d": hostile})
    assert ET.fromstring(words).text == hostile  # noqa: S314 - our own drawing
    assert ET.fromstring(shape).attrib == {"d": hostile}  # noqa: S314


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (-0.04, "0"), (12.0, "12"), (12.34, "12.3"), (-5.06, "-5.1")]
)
def test_coordinates_are_short(value: float, said: str) -> None:
    """One decimal at most, and no minus before nothing."""
    assert number(value) == said

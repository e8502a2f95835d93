"""Each chart draws its records, in one look, and nothing hostile gets through."""

import dataclasses
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from tests.report import sample

from ringfence.model.ring_profile import Incidence
from ringfence.report import charts
from ringfence.report.charts.mark import rank_labels

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def parsed(svg: str) -> ET.Element:
    """Return the drawing as XML, which it must be."""
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg: str) -> list[str]:
    """Return all text in a drawing."""
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def filled(svg: str, colour: str) -> list[dict[str, float]]:
    """Return the bars filled with a colour of the page."""
    paths = [e.get("d", "") for e in parsed(svg).iter(f"{SVG}path") if colour in e.get("fill", "")]
    corner = r"M([-\d.]+) ([-\d.]+)V([-\d.]+)H([-\d.]+)V\2z"
    bars = [tuple(map(float, one)) for path in paths for one in re.findall(corner, path)]
    assert len(bars) == sum(path.count("M") for path in paths)
    return [
        {"left": left, "width": right - left, "height": low - high}
        for left, low, high, right in bars
    ]


def dots(svg: str, colour: str = "") -> list[ET.Element]:
    """Return the dots of findings, or those in a colour of the page."""
    return [e for e in parsed(svg).iter(f"{SVG}circle") if colour in e.get("fill", "")]


MARKS = (
    charts.Mark(1, "extracting", 50_000, 0.025, 0.61),
    charts.Mark(2, "suspect", 2_400, 0.0012, 0.0),
)
CURVE = tuple((n / 100, (n / 100) ** 0.3) for n in range(1, 101))
DAYS = tuple((date(2025, 6, 1) + timedelta(days=n), 10, 4) for n in range(30))

RING = sample.ring_profile()

DRAWN = {
    "coverage_curve": charts.coverage_curve(CURVE, MARKS),
    "population": charts.population(((1, 5), (10, 900), (100, 80), (1000, 1)), MARKS),
    "uses_over_time": charts.uses_over_time(DAYS),
    "hours_of_week": charts.hours_of_week([0, 9] * 84),
    "popularity": charts.popularity(((1, 0.2, 0.5), (10, 0.8, 0.5))),
    "standing": charts.standing((("volume", 0.99999), ("novelty", 0.5))),
    "incidence": charts.incidence(sample.crowd_incidence(40), 40),
    "members": charts.members([(150.0, 0.0), (140.0, 12.0)], "items in common", more=False),
    "slices": charts.slices(RING.slices),
    "growth": charts.growth(RING.growth),
    "so_far": charts.so_far(RING.growth),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_named_scales_and_takes_its_colours_from_the_page(name: str) -> None:
    """A drawing has a label, no fixed size, and no colour that the dark page cannot change."""
    root = parsed(DRAWN[name])
    assert root.get("role") == "img"
    assert len(root.get("aria-label", "")) > 20
    # A screen reader reads one label, and no marks without a name.
    assert [one.get("role") for one in root.iter() if one.get("role")] == ["img"]
    assert root.get("width") is None
    assert root.get("viewBox")
    colours = {e.get(side) for e in root.iter() for side in ("fill", "stroke") if e.get(side)}
    assert all(c in {"none", "transparent"} or str(c).startswith("var(--") for c in colours)


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_fits_a_phone(name: str) -> None:
    """No drawing is much wider than a phone, so that its text stays legible there."""
    width = float(str(parsed(DRAWN[name]).get("viewBox")).split()[2])
    assert width < 420


@pytest.mark.parametrize("name", DRAWN)
def test_all_charts_have_text_of_one_size(name: str) -> None:
    """The page gives all drawings one width, so theirs differ by less than 5 %."""
    width = float(str(parsed(DRAWN[name]).get("viewBox")).split()[2])
    assert 400 <= width < 420


def test_a_rank_stands_below_its_dot_and_never_on_the_curve() -> None:
    """The curve passes a dot or lies above it; only close to the axis the rank stands above."""
    marks = (charts.Mark(1, "extracting", 9, 0.3, 0.7), charts.Mark(2, "suspect", 9, 0.3, 0.0))
    svg = charts.coverage_curve(CURVE, marks)
    heights = [float(str(one.get("cy"))) for one in reversed(dots(svg))]
    placed = dict(zip(("1", "2"), heights, strict=True))
    ranks = {e.text: float(str(e.get("y"))) for e in parsed(svg).iter(f"{SVG}text")}
    assert ranks["1"] > placed["1"] + 10
    assert ranks["2"] < placed["2"]


def test_findings_are_placed_on_the_coverage_curve_and_linked() -> None:
    """Every finding is a dot in the colour of its verdict that leads to its evidence."""
    links = [e.get(LINK) for e in parsed(DRAWN["coverage_curve"]).iter(f"{SVG}a")]
    assert sorted(filter(None, links)) == ["#finding-1", "#finding-2"]
    assert len(dots(DRAWN["coverage_curve"], "--alarm")) == 1
    assert len(dots(DRAWN["coverage_curve"], "--suspect")) == 1


def test_the_coverage_curve_reaches_down_to_the_smallest_holding() -> None:
    """A finding with a hundred thousandth of the catalogue is on the axis, not off it."""
    svg = charts.coverage_curve(CURVE, (charts.Mark(1, "suspect", 20, 2e-5, 3e-4),))
    assert "0.001 %" in texts(svg)
    assert "0.001 %" not in texts(DRAWN["coverage_curve"])


def test_a_chart_of_nobody_can_be_drawn() -> None:
    """Without a finding there is a curve and a histogram, and no mark."""
    for svg in (charts.coverage_curve(CURVE, ()), charts.population(((1, 5), (10, 2)), ())):
        assert not dots(svg)
        assert "--alarm" not in svg
        assert "0 findings" in str(parsed(svg).get("aria-label"))


def test_an_empty_bucket_of_the_population_has_no_bar() -> None:
    """Only held numbers of items have a bar."""
    svg = charts.population(((1, 5), (10, 0), (100, 2)), ())
    assert len(filled(svg, "--accent")) == 2


def test_a_day_shows_new_items_and_returns_apart() -> None:
    """Each day has a bar of new items as high as their share of the uses."""
    svg = DRAWN["uses_over_time"]
    new, returns = filled(svg, "--accent"), filled(svg, "--soft")
    assert len(new) == len(returns) == 30
    assert new[0]["height"] / returns[0]["height"] == pytest.approx(4 / 6, rel=0.02)


def test_years_are_drawn_in_months_and_lose_no_use() -> None:
    """Ten years make about 120 bars, not 3,650."""
    days = tuple((date(2015, 1, 1) + timedelta(days=n), 2, 1) for n in range(3650))
    assert charts.step_of(days) == "month"
    assert len(filled(charts.uses_over_time(days), "--accent")) == 120


def days_at(svg: str) -> dict[str, float]:
    """Return the horizontal position of the label of each day."""
    return {
        str(e.text): float(str(e.get("x")))
        for e in parsed(svg).iter(f"{SVG}text")
        if re.fullmatch(r"\d+ [A-Z][a-z]{2}", e.text or "")
    }


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9])
def test_a_short_time_has_its_own_days_and_no_others(length: int) -> None:
    """The axis names no day without data, and no day twice; a bar stands above its label."""
    first = date(2026, 3, 2)
    svg = charts.uses_over_time([(first + timedelta(n), 10, 4) for n in range(length)])
    labels = [text for text in texts(svg) if "Mar" in text]
    assert len(labels) == len(set(labels))
    assert set(labels) <= {f"{2 + n} Mar" for n in range(length)}
    bar = filled(svg, "--accent")[0]
    assert days_at(svg)["2 Mar"] == pytest.approx(bar["left"] + bar["width"] / 2, abs=1)
    assert bar["width"] <= 0.12 * 340 + 1


def test_uses_are_written_out() -> None:
    """The axis says 200 and 1,000, never 0k or 0.2k."""
    svg = charts.uses_over_time([(date(2026, 3, n), 1_000, 4) for n in range(2, 7)])
    assert {"0", "200", "1,000"} <= set(texts(svg))
    assert not [text for text in texts(svg) if text.endswith("k")]


@pytest.mark.parametrize(
    ("days", "step"), [(1, "day"), (100, "day"), (101, "week"), (800, "month")]
)
def test_the_step_follows_the_time(days: int, step: str) -> None:
    """A bar stands for a day, a week or a month, as there are many days."""
    first = date(2025, 1, 1)
    assert charts.step_of([(first, 1, 1), (first + timedelta(days - 1), 1, 1)]) == step


def cells_of_week(svg: str) -> dict[int, float]:
    """Return the depth of the colour of each hour; each dash of a line is a cell."""
    runs = [
        (24 * int(day) + int(hour), int(length), float(path.get("opacity", "1")))
        for path in parsed(svg).iter(f"{SVG}path")
        for hour, day, length in re.findall(r"M(\d+) (\d+)h(\d+)", path.get("d", ""))
    ]
    return {first + n: depth for first, length, depth in runs for n in range(length)}


def test_more_use_has_a_stronger_colour_and_any_use_differs_from_none() -> None:
    """One use beside a thousand differs from silence."""
    week = [0, 1, 10, 100, 1_000] + [0] * 163
    depths = [cells_of_week(charts.hours_of_week(week))[hour] for hour in range(5)]
    assert depths == sorted(set(depths))
    assert depths[-1] == 1


def test_the_week_starts_on_monday_at_midnight() -> None:
    """Hour 0 is the first cell of Monday and hour 167 the last of Sunday."""
    week = [0] * 168
    week[25] = 7
    cells = cells_of_week(charts.hours_of_week(week))
    busy = [hour for hour, depth in cells.items() if depth > 0.9]
    assert (sorted(cells), busy) == ([*range(168)], [25])
    names = texts(charts.hours_of_week(week))
    assert names[names.index("Mon") :][:7] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def test_a_share_below_everybody_is_never_rounded_to_everybody() -> None:
    """99.9999 % less extreme is not 100 %."""
    assert "100 %" not in texts(charts.standing((("volume", 0.9999999),)))
    assert "99.999 %" in texts(charts.standing((("volume", 0.9999999),)))
    assert "100 %" in texts(charts.standing((("volume", 1.0),)))


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_hostile_names_of_tests_are_only_text(text: str) -> None:
    """A name from outside makes no element, no attribute and no control sign in a drawing."""
    plain, hostile = charts.standing((("volume", 0.5),)), charts.standing(((text, 0.5),))
    tags = [sorted(e.tag for e in parsed(svg).iter()) for svg in (plain, hostile)]
    assert tags[0] == tags[1]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", hostile)


def test_ranks_that_would_overlap_share_one_text() -> None:
    """Marks in one place share the text of the best; one far away has its own."""
    places = [(0.0, 0.0), (3.0, 3.0), (40.0, 0.0), (41.0, 90.0)]
    assert rank_labels([1, 2, 3, 4], places, apart=(15, 15)) == ["1–2", "", "3", "4"]


@pytest.mark.parametrize(
    ("ranks", "text"),
    [([3], "3"), ([3, 4, 5], "3–5"), ([3, 5], "3, 5"), ([3, 5, 19], "3 … 19")],
)
def test_no_rank_is_left_out_of_a_text(ranks: list[int], text: str) -> None:
    """The text names all ranks, or the first and the last of many."""
    assert rank_labels(ranks, [(0.0, 0.0)] * len(ranks), apart=(15, 15))[0] == text


def incidence_drawn(svg: str, colour: str) -> int:
    """Return how many incidence are drawn in a colour of the page."""
    paths = [e for e in parsed(svg).iter(f"{SVG}path") if colour in e.get("stroke", "")]
    runs = [
        run for path in paths for run in re.findall(r"M[\d.]+ [\d.]+h(\d+)", str(path.get("d")))
    ]
    assert len(runs) == sum(str(path.get("d")).count("M") for path in paths)
    # A run of items that one account holds is one line, and each of its dashes a mark.
    return sum(max(int(run), 1) for run in runs)


def test_incidence_that_interlock_are_of_one_colour() -> None:
    """A ring's items are each held once; those of others, by more than one wherever they are."""
    ring, others = (charts.incidence(one, 40) for one in (RING.incidence, RING.others.incidence))
    assert (incidence_drawn(ring, "--accent"), incidence_drawn(ring, "--suspect")) == (240, 0)
    held = sum(map(len, RING.others.incidence.lines))
    several = sum(times for times in RING.others.incidence.times if times > 1)
    assert incidence_drawn(others, "--suspect") == several > 1_000
    assert incidence_drawn(others, "--accent") == held - several


def test_incidence_say_what_is_popular() -> None:
    """Below the first and the last item stands how many accounts hold it."""
    assert {"480", "241"} <= set(texts(charts.incidence(RING.incidence, 1)))


def test_counts_of_two_groups_have_one_scale() -> None:
    """One holder is as high in a ring's picture as in that of the others."""
    ring, others = (charts.incidence(one, 40) for one in (RING.incidence, RING.others.incidence))
    tops = [
        max(int(text) for text in texts(svg)[:4] if text.isdigit() and int(text) < 100)
        for svg in (ring, others)
    ]
    assert tops[0] == tops[1] >= 20


def test_a_thousand_members_are_one_path() -> None:
    """Each is a dot, and the drawing stays small."""
    svg = charts.members([(n + 1.0, 0.0) for n in range(1_000)], "items in common", more=False)
    assert incidence_drawn(svg, "--accent") == 1_000
    assert len(svg) < 60_000
    assert "1000 of 1000 members have fewer" in str(parsed(svg).get("aria-label"))


def test_the_label_of_members_goes_by_what_speaks_for_a_ring() -> None:
    """In lockstep it is more than expected, not less."""
    pairs = [(1.0, 9.0), (1.0, 8.0), (5.0, 2.0)]
    for more, said in ((True, "2 of 3 members have more"), (False, "1 of 3 members have fewer")):
        svg = charts.members(pairs, "items taken at the same time", more=more)
        assert said in str(parsed(svg).get("aria-label"))


def test_members_with_small_holdings_are_told_apart() -> None:
    """Where one expects 900, places go by square roots: 16 and 36 are apart at the origin."""
    svg = charts.members([(0.0, 0.0), (16.0, 0.0), (36.0, 0.0), (900.0, 0.0)], "items", more=False)
    path = next(e for e in parsed(svg).iter(f"{SVG}path") if e.get("stroke-linecap") == "round")
    places = [float(x) for x in re.findall(r"M(-?[\d.]+)", str(path.get("d")))]
    assert [x / places[-1] for x in places] == pytest.approx([0, 4 / 30, 6 / 30, 1], abs=0.01)


def test_slices_show_the_share_of_each_part_of_the_catalogue() -> None:
    """All of the most popular is on the left, half of what comes next, and the rest is empty."""
    svg = charts.slices(RING.slices)
    assert "2550 items of the ring are held by one member and 0 by several" in str(
        parsed(svg).get("aria-label")
    )
    order = [text for text in texts(svg) if text in {"1.02k", "3", "1"}]
    assert order == ["1.02k", "3", "1"]
    heights = [bar["height"] for bar in filled(svg, "--accent")]
    whole = heights[0]
    assert [height / whole for height in heights[:3]] == pytest.approx([1, 0.5, 0], abs=0.01)


def test_what_is_not_expected_is_not_drawn() -> None:
    """Without an expectation there is one curve."""
    unknown = [dataclasses.replace(point, expected=float("nan")) for point in RING.growth]
    for points, curves in ((RING.growth, 2), (unknown, 1)):
        lines = parsed(charts.so_far(points)).iter(f"{SVG}path")
        assert sum(path.get("stroke-width") == "2.5" for path in lines) == curves


def test_nothing_to_draw_of_a_group_of_nobody() -> None:
    """A group without accounts is an empty picture, not an error."""
    assert "0 accounts, 0 items" in charts.incidence(Incidence((), (), 0), 0)


def test_a_limit_on_address_space_leaves_the_charts() -> None:
    """A process that may use 2 GiB of addresses (``ulimit -v``) draws as any other."""
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from ringfence.report import charts\n"
        "print(charts.population(((1, 5), (10, 2)), ()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert len(filled(done.stdout, "--accent")) == 2

"""Test the plots of an attack: which line belongs to which detector."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ringfence.lab.evaluate import plots
from ringfence.lab.evaluate.evaluation import ExtractionCurve

Draw = Callable[[str, Sequence[plots.Line]], str]

FOUND = ((0, 0, 0), (1, 10, 0), (2, 20, 0.5), (3, 30, 1))
"""Rows in which a verdict finds half of the accounts, and the next one all."""

UNSEEN = ((0, 0, 0), (1, 10, 0), (2, 20, 0), (3, 30, 0))


def lines_of(*rows: Sequence[tuple[float, float, float]]) -> tuple[plots.Line, ...]:
    """Return the lines of an attack with these curves under detectors a, b, c."""
    curves = [ExtractionCurve("x", name, np.array(r)) for name, r in zip("abc", rows, strict=False)]
    return plots.lines(curves)


def steps(svg: str) -> list[str]:
    """Return the path of each line, in order."""
    return re.findall(r'<path d="(M[^"]+)" stroke="[^"]+" stroke-width="2" stroke-dash', svg)


def heights(path: str) -> list[float]:
    """Return the distance of each point of a path from the top."""
    return [float(y) for y in re.findall(r",(-?[\d.]+)", path)]


def test_equal_curves_share_a_line() -> None:
    """Detectors with equal curves are named on one line; others have lines of their own."""
    first, second = lines_of(UNSEEN, FOUND, UNSEEN)
    assert (first.detectors, first.place) == (("a", "c"), 0)
    assert (second.detectors, second.place) == (("b",), 1)


def test_no_two_detectors_look_alike() -> None:
    """Eight colours and the dashes make 56 different lines; exactly one has no gaps."""
    samples = [plots.key(plots.Line((), np.empty((0, 3)), place)) for place in range(56)]
    assert len(set(samples)) == 56
    assert len({re.findall('stroke="([^"]+)"', sample)[0] for sample in samples[:8]}) == 8
    dashes = [re.findall('dasharray="([^"]+)"', sample)[0].split() for sample in samples]
    assert [place for place, lengths in enumerate(dashes) if lengths[-1] == "0"] == [0]


def test_a_key_shows_the_line() -> None:
    """The legend has the colour and the dashes of the plot."""
    second = lines_of(UNSEEN, FOUND)[1]
    colour, dash = re.findall('stroke="([^"]+)".* stroke-dasharray="([^"]+)"', plots.key(second))[0]
    plot = plots.found_over_items("x", lines_of(UNSEEN, FOUND))
    assert f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash.replace(" ", ",")}"' in plot


@pytest.mark.parametrize("draw", [plots.items_over_time, plots.found_over_items])
def test_coinciding_lines_are_offset(draw: Draw) -> None:
    """The first line is in its true place; the second is a little higher."""
    first, second = (heights(path) for path in steps(draw("x", lines_of(UNSEEN, FOUND))))
    assert first[0] == 220
    assert [low - high for low, high in zip(first, second, strict=True)][:4] == [3] * 4


def test_many_lines_stay_near_their_place() -> None:
    """The last of forty lines is offset by less than the height of an axis label."""
    rows = [((0, 0, 0), (1, n, 0)) for n in range(1, 41)]
    curves = [ExtractionCurve("x", f"d{n}", np.array(r, dtype=float)) for n, r in enumerate(rows)]
    last = heights(steps(plots.found_over_items("x", plots.lines(curves)))[-1])
    assert 220 - 24 <= last[0] < 220


@pytest.mark.parametrize("rows", [(FOUND, UNSEEN), (UNSEEN, FOUND)], ids=["first", "second"])
@pytest.mark.parametrize("draw", [plots.items_over_time, plots.found_over_items])
def test_a_dot_is_a_verdict_that_found_accounts(
    draw: Draw, rows: tuple[Sequence[tuple[float, float, float]], ...]
) -> None:
    """Every line has dots in its own colour, also if it is not the first."""
    lines = lines_of(*rows)
    found = next(line for line in lines if line.rows[-1, 2])
    colour = re.findall('stroke="([^"]+)"', plots.key(found))[0]
    dots = re.findall(r'<path transform="[^"]+" d="[^"]+" fill="([^"]+)"', draw("x", lines))
    assert dots == [colour] * 2


def test_a_limit_on_address_space_leaves_words() -> None:
    """Where the drawing library could not start, the content of a plot is said in words."""
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        "import numpy as np\n"
        "from ringfence.lab.evaluate import plots\n"
        "print(plots.users_qq(np.array([0.1, 0.5, 0.9])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    text = "".join(ET.fromstring(done.stdout).itertext())  # noqa: S314 - our own page
    assert text.startswith("p-values of 3 users")
    assert "ulimit -v" in text

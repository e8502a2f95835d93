"""The plots of an attack: whose line is which, also where lines coincide."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ringfence.lab.evaluate import plots
from ringfence.lab.evaluate.evaluation import Curve

Draw = Callable[[str, Sequence[plots.Line]], str]

FOUND = ((0, 0, 0), (1, 10, 0), (2, 20, 0.5), (3, 30, 1))
"""A verdict finds half of the accounts, the next one all."""

UNSEEN = ((0, 0, 0), (1, 10, 0), (2, 20, 0), (3, 30, 0))


def drawn(*rows: Sequence[tuple[float, float, float]]) -> tuple[plots.Line, ...]:
    """Return the lines of an attack under detectors a, b, c, that went so."""
    curves = [Curve("x", name, np.array(r)) for name, r in zip("abc", rows, strict=False)]
    return plots.lines(curves)


def steps(svg: str) -> list[str]:
    """Return the path of each line, from the first on."""
    return re.findall(r'<path d="(M[^"]+)" stroke="[^"]+" stroke-width="2" stroke-dash', svg)


def heights(path: str) -> list[float]:
    """Return how far below the top each point of a path is."""
    return [float(y) for y in re.findall(r",(-?[\d.]+)", path)]


def test_what_went_the_same_shares_a_line() -> None:
    """Detectors under which an attack went exactly so are named together, the others apart."""
    first, second = drawn(UNSEEN, FOUND, UNSEEN)
    assert (first.detectors, first.place) == (("a", "c"), 0)
    assert (second.detectors, second.place) == (("b",), 1)


def test_no_two_detectors_look_alike() -> None:
    """Eight have colours of their own, and with the dashes all of 56 differ; one has no gaps."""
    samples = [plots.key(plots.Line((), np.empty((0, 3)), place)) for place in range(56)]
    assert len(set(samples)) == 56
    assert len({re.findall('stroke="([^"]+)"', sample)[0] for sample in samples[:8]}) == 8
    dashes = [re.findall('dasharray="([^"]+)"', sample)[0].split() for sample in samples]
    assert [place for place, lengths in enumerate(dashes) if lengths[-1] == "0"] == [0]


def test_a_key_shows_the_line() -> None:
    """Colour and dashes of the legend are those in the plot."""
    second = drawn(UNSEEN, FOUND)[1]
    colour, dash = re.findall('stroke="([^"]+)".* stroke-dasharray="([^"]+)"', plots.key(second))[0]
    plot = plots.found_over_items("x", drawn(UNSEEN, FOUND))
    assert f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash.replace(" ", ",")}"' in plot


@pytest.mark.parametrize("draw", [plots.items_over_time, plots.found_over_items])
def test_lines_that_coincide_are_drawn_apart(draw: Draw) -> None:
    """The first is where it belongs; where both are the same, the second is a little higher."""
    first, second = (heights(path) for path in steps(draw("x", drawn(UNSEEN, FOUND))))
    assert first[0] == 220
    assert [low - high for low, high in zip(first, second, strict=True)][:4] == [3] * 4


def test_many_lines_stay_near_their_place() -> None:
    """However many lines there are, the last is less than an axis label's height too high."""
    rows = [((0, 0, 0), (1, n, 0)) for n in range(1, 41)]
    curves = [Curve("x", f"d{n}", np.array(r, dtype=float)) for n, r in enumerate(rows)]
    last = heights(steps(plots.found_over_items("x", plots.lines(curves)))[-1])
    assert 220 - 24 <= last[0] < 220


@pytest.mark.parametrize("rows", [(FOUND, UNSEEN), (UNSEEN, FOUND)], ids=["first", "second"])
@pytest.mark.parametrize("draw", [plots.items_over_time, plots.found_over_items])
def test_a_dot_is_a_verdict_that_found_accounts(
    draw: Draw, rows: tuple[Sequence[tuple[float, float, float]], ...]
) -> None:
    """Every line has its dots, in its own colour, also if it is not the first."""
    lines = drawn(*rows)
    found = next(line for line in lines if line.rows[-1, 2])
    colour = re.findall('stroke="([^"]+)"', plots.key(found))[0]
    dots = re.findall(r'<path transform="[^"]+" d="[^"]+" fill="([^"]+)"', draw("x", lines))
    assert dots == [colour] * 2

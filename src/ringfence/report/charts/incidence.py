"""Incidence: which account of a group holds which items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from ringfence.model.ring_profile import Incidence
from ringfence.report.charts.axes import Labels, LeftAxis
from ringfence.report.charts.look import ACCENT, MUTED, SUSPECT, WIDTH
from ringfence.report.charts.scale import AxisScale, plain, rounded_up, ticks
from ringfence.report.charts.svg import drawing, group, number, path, text

ONCE: Final = ACCENT
"""Colour of an item that one account of the group holds."""

SHARED_ITEM_COLOUR: Final = SUSPECT
"""Colour of an item that several accounts hold."""

_ROWS: Final = 190
"""Height of all rows together."""

_COUNTS: Final = 46
"""Height of the counts below the rows."""

_BETWEEN: Final = 12
_BELOW: Final = 33
_TOP: Final = 5
_MARK: Final = 1.2
"""Width of a mark, in units of the drawing."""

_FILLED: Final = 0.88
"""Share of its row that the height of a mark fills."""

_TICKS: Final = 5

_TITLE: Final = "accounts of the scan that hold the item"


def incidence(shown: Incidence, highest: int, label: str = "") -> str:
    """Draw one row per account and one mark per item, most popular items first, as SVG.

    Where accounts divide the work, every item has one mark. Below the rows stands how many of the
    accounts hold each item.

    Args:
        shown: which account holds which items.
        highest: end of the scale of the counts, the same for groups that are compared.
        label: the content in words; by default that of a group as it is now.
    """
    y = AxisScale(0, rounded_up(max(highest, 1)), _COUNTS, 0)
    labels = [(y(count), plain(count)) for count in ticks(y.high, 2, least=1)]
    left = LeftAxis(labels, height=_COUNTS)
    counts = (left.svg, _counts(shown, y), _below(shown))
    content = (
        _rows(shown),
        group(counts, transform=f"translate(0,{_ROWS + _BETWEEN})"),
    )
    size = (WIDTH, _ROWS + _BETWEEN + _COUNTS + _BELOW)
    return drawing(content, label or _label(shown), size=size, origin=(left.space, _TOP))


def _rows(shown: Incidence) -> str:
    """Draw the marks in units of one item and one row. The dashes of a line are its marks."""
    times, place = shown.times, WIDTH / max(len(shown.holders), 1)
    once: list[str] = []
    several: list[str] = []
    for row, places in enumerate(shown.lines):
        for (is_shared, _), run in groupby(
            enumerate(places), key=lambda one: (times[one[1]] > 1, one[1] - one[0])
        ):
            items = [item for _, item in run]
            (several if is_shared else once).append(f"M{items[0]} {row}h{len(items)}")
    width, height = min(_MARK / place, 1), _ROWS / max(len(shown.lines), 1)
    return group(
        (path(once, stroke=ONCE), path(several, stroke=SHARED_ITEM_COLOUR)),
        stroke_width=_FILLED,
        stroke_dasharray=f"{width:.4f} {1 - width:.4f}",
        transform=(
            f"translate({(place - _MARK) / 2:.3f},{height / 2:.3f})scale({place:.4f},{height:.4f})"
        ),
    )


def _counts(shown: Incidence, y: AxisScale) -> str:
    """Draw how many of the accounts hold each item, as bars without gaps."""
    bars: dict[str, list[str]] = {ONCE: [], SHARED_ITEM_COLOUR: []}
    place = WIDTH / max(len(shown.holders), 1)
    for first, count, held in _runs(shown.times):
        bars[SHARED_ITEM_COLOUR if held > 1 else ONCE].append(
            f"M{place * first:.2f} {_COUNTS}V{number(y(held))}h{place * count:.2f}V{_COUNTS}z"
        )
    return "".join(path(steps, fill=colour) for colour, steps in bars.items())


def _runs(times: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first item, number of items, times) of each run of items held equally often."""
    first = 0
    for held, run in groupby(times):
        count = sum(1 for _ in run)
        if held:
            yield first, count, held
        first += count


def _below(shown: Incidence) -> str:
    """Write how many accounts of the scan hold the item, for some positions, and the title."""
    said = [text(x, _COUNTS + 14, words) for x, words in _holders(shown)]
    return group([*said, text(WIDTH / 2, _COUNTS + 30, _TITLE)], fill=MUTED, text_anchor="middle")


def _holders(shown: Incidence) -> Labels:
    last, place = len(shown.holders) - 1, WIDTH / max(len(shown.holders), 1)
    places = sorted({round(last * n / (_TICKS - 1)) for n in range(_TICKS)}) if last >= 0 else []
    return [(place * (one + 0.5), f"{shown.holders[one]:,}") for one in places]


def _label(shown: Incidence) -> str:
    several = sum(times > 1 for times in shown.times)
    return (
        f"Incidence: {len(shown.lines)} accounts, {len(shown.holders)} items; "
        f"{several} of these are held by several of the accounts."
    )

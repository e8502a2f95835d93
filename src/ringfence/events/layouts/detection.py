"""Choose the layout of a log from its first lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ringfence.events.layouts.known import KNOWN, KnownLayout
from ringfence.events.layouts.layout import Layout
from ringfence.events.layouts.matching import Matcher
from ringfence.events.layouts.plausible import NamedFields, is_plausible
from ringfence.events.layouts.prefixes import find_prefix, without_prefix
from ringfence.events.layouts.separated import separated_layout
from ringfence.events.layouts.tail import with_tail

_LONGEST = 1 << 16
_QUOTED_LOGIN = re.compile(r' "[^"\\\[\]]+" \[')


@dataclass(frozen=True)
class Fit:
    """A layout, and the number of first lines that it fits.

    Attributes:
        layout: the layout, with its tail and what stands before each line.
        lines: number of lines with plausible values.
        zoned: whether the times carry an offset.
    """

    layout: Layout
    lines: int
    zoned: bool = True


def detect(head: Sequence[str], only: Sequence[KnownLayout] = KNOWN) -> Fit | None:
    """Return the known layout that fits most of the first lines; None if none fits any.

    If none fits, fields may also stand between several spaces, or between other separators.

    Args:
        head: the first lines.
        only: the layouts to try, preferred first.
    """
    lines = _judged(head)
    separated = _separated if only is KNOWN else lambda _: None
    return _best(lines, only) or _best(lines, only, spaced=True) or separated(lines)


def _best(lines: Sequence[str], only: Sequence[KnownLayout], *, spaced: bool = False) -> Fit | None:
    best: Fit | None = None
    for before in dict.fromkeys((find_prefix(lines), "")):
        bare = [rest for line in lines if (rest := without_prefix(before, line)) is not None]
        plain = [_QUOTED_LOGIN.sub(" login [", line, count=1) for line in bare]
        single = [re.sub(" +", " ", line) for line in plain] if spaced else plain
        for known in only:
            fit = _fit(known, bare, single, before, spaced=spaced)
            if fit and (best is None or fit.lines > best.lines):
                best = fit
    return best


def fit_layout(layout: Layout, head: Sequence[str]) -> Fit:
    """Return how well a given layout fits; a prefix is found as for a known one."""
    lines = _judged(head)
    fits = []
    for before in dict.fromkeys(("", find_prefix(lines))):
        whole = replace(layout, before=before)
        rows = _rows(whole, lines)
        fits.append(Fit(whole, len(rows), _zoned(rows)))
    return max(fits, key=lambda fit: fit.lines)


def _judged(head: Sequence[str]) -> list[str]:
    """Return the first lines without blank ones, and without giant ones, which take long."""
    return [line for line in head if line.strip() and len(line) <= _LONGEST]


def _separated(lines: Sequence[str]) -> Fit | None:
    layout = separated_layout(lines)
    return fit_layout(layout, lines) if layout else None


def _fit(
    known: KnownLayout, lines: Sequence[str], single: Sequence[str], before: str, *, spaced: bool
) -> Fit | None:
    """Return how well a layout fits the lines; ``single`` has them with single spaces."""
    layout = known.layout()
    if known.has_tail:
        layout = with_tail(layout, _rests(layout, single))
    layout = replace(layout, spaced=spaced)
    rows = _rows(layout, lines)
    if not rows or (known.fits and not known.fits(rows)):
        return None
    return Fit(replace(layout, before=before), len(rows), _zoned(rows))


def _rests(layout: Layout, lines: Sequence[str]) -> list[str]:
    """Return what follows the layout's own fields in the lines that have them."""
    matcher = Matcher(layout)
    return [rest for line in lines if (rest := matcher.rest(line)) is not None]


def _rows(layout: Layout, lines: Sequence[str]) -> list[NamedFields]:
    matcher = Matcher(layout)
    shapes = {field.raw: field.shape for field in layout.fields}
    rows = [row for line in lines if (row := matcher.fields(line)) is not None]
    return [row for row in rows if is_plausible(row, shapes)]


def _zoned(rows: Sequence[NamedFields]) -> bool:
    """Return whether most times end with an offset, as the CSV reader needs them."""
    return 2 * sum(_has_offset(row.get("time", "")) for row in rows) >= len(rows)


def _has_offset(text: str) -> bool:
    return len(text) > 6 and text[-6] == " " and text[-5] in "+-"

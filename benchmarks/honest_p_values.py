"""Measure whether the p-values of honest users are those of chance, kind by kind and test by test.

    python -m benchmarks.honest_p_values [--kind KIND ...] [--services] [--share 0.1] [--seeds 10]
        [--keep FILE] [--figure docs/images/honest-p-values.png] [--write docs/honest-users.md]

The scenario ``honest-KIND`` is scanned with several seeds. Of the accounts of the kind, those with
a p-value at or below 10 %, 1 %, 0.1 % and 0.01 % are counted. An account that a test says nothing
about counts as 1. With ``--services``, the scenarios are services of 20,000 users of many kinds. At
0.01 %, a valid test gives two of 20,000 users such a p-value. In a smaller population, fewer than
one account is expected at that level, so it cannot show that a test is valid. There are three
tables:

* **Beyond the bound.** A p-value is valid if at most the share α of *all* users has one of at most
  α. Then at most α / s of a kind has one, where s is the kind's share of the users. The bound is
  reached if no other user has such a p-value. A cell beyond it shows a p-value that is not valid.
* **Share of the bound.** For each test and kind, the largest ratio of the share of the kind to its
  bound, over the levels at which one account or more of the population is expected. Up to 1, the
  test is valid for the kind.
* **Unlike the others.** By chance, at most α of a kind has a p-value of at most α. A cell of this
  table names the level that is exceeded most. Such a kind is unlike the other users.

A count is marked if chance gives it in fewer than one of 1,000 tables (exact binomial test, with
Bonferroni's correction for the cells). A scan takes 5 to 60 seconds. With ``--keep``, each scan is
in a file as soon as it is ready, and a later run uses it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import altair as alt
import numpy as np
from benchmarks.fairness import CROWDS, KINDS, SERVICES
from benchmarks.p_value_scans import ScanPValues, scans_of
from benchmarks.page import publish, table
from scipy.stats import beta, binom

from ringfence.stats.arrays import Floats

LEVELS: Final = (0.1, 0.01, 0.001, 0.0001)
CHANCE: Final = 0.001
"""Chance that a table of calibrated p-values has any mark."""

FUSED: Final = "all tests"
"""Twice the p-value of the verdict. It is the smaller of two, all evidence and volume alone, so it
counts twice, as for suspects."""

VERDICT: Final = "value"
"""Name of the verdict's p-value in a scan."""

_POINTS: Final = 60

PValues = Mapping[str, Floats]
"""p-values of accounts by test; those of the verdict under :data:`FUSED`."""


@dataclass(frozen=True)
class KindPValues:
    """The p-values of the accounts of a kind, over several scans.

    Attributes:
        by_test: p-values by test; those of the verdict under :data:`FUSED`.
        share: share of the kind among all accounts that were judged.
    """

    by_test: PValues
    share: float

    @property
    def accounts(self) -> int:
        """The number of accounts of the kind."""
        return int(self.by_test[FUSED].size)

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels at which one account or more is expected among all that were judged."""
        return tuple(one for one in LEVELS if one * self.accounts / self.share >= 1)


def joined(scans: Iterable[ScanPValues]) -> KindPValues:
    """Return the p-values of all accounts of a kind, over several scans of it."""
    found: dict[str, list[Floats]] = {}
    judged = 0
    for scan in scans:
        judged += scan.judged
        for column, values in scan.by_test.items():
            name = FUSED if column == VERDICT else column
            found.setdefault(name, []).append(np.array(values, np.float64))
    by_test = {name: np.concatenate(values) for name, values in found.items()}
    by_test[FUSED] = np.minimum(2 * by_test[FUSED], 1.0)
    return KindPValues(by_test, by_test[FUSED].size / judged)


def bound(level: float, share: float) -> float:
    """Return the largest part of a kind that may have a p-value of at most a level.

    Let the p-values be valid in the whole population: P(p ≤ α) ≤ α. A kind of the share s adds
    s · P(p ≤ α | kind) to the left side, so P(p ≤ α | kind) ≤ α / s.

    Args:
        level: the level α.
        share: the share s of the kind in the population; 1 for the whole population.
    """
    return min(level / share, 1.0)


def is_beyond(values: Floats, level: float, cells: int, share: float = 1.0) -> bool:
    """Return whether more p-values are at or below a level than the bound and chance explain.

    Args:
        values: p-values of honest accounts of one kind.
        level: the level.
        cells: number of such questions that the table asks at each level.
        share: as for :func:`bound`.
    """
    below = int((values <= level).sum())
    chance = binom.sf(below - 1, values.size, bound(level, share))
    return bool(chance < CHANCE / (cells * len(LEVELS)))


def exceeded(values: Floats, cells: int, share: float = 1.0) -> str:
    """Return the level that is exceeded most by the share of p-values below it; empty if none is.

    Args:
        values: p-values of honest accounts.
        cells: number of such questions that the table asks.
        share: as for :func:`bound`.
    """
    worst, said = 1.0, ""
    for level in LEVELS:
        below = float((values <= level).mean())
        ratio = below / bound(level, share)
        if ratio > worst and is_beyond(values, level, cells, share):
            worst, said = ratio, f"{below:.2%} ≤ {level:.2%}"
    return said


def beyond_table(measured: Mapping[str, KindPValues]) -> str:
    """Return the table of the bound: all tests at each level, and the single tests beyond it.

    Cells beyond the bound of their row are bold. A cell is in parentheses if fewer than one account
    of the whole population is expected at its level.
    """
    tests = {test for one in measured.values() for test in one.by_test}
    cells = len(measured) * len(tests)
    header = ("kind", "accounts", "share", *(f"≤ {level:.2%}" for level in LEVELS), "tests beyond")
    rows = []
    for kind, one in measured.items():
        shares = [
            f"**{share}**" if is_beyond(one.by_test[FUSED], level, cells, one.share) else share
            for level in LEVELS
            for below in [f"{(one.by_test[FUSED] <= level).mean():.2%}"]
            for share in [below if level in one.levels else f"({below})"]
        ]
        beyond = [
            f"{test} {said}"
            for test, values in one.by_test.items()
            if test != FUSED and (said := exceeded(values, cells, one.share))
        ]
        rows.append((kind, f"{one.accounts:,}", f"{one.share:.1%}", *shares, "; ".join(beyond)))
    return table(header, rows)


def used_table(measured: Mapping[str, KindPValues]) -> str:
    """Return the table of the largest share of its bound that each test uses, for each kind.

    A cell is bold if the kind is beyond the bound at any level, and empty if the test did not run.
    """
    tests = list(dict.fromkeys(test for one in measured.values() for test in one.by_test))
    cells = len(measured) * len(tests)
    rows = []
    for kind, one in measured.items():
        used = [
            _marked(one.by_test[test], one, cells) if test in one.by_test else "" for test in tests
        ]
        rows.append((kind, f"{min(one.levels, default=1):.2%}", *used))
    return table(("kind", "down to", *tests), rows)


def _marked(values: Floats, one: KindPValues, cells: int) -> str:
    """Return the largest ratio of the share of p-values at or below a level to its bound."""
    ratios = [float((values <= n).mean()) / bound(n, one.share) for n in one.levels]
    said = f"{max(ratios, default=0.0):.2f}"
    return f"**{said}**" if exceeded(values, cells, one.share) else said


def unlike_table(measured: Mapping[str, KindPValues]) -> str:
    """Return the table of the level that each kind exceeds most in each test."""
    tests = list(dict.fromkeys(test for one in measured.values() for test in one.by_test))
    cells = len(measured) * len(tests)
    rows = [
        [exceeded(one.by_test[test], cells) if test in one.by_test else "" for test in tests]
        for one in measured.values()
    ]
    marked = [n for n in range(len(tests)) if any(row[n] for row in rows)]
    return table(
        ("kind", *(tests[n] for n in marked)),
        [(kind, *(row[n] for n in marked)) for kind, row in zip(measured, rows, strict=True)],
    )


def points(kind: str, values: Floats) -> Iterable[dict[str, Any]]:
    """Yield points of a QQ plot in powers of ten, with the range of 99 % of uniform samples.

    The r-th smallest of n uniform values has the beta distribution with r and n + 1 - r (David and
    Nagaraja, Order Statistics, 3rd edition, 2003, section 2.3).
    """
    ordered = np.sort(values)
    for rank in np.unique(np.geomspace(1, ordered.size, _POINTS).astype(int)):
        rest = ordered.size + 1 - rank
        yield {
            "kind": kind,
            "expected": -np.log10(rank / (ordered.size + 1)),
            "observed": -np.log10(max(ordered[rank - 1], 1e-12)),
            "high": -np.log10(beta.ppf(0.005, rank, rest)),
            "low": -np.log10(beta.ppf(0.995, rank, rest)),
        }


def figure(measured: Mapping[str, KindPValues]) -> alt.FacetChart:
    """Return one QQ plot of the fused p-value per kind. Points below the band are conservative."""
    rows = [point for kind, one in measured.items() for point in points(kind, one.by_test[FUSED])]
    base = alt.Chart().encode(x=alt.X("expected:Q").title("expected by chance: -log10 p"))
    band = base.mark_area(color="#bbb", opacity=0.6).encode(
        y=alt.Y("low:Q").title("observed: -log10 p"), y2="high:Q"
    )
    dots = base.mark_circle(size=12, color="#1f5a94").encode(y="observed:Q")
    plots = alt.layer(band, dots, data=alt.Data(values=rows)).properties(width=150, height=110)
    return plots.facet(facet=alt.Facet("kind:N").title(None), columns=5)


def main() -> None:
    """Measure, print the tables or write them into a page, and draw the plots."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", nargs="+", choices=(*KINDS, *CROWDS), default=(*KINDS, *CROWDS))
    parser.add_argument("--services", action="store_true", help="scan services of 20,000 users")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="scans, one JSON row per line")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="an SVG or PNG file to write")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    scans: dict[str, list[ScanPValues]] = {}
    for name in SERVICES if options.services else options.kind:
        share = None if name in (*CROWDS, *SERVICES) else options.share
        for scan in scans_of(name, share, options.seeds, options.keep):
            scans.setdefault(scan.kind, []).append(scan)
    measured = {kind: joined(of_kind) for kind, of_kind in scans.items()}
    place = " in services" if options.services else ""
    publish("p-values beyond the bound" + place, beyond_table(measured), options.write)
    publish("share of the bound" + place, used_table(measured), options.write)
    if not options.services:
        publish("p-values", unlike_table(measured), options.write)
    if options.figure:
        figure(measured).save(options.figure)


if __name__ == "__main__":
    main()

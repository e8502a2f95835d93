"""Measure whether the p-values of honest users are those of chance, kind by kind and test by test.

    python -m benchmarks.honest_p_values [--kind KIND ...] [--share 0.1] [--seeds 10]
        [--figure docs/images/honest-p-values.svg] [--write docs/honest-users.md]

The scenario ``honest-KIND`` is scanned with several seeds. Of the accounts of the kind, those with
a p-value at or below 10 %, 1 %, 0.1 % and 0.01 % are counted. By chance, at most that share has
one. An account that a test says nothing about counts as 1. A cell of the table names the level that
is exceeded most, if the count is one that chance gives in fewer than one of 1,000 tables (exact
binomial test, with Bonferroni's correction for the cells). A run takes 5 to 60 seconds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import altair as alt
import numpy as np
from benchmarks.fairness import CROWDS, KINDS, scenario_of
from benchmarks.page import publish, table
from scipy.stats import beta, binom

import ringfence
from ringfence.lab.simulate import read_truth, write_scenario
from ringfence.stats.arrays import Floats

LEVELS: Final = (0.1, 0.01, 0.001, 0.0001)
CHANCE: Final = 0.001
"""Chance that a table of calibrated p-values has any mark."""

FUSED: Final = "all tests"
_POINTS: Final = 60

PValues = Mapping[str, Floats]
"""p-values of accounts by test; the verdict's own under :data:`FUSED`."""


def p_values(kind: str, share: float | None, seeds: int) -> PValues:
    """Return the p-values of all accounts of a kind, over several scans.

    Args:
        kind: a kind of users with a scenario of its own, or one of :data:`CROWDS`.
        share: share of the kind in the population; None leaves the scenario's own.
        seeds: number of scans.
    """
    found: dict[str, list[Floats]] = {}
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            write_scenario(scenario_of(kind, share=share, accounts=None, seed=seed), folder)
            result = ringfence.scan(str(folder / "events" / "*.parquet"))
            kinds = read_truth(folder / "truth.parquet").kinds
        wanted = "feed" if kind == "news" else kind
        own = np.array([kinds[one] == wanted for one in result.accounts.column("account")], bool)
        for column in result.accounts.columns:
            if column.startswith("p_"):
                values = np.asarray(result.accounts.column(column), np.float64)[own]
                name = FUSED if column == "p_value" else column.removeprefix("p_")
                found.setdefault(name, []).append(np.nan_to_num(values, nan=1.0))
    return {name: np.concatenate(values) for name, values in found.items()}


def exceeded(values: Floats, cells: int) -> str:
    """Return the level that is exceeded most by the share of p-values below it; empty if none is.

    Args:
        values: p-values of honest accounts.
        cells: number of such questions that the table asks.
    """
    worst, said = 1.0, ""
    for level in LEVELS:
        below = int((values <= level).sum())
        chance = binom.sf(below - 1, values.size, level)
        ratio = below / (level * values.size)
        if chance < CHANCE / (cells * len(LEVELS)) and ratio > worst:
            worst, said = ratio, f"{below / values.size:.2%} ≤ {level:.2%}"
    return said


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


def figure(measured: Mapping[str, PValues]) -> alt.FacetChart:
    """Return one QQ plot of the fused p-value per kind. Points below the band are conservative."""
    rows = [point for kind, one in measured.items() for point in points(kind, one[FUSED])]
    base = alt.Chart().encode(x=alt.X("expected:Q").title("expected by chance: -log10 p"))
    band = base.mark_area(color="#bbb", opacity=0.6).encode(
        y=alt.Y("low:Q").title("observed: -log10 p"), y2="high:Q"
    )
    dots = base.mark_circle(size=12, color="#1f5a94").encode(y="observed:Q")
    plots = alt.layer(band, dots, data=alt.Data(values=rows)).properties(width=150, height=110)
    return plots.facet(facet=alt.Facet("kind:N").title(None), columns=5)


def main() -> None:
    """Measure, print the table or write it into a page, and draw the plots."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", nargs="+", choices=(*KINDS, *CROWDS), default=(*KINDS, *CROWDS))
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="an SVG or PNG file to write")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    measured: dict[str, PValues] = {}
    for kind in options.kind:
        share = None if kind in CROWDS else options.share
        measured[kind] = p_values(kind, share, options.seeds)
        print(f"{kind}: smallest {measured[kind][FUSED].min(initial=1.0):.1e}", flush=True)
    tests = list(dict.fromkeys(test for one in measured.values() for test in one))
    rows = []
    for kind, one in measured.items():
        cells = [exceeded(one[t], len(measured) * len(tests)) if t in one else "" for t in tests]
        rows.append((kind, f"{one[FUSED].size:,}", *cells))
    marked = [n for n, test in enumerate(tests, 2) if any(row[n] for row in rows)]
    header = ("kind", "accounts", *(tests[n - 2] for n in marked))
    publish("p-values", table(header, [(*row[:2], *(row[n] for n in marked)) for row in rows]),
            options.write)  # fmt: skip
    if options.figure:
        figure(measured).save(options.figure)


if __name__ == "__main__":
    main()

"""Weigh a second honest explanation: the account keeps a copy of its library on a device.

An honest account either uses the catalogue directly, or it also copies a library. A copy is one
act, but it is much at once, never returned to and fast, so it would count in all three families of
evidence. Under the second explanation the bulk sessions (:mod:`ringfence.evidence.bulk_sessions`)
are therefore left out of every test of how much and how fast. The tests of which items still see
everything, except the share of downloads, which a copy explains. In return, the items of the
sessions must look like one person's library (:mod:`ringfence.evidence.bulk_taste`).

The explanation fails if the rest fails or the taste fails: p = min(1, 2 min(p_rest, p_taste)),
which is Bonferroni's rule. "This account is honest" is true if one of the two explanations is. So
its p-value is the larger of the two. This is valid whatever the share of accounts that copy, and
whatever the dependence between the two (the intersection-union test of Berger 1982). An account
without bulk sessions has one explanation only, and nothing changes for it.

The questions about taste are combined by Brown's method. No single one of them counts as less than
:data:`~ringfence.verdicts.fusion.FAMILY_FLOOR`, so that one odd playlist rejects no copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.evidence import Context, EvidenceTest, Family, Scores, counted, run_tests
from ringfence.evidence.bulk_sessions import find_bulk_sessions
from ringfence.evidence.bulk_taste import BulkItems, measure_bulk_items
from ringfence.evidence.without_bulk import without_bulk
from ringfence.model.evidence import UNUSUAL, Evidence
from ringfence.stats.arrays import Flags, Floats, Keys, Rows
from ringfence.stats.combination import bonferroni
from ringfence.verdicts.fusion import FAMILY_FLOOR, brown, fuse_tests

LEFT_OUT_OF: Final = frozenset(
    {"volume", "speed", "novelty", "pace", "bursts", "rhythm", "overlap"}
)
"""Tests that are measured again without the bulk sessions: how much, how fast, and when."""

EXPLAINED: Final = "surface"
"""The test that a copy explains entirely: a device downloads."""

BULK: Final = "bulk"
"""Name of the evidence about bulk sessions."""

_EXPLAINS: Final = ", as a device does that copies a library. The other evidence leaves this out."
_DOES_NOT_EXPLAIN: Final = (
    ". A device that copies a library does the same, but this does not explain the account."
)


@dataclass(frozen=True)
class LibraryCopies:
    """The second explanation of the accounts with bulk sessions.

    Attributes:
        rows: rows of these accounts among all accounts.
        items: the items of their bulk sessions.
        by_test: (rows,) p-values by test without the bulk sessions; NaN where not measured.
        scores: the outcomes of the tests that were measured again, by name.
    """

    rows: Rows
    items: BulkItems
    by_test: dict[str, Floats]
    scores: dict[str, Scores]

    @property
    def taste(self) -> Floats:
        """(rows,) p-values of the taste of the items; NaN where nothing is known."""
        return brown({name: np.maximum(p, FAMILY_FLOOR) for name, p in self.items.taste.items()})

    def evidence(self, place: int, *, explains: bool) -> Evidence:
        """Return the evidence about the bulk sessions of one account.

        Args:
            place: place of the account in ``rows``.
            explains: whether the second explanation is the likelier one.
        """
        taste = float(self.taste[place])
        groups, hours = self.items.groups[place], self.items.hours[place]
        of = f" of {counted(groups, 'group')}" if groups else ""
        fetched = (
            f"Fetched {counted(self.items.items[place], 'new item')}{of} in bulk within "
            f"{counted(hours, 'hour')}"
        )
        said = _EXPLAINS if explains else _DOES_NOT_EXPLAIN
        p = 1.0 if np.isnan(taste) else taste
        return Evidence(BULK, float(self.items.items[place]), 0.0, p, fetched + said)


@dataclass(frozen=True)
class BothExplanations:
    """P-values of the accounts with bulk sessions under both explanations together.

    Attributes:
        fused: (rows,) p-values of all evidence.
        by_family: (rows,) p-values of each family, by name.
        by_copy: (rows,) whether the second explanation is the likelier one. If it fails because
            of the items, the evidence to show is that of direct use.
    """

    fused: Floats
    by_family: dict[Family, Floats]
    by_copy: Flags


def measure_copies(
    context: Context,
    tests: Sequence[EvidenceTest],
    keys: Keys,
    by_test: Mapping[str, Floats],
    step: Callable[[str], None],
) -> LibraryCopies | None:
    """Measure the second explanation; None if no account has a bulk session.

    Args:
        context: what the tests may know.
        tests: the tests of the scan.
        keys: keys of all accounts, ascending.
        by_test: (accounts,) p-values of the tests that ran, by name.
        step: called with the name of each test before it runs.
    """
    if not find_bulk_sessions(context):
        return None
    items = measure_bulk_items(context)
    again = tuple(test for test in tests if test.name in LEFT_OUT_OF and test.name in by_test)
    with without_bulk(context.engine):
        scores, _ = run_tests(again, context, keys, step)
    rows = np.searchsorted(keys, items.keys)
    rest = {name: p[rows] for name, p in by_test.items() if name != EXPLAINED}
    rest |= {test.name: np.full(rows.size, np.nan) for test in again}
    rest |= {name: _of_rows(items.keys, one) for name, one in scores.items()}
    return LibraryCopies(rows, items, rest, scores)


def explain(
    copies: LibraryCopies,
    fused: Floats,
    by_family: Mapping[Family, Floats],
    by_test: Mapping[str, Floats],
    families: dict[str, Family],
) -> BothExplanations:
    """Return the p-values of the accounts with bulk sessions under the likelier explanation.

    Args:
        copies: the second explanation.
        fused: (rows,) p-values of all evidence under the first explanation.
        by_family: (rows,) p-values of each family under the first explanation.
        by_test: p-values of the tests that count, by name.
        families: family of each test, by name.
    """
    rest = {name: p for name, p in copies.by_test.items() if name in by_test}
    rest_fused, rest_families = fuse_tests(rest, families, copies.rows.size)
    taste = copies.taste
    copied = _both(rest_fused, taste)
    odd = (taste <= UNUSUAL) & (taste < rest_fused)
    by_copy = (copied >= fused) & ~odd
    volume = np.fmax(by_family["volume"], _both(rest_families["volume"], taste))
    chosen = {
        family: np.where(by_copy, rest_families[family], p) for family, p in by_family.items()
    }
    return BothExplanations(np.maximum(fused, copied), {**chosen, "volume": volume}, by_copy)


def _both(rest: Floats, taste: Floats) -> Floats:
    """Return the p-values of the second explanation, which fails if the rest or the taste does."""
    return bonferroni(np.column_stack([np.nan_to_num(rest, nan=1.0), taste]))


def _of_rows(keys: Keys, scores: Scores) -> Floats:
    """Return (keys,) the p-values of some accounts; NaN for those that were not measured."""
    known = np.isin(keys, scores.keys)
    p = np.full(keys.size, np.nan)
    p[known] = scores.p_values[np.searchsorted(scores.keys, keys[known])]
    return p

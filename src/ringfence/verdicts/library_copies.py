"""Weigh a second honest explanation: the account keeps a copy of its library on a device.

An honest account either uses the catalogue directly, or it also copies a library. A copy is one
act, but it is much at once, never returned to and fast, so it would count in all three families of
evidence. Under the second explanation the bulk sessions (:mod:`ringfence.evidence.bulk_sessions`)
are therefore left out of every test of how much and how fast. The tests of which items still see
everything, except the share of downloads, which a copy explains.

The second explanation exists only where a copy is possible
(:mod:`ringfence.evidence.possible_copies`) and the items are the library of one person
(:mod:`ringfence.evidence.library_taste`). "This account is honest" is then true if one of the two
explanations is, so its p-value is the larger of the two. This is valid whatever the share of
accounts that copy, and whatever the dependence between the two (the intersection-union test of
Berger 1982, "Multiparameter hypothesis testing and acceptance sampling"). An account without bulk
sessions has one explanation only, and nothing changes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.evidence import Context, EvidenceTest, Family, Scores, counted, run_tests
from ringfence.evidence.bulk_sessions import BulkItems, find_bulk_sessions
from ringfence.evidence.without_bulk import without_bulk
from ringfence.model.evidence import Evidence
from ringfence.stats.arrays import Flags, Floats, Keys, Rows
from ringfence.verdicts.fusion import fuse_tests

LEFT_OUT_OF: Final = frozenset(
    {"volume", "speed", "novelty", "pace", "bursts", "rhythm", "overlap"}
)
"""Tests that are measured again without the bulk sessions: how much, how fast, and when."""

EXPLAINED: Final = "surface"
"""The test that a copy explains entirely: a device downloads."""

COPY_TEST: Final = "bulk"
"""Name of the evidence about bulk sessions."""

_EXPLAINS: Final = ", as a device does that copies a library. The other evidence leaves this out."


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

    def evidence(self, place: int) -> Evidence:
        """Return what one account copied; ``place`` is its place in ``rows``."""
        groups, hours = self.items.groups[place], self.items.hours[place]
        of = f" of {counted(groups, 'group')}" if groups else ""
        fetched = (
            f"Fetched {counted(self.items.items[place], 'new item')}{of} in bulk within "
            f"{counted(hours, 'hour')}"
        )
        return Evidence(COPY_TEST, float(self.items.items[place]), 0.0, 1.0, fetched + _EXPLAINS)


@dataclass(frozen=True)
class BothExplanations:
    """P-values of the accounts with bulk sessions under both explanations together.

    Attributes:
        fused: (rows,) p-values of all evidence.
        by_family: (rows,) p-values of each family, by name.
        by_copy: (rows,) whether the second explanation is the likelier one.
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
    items = find_bulk_sessions(context)
    if not items.keys.size:
        return None
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
    by_copy = np.nan_to_num(rest_fused, nan=1.0) >= fused
    volume = np.fmax(by_family["volume"], np.nan_to_num(rest_families["volume"], nan=1.0))
    chosen = {
        family: np.where(by_copy, rest_families[family], p) for family, p in by_family.items()
    }
    return BothExplanations(np.fmax(fused, rest_fused), {**chosen, "volume": volume}, by_copy)


def _of_rows(keys: Keys, scores: Scores) -> Floats:
    """Return (keys,) the p-values of some accounts; NaN for those that were not measured."""
    known = np.isin(keys, scores.keys)
    p = np.full(keys.size, np.nan)
    p[known] = scores.p_values[np.searchsorted(scores.keys, keys[known])]
    return p

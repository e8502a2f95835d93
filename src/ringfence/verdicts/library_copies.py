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

A session may also be a copy that the log does not show, or a second one. The second explanation
then counts against an accusation only: all that the account did counts for suspicion (decision
0071).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.evidence import Context, EvidenceTest, Family, Scores, counted, run_tests
from ringfence.evidence.bulk_sessions import BulkItems, find_bulk_sessions, select_copies
from ringfence.evidence.without_bulk import without_bulk
from ringfence.model.evidence import COPY_TEST, Evidence
from ringfence.stats.arrays import Flags, Floats, Keys, Rows
from ringfence.verdicts.error_control import VOLUME_GATE
from ringfence.verdicts.fusion import fuse_tests

LEFT_OUT_OF: Final = frozenset(
    {"volume", "speed", "weight", "novelty", "pace", "bursts", "rhythm", "overlap"}
)
"""Tests that are measured again without the bulk sessions: how much, how fast, and when."""

EXPLAINED: Final = "surface"
"""The test that a copy explains entirely: a device downloads."""

_EXPLAINS: Final = ", as a device does that copies a library. The other evidence leaves this out."
_MAY_EXPLAIN: Final = (
    ". A device that copies a library leaves the same lines, so this does not count toward an "
    "accusation. Ask whether the owner copied a library to a new device."
)


@dataclass(frozen=True)
class LibraryCopies:
    """The second explanation of accounts with recognised copies, or of those with possible ones.

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
        so = _EXPLAINS if self.items.recognised else _MAY_EXPLAIN
        return Evidence(COPY_TEST, float(self.items.items[place]), 0.0, 1.0, fetched + so)


@dataclass(frozen=True)
class BothExplanations:
    """P-values of the accounts with bulk sessions under both explanations together.

    Attributes:
        fused: (rows,) p-values of all evidence.
        rest: (rows,) those of the second explanation that count for suspicion; NaN where none do.
        by_family: (rows,) p-values of each family, by name.
        by_copy: (rows,) whether the second explanation is the likelier one.
    """

    fused: Floats
    rest: Floats
    by_family: dict[Family, Floats]
    by_copy: Flags


@dataclass(frozen=True)
class Copies:
    """The second explanations of a scan; None where no account has one.

    Attributes:
        recognised: of accounts with recognised copies.
        possible: of accounts with possible copies, without all of their bulk sessions.
    """

    recognised: LibraryCopies | None = None
    possible: LibraryCopies | None = None

    def evidence(self, row: int, *, by_copy: bool) -> Evidence | None:
        """Return what an account copied; None if it counts neither for nor against it.

        Args:
            row: row of the account.
            by_copy: whether a recognised copy decided about it.
        """
        for copies, counts in ((self.possible, True), (self.recognised, by_copy)):
            if copies is not None and counts and np.isin(row, copies.rows):
                return copies.evidence(int(np.searchsorted(copies.rows, row)))
        return None


def measure_copies(
    context: Context,
    tests: Sequence[EvidenceTest],
    keys: Keys,
    by_test: Mapping[str, Floats],
    step: Callable[[str], None],
) -> Copies:
    """Measure the second explanations.

    Args:
        context: what the tests may know.
        tests: the tests of the scan.
        keys: keys of all accounts, ascending.
        by_test: (accounts,) p-values of the tests that ran, by name.
        step: called with the name of each test before it runs.
    """
    find_bulk_sessions(context)

    def measured(*, recognised: bool) -> LibraryCopies | None:
        items = select_copies(context, recognised=recognised)
        return _measure(context, items, tests, keys, by_test, step) if items.keys.size else None

    return Copies(measured(recognised=True), measured(recognised=False))


def _measure(  # noqa: PLR0913, PLR0917 - those of measure_copies, and the items
    context: Context,
    items: BulkItems,
    tests: Sequence[EvidenceTest],
    keys: Keys,
    by_test: Mapping[str, Floats],
    step: Callable[[str], None],
) -> LibraryCopies:
    """Measure the second explanation of the accounts in ``copied_hours``."""
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
    """Return the p-values of the accounts with recognised copies under the likelier explanation.

    Args:
        copies: the second explanation.
        fused: (rows,) p-values of all evidence under the first explanation.
        by_family: (rows,) p-values of each family under the first explanation.
        by_test: (accounts,) p-values of the tests that count toward an accusation, by name.
        families: family of each test, by name.
    """
    rest = {name: p for name, p in copies.by_test.items() if name in by_test}
    suspected, _ = fuse_tests(rest, families, copies.rows.size)
    rest_fused, rest_families = _fused_rest(copies, by_test, families)
    by_copy = np.nan_to_num(rest_fused, nan=1.0) >= fused
    volume = np.fmax(by_family["volume"], np.nan_to_num(rest_families["volume"], nan=1.0))
    chosen = {
        family: np.where(by_copy, rest_families[family], p) for family, p in by_family.items()
    }
    return BothExplanations(
        np.fmax(fused, rest_fused), suspected, {**chosen, "volume": volume}, by_copy
    )


def explain_possible(
    copies: LibraryCopies,
    fused: Floats,
    by_test: Mapping[str, Floats],
    families: dict[str, Family],
) -> Floats:
    """Return (rows,) the p-values that accuse accounts with possible copies.

    Both explanations must fail, and the volume of the second one must pass the gate, too.

    Args:
        copies: the second explanation.
        fused: (rows,) p-values of all evidence under the first explanation, or under the likelier
            one of two.
        by_test: as for :func:`explain`.
        families: as for :func:`explain`.
    """
    rest_fused, rest_families = _fused_rest(copies, by_test, families)
    takes_much = rest_families["volume"] <= VOLUME_GATE
    return np.where(takes_much, np.fmax(fused, rest_fused), 1.0)


def _fused_rest(
    copies: LibraryCopies, by_test: Mapping[str, Floats], families: dict[str, Family]
) -> tuple[Floats, dict[Family, Floats]]:
    """Fuse the evidence of the second explanation that counts toward an accusation."""
    rest = {name: p for name, p in copies.by_test.items() if name in by_test}
    rest |= {name: by_test[name][copies.rows] for name in rest.keys() - LEFT_OUT_OF}
    return fuse_tests(rest, families, copies.rows.size)


def _of_rows(keys: Keys, scores: Scores) -> Floats:
    """Return (keys,) the p-values of some accounts; NaN for those that were not measured."""
    known = np.isin(keys, scores.keys)
    p = np.full(keys.size, np.nan)
    p[known] = scores.p_values[np.searchsorted(scores.keys, keys[known])]
    return p

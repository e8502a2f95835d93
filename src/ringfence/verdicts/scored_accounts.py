"""The accounts of a scan with their p-values and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ringfence.evidence import EvidenceTest, Scores
from ringfence.model.evidence import Evidence
from ringfence.stats.arrays import Columns, Flags, Floats, Keys
from ringfence.verdicts.library_copies import LibraryCopies


@dataclass(frozen=True)
class ScoredAccounts:
    """All accounts of a scan with their evidence: arrays of one length, by ascending account key.

    Attributes:
        accounts: account_key, account, items, uses, first and last (seconds since 1970),
            popularity (use that the holding carries).
        fused: p-values of all evidence combined; accusations rest on them.
        p_values: the smaller of two p-values: the fused one, and that of volume alone, with the
            heavier tail and a floor of :data:`ringfence.verdicts.fusion.FAMILY_FLOOR`. Suspicion
            rests on them.
        expected_false: honest accounts expected at each p-value or below in a scan of this size.
        volume: p-values of the volume family; NaN where nothing was measured.
        selection: p-values of the selection family.
        automation: p-values of the automation family.
        by_test: p-values by test name; NaN where the account could not be measured. They are those
            of the explanation that decided about each account.
        scores: the outcome of each test, by name.
        not_run: (test, reason) of each test that could not run.
        tests: the evidence tests that were to run.
        direct_by_test: p-values by test name with everything that an account did.
        copies: the second explanation of accounts with bulk sessions; None if there are none.
        by_copy: (accounts,) whether the second explanation decided.
        ring_evidence: evidence from membership in a ring, by row.
    """

    accounts: Columns
    fused: Floats
    p_values: Floats
    expected_false: Floats
    volume: Floats
    selection: Floats
    automation: Floats
    by_test: dict[str, Floats]
    scores: dict[str, Scores]
    not_run: tuple[tuple[str, str], ...]
    tests: tuple[EvidenceTest, ...]
    direct_by_test: dict[str, Floats]
    copies: LibraryCopies | None
    by_copy: Flags
    ring_evidence: Mapping[int, Evidence] = field(default_factory=dict)

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """Return the evidence on the account in a row, strongest first."""
        scores, copies = self._scores_of(row), self.copies
        found = [
            _evidence(test, scores[test.name], self.accounts["account_key"][row])
            for test in self.tests
            if test.name in scores
        ]
        if copies is not None and self.by_copy[row]:
            found.append(copies.evidence(int(np.searchsorted(copies.rows, row))))
        found.append(self.ring_evidence.get(row))
        return tuple(sorted((e for e in found if e), key=lambda e: (e.p_value, e.test)))

    def _scores_of(self, row: int) -> dict[str, Scores]:
        """Return the outcomes of the explanation that decided about the account in a row."""
        if self.copies is None or not self.by_copy[row]:
            return self.scores
        measured = self.copies.by_test
        return {n: s for n, s in {**self.scores, **self.copies.scores}.items() if n in measured}

    def most_suspicious_first(self) -> Keys:
        """Return all account keys, those with the smallest selection p-value first.

        The order does not depend on the items that two accounts share, which the search for rings
        requires. Among equal p-values the larger holdings come first.
        """
        selection = np.nan_to_num(self.selection, nan=1.0)
        order = np.lexsort((self.accounts["account_key"], -self.accounts["items"], selection))
        return np.asarray(self.accounts["account_key"][order], dtype=np.uint64)

    def standing(self, row: int) -> tuple[tuple[str, float], ...]:
        """Return (test, share of the measured accounts that are less extreme) for an account."""
        shares = []
        for name, p in self.by_test.items():
            measured = p[~np.isnan(p)]
            if not np.isnan(p[row]) and measured.size > 1:
                shares.append((name, float(np.mean(measured > p[row]))))
        return tuple(shares)


def _evidence(test: EvidenceTest, scores: Scores, key: int) -> Evidence | None:
    row = int(np.searchsorted(scores.keys, key))
    if row == scores.keys.size or scores.keys[row] != key:
        return None
    return Evidence(
        test.name,
        float(scores.observed[row]),
        float(scores.expected[row]),
        float(scores.p_values[row]),
        test.sentence(scores.at(row)),
    )

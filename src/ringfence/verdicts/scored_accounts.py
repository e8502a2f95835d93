"""The accounts of a scan with their p-values and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ringfence.evidence import EvidenceTest, Scores
from ringfence.model.evidence import Evidence
from ringfence.own_past import OwnPast
from ringfence.stats.arrays import Columns, Flags, Floats, Keys
from ringfence.verdicts.library_copies import Copies


@dataclass(frozen=True)
class ScoredAccounts:
    """All accounts of a scan with their evidence: arrays of one length, by ascending account key.

    Attributes:
        accounts: account_key, account, items, uses, first and last (seconds since 1970),
            popularity (use that the holding carries).
        fused: p-values of all evidence combined; accusations rest on them.
        p_values: the smaller of two p-values: the fused one, and that of volume alone, with the
            heavier tail and a floor of :data:`ringfence.verdicts.fusion.FAMILY_FLOOR`. Evidence
            for suspicion only counts, too, with the floor of
            :func:`ringfence.verdicts.error_control.suspicion_begins`. Suspicion rests on them.
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
        copies: the second explanations of accounts with bulk sessions.
        by_copy: (accounts,) whether the second explanation decided.
        own_past: accounts with use from foreign places, compared with their own past.
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
    copies: Copies
    by_copy: Flags
    own_past: OwnPast = field(default_factory=OwnPast.nothing)
    ring_evidence: Mapping[int, Evidence] = field(default_factory=dict)

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """Return the evidence on the account in a row, strongest first."""
        scores = self._scores_of(row)
        found = [
            _evidence(test, scores[test.name], self.accounts["account_key"][row])
            for test in self.tests
            if test.name in scores
        ]
        found.append(self.copies.evidence(row, by_copy=bool(self.by_copy[row])))
        found.append(self.own_past.evidence(int(self.accounts["account_key"][row])))
        found.append(self.ring_evidence.get(row))
        return tuple(sorted((e for e in found if e), key=lambda e: (e.p_value, e.test)))

    def _scores_of(self, row: int) -> dict[str, Scores]:
        """Return the outcomes of the explanation that decided about the account in a row."""
        copies = self.copies.recognised
        if copies is None or not self.by_copy[row]:
            return self.scores
        return {n: s for n, s in {**self.scores, **copies.scores}.items() if n in copies.by_test}

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

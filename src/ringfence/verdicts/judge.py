"""Put every test's question to every account and fuse the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement
from ringfence.evidence import Context, EvidenceTest, Scores, built_in_tests, run_tests
from ringfence.model.evidence import Evidence
from ringfence.stats.arrays import Columns, Floats
from ringfence.verdicts.error_control import expected_false
from ringfence.verdicts.fusion import FAMILY_FLOOR, fuse_tests

ACCOUNTS: Final = Statement(
    "verdicts.accounts",
    """
SELECT p.account_key, a.account, p.items, p.uses, p.first, p.last, p.popularity
FROM portfolio AS p
JOIN accounts AS a ON a.account_key = p.account_key
ORDER BY p.account_key
""",
)


_INNER: Final = ("account_key", "popularity")
"""Columns that mean nothing outside this scan."""


@dataclass(frozen=True)
class ScoredAccounts:
    """All accounts with their evidence; arrays of one length, by ascending account key.

    Attributes:
        accounts: account_key, account, items, uses, first and last (seconds since 1970),
            popularity (use that the holding carries).
        fused: p-value of all evidence together; accusations rest on it.
        p_values: the lesser of this and of how much is taken alone, which counts for no less than
            :data:`ringfence.verdicts.fusion.FAMILY_FLOOR`; suspicion rests on it.
        expected_false: honest accounts that a scan of this size shows at each p-value or below.
        volume: p-value of the family "volume"; NaN where nothing was measured.
        selection: the same of the family "selection".
        automation: the same of the family "automation".
        by_test: p-values by test name; NaN where the account could not be measured.
        scores: each test's own outcome, by name.
        tests: the evidence tests that were asked for.
        not_run: tests that could not run, and why.
        ring_evidence: by row, what is said of an account for being in a ring.
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
    ring_evidence: Mapping[int, Evidence] = field(default_factory=dict)

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """Return the evidence on the account in a row, strongest first."""
        found = [
            _evidence(test, self.scores[test.name], self.accounts["account_key"][row])
            for test in self.tests
            if test.name in self.scores
        ]
        found.append(self.ring_evidence.get(row))
        return tuple(sorted((e for e in found if e), key=lambda e: (e.p_value, e.test)))

    def most_suspicious_first(self) -> npt.NDArray[np.uint64]:
        """Return all account keys, those whose way of choosing items is the most_suspicious first.

        It does not depend on what two accounts have in common, as the search for rings wants it.
        """
        odd = np.nan_to_num(self.selection, nan=1.0)
        order = np.lexsort((self.accounts["account_key"], -self.accounts["items"], odd))
        return np.asarray(self.accounts["account_key"][order], dtype=np.uint64)

    def standing(self, row: int) -> tuple[tuple[str, float], ...]:
        """Return by test which share of the measured accounts is less extreme than this one."""
        shares = []
        for name, p in self.by_test.items():
            measured = p[~np.isnan(p)]
            if not np.isnan(p[row]) and measured.size > 1:
                shares.append((name, float(np.mean(measured > p[row]))))
        return tuple(shares)

    def table(self, said: Columns) -> Columns:
        """Return all accounts as columns, with what is said of each and every test's p-values."""
        named = {k: v for k, v in self.accounts.items() if k not in _INNER}
        tests = {f"p_{name}": p for name, p in self.by_test.items()}
        return {**named, **said, "p_value": self.p_values, **tests}


def judge(
    context: Context,
    step: Callable[[str], None],
    tests: Sequence[EvidenceTest] | None = None,
) -> ScoredAccounts:
    """Run evidence tests on all accounts and fuse their p-values.

    Args:
        context: what the tests may know.
        step: called with the name of each test before it runs.
        tests: the tests to run, such as :func:`ringfence.evidence.all_tests`; the built-in tests
            by default.

    Raises:
        EvidenceTestError: a test of another package fails or returns unusable scores.
    """
    tests = built_in_tests() if tests is None else tuple(tests)
    accounts = context.engine.columns(ACCOUNTS)
    keys = accounts["account_key"]
    scores, not_run = run_tests(tests, context, keys, step)
    by_test = {name: _aligned(keys, s) for name, s in scores.items()}
    return judge_tests(accounts, by_test, scores, not_run, tests)


def judge_tests(
    accounts: Columns,
    by_test: dict[str, Floats],
    scores: dict[str, Scores],
    not_run: tuple[tuple[str, str], ...],
    tests: Sequence[EvidenceTest] | None = None,
) -> ScoredAccounts:
    """Fuse the p-values of the tests that ran; see :class:`ScoredAccounts`."""
    tests = built_in_tests() if tests is None else tuple(tests)
    families = {test.name: test.family for test in tests}
    fused, by_family = fuse_tests(by_test, families, accounts["account_key"].size)
    volume = by_family["volume"]
    p_values = np.fmin(fused, np.maximum(volume, FAMILY_FLOOR))
    return ScoredAccounts(
        accounts=accounts,
        fused=fused,
        p_values=p_values,
        expected_false=expected_false(p_values),
        volume=volume,
        selection=by_family["selection"],
        automation=by_family["automation"],
        by_test=by_test,
        scores=scores,
        not_run=not_run,
        tests=tests,
    )


def save_accounts(engine: Engine, scored: ScoredAccounts, verdicts: Columns) -> None:
    """Make the temp table ``scored_accounts``: one row an account with all its p-values."""
    engine.table(
        "scored_accounts",
        {
            "account_key": scored.accounts["account_key"],
            **verdicts,
            "p_value": scored.p_values,
            **{f"p_{name}": p for name, p in scored.by_test.items()},
        },
    )


def _aligned(keys: np.ndarray, scores: Scores) -> Floats:
    """Spread a test's p-values over all accounts, NaN where it measured nothing."""
    p = np.full(keys.size, np.nan)
    p[np.searchsorted(keys, scores.keys)] = scores.p_values
    return p


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

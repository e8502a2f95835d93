"""Run every evidence test on every account, and fuse the p-values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.evidence import Context, EvidenceTest, Scores, built_in_tests, run_tests
from ringfence.model.tables import SCORED_ACCOUNTS
from ringfence.stats.arrays import Columns, Floats, Keys
from ringfence.verdicts.error_control import expected_false
from ringfence.verdicts.fusion import FAMILY_FLOOR, fuse_tests
from ringfence.verdicts.scored_accounts import ScoredAccounts

ACCOUNTS_TO_SCORE: Final = Statement(
    "verdicts.accounts",
    """
SELECT p.account_key, a.account, p.items, p.uses, p.first, p.last, p.popularity
FROM portfolio AS p
JOIN accounts AS a ON a.account_key = p.account_key
ORDER BY p.account_key
""",
)


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
    accounts = context.engine.columns(ACCOUNTS_TO_SCORE)
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
    keys = accounts["account_key"]
    fused, by_family = fuse_tests(by_test, families, keys.size)
    volume = by_family["volume"]
    _, alone = fuse_tests(_alone(keys, by_test, scores), families, keys.size)
    p_values = np.fmin(fused, np.maximum(alone["volume"], FAMILY_FLOOR))
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
    """Make the temporary table ``scored_accounts``: one row per account with all its p-values."""
    engine.table(
        SCORED_ACCOUNTS,
        {
            "account_key": scored.accounts["account_key"],
            **verdicts,
            "p_value": scored.p_values,
            **{f"p_{name}": p for name, p in scored.by_test.items()},
        },
    )


def _alone(keys: Keys, by_test: dict[str, Floats], scores: dict[str, Scores]) -> dict[str, Floats]:
    """Return the p-values of tests with which each may make a suspect without other evidence."""
    own = {name: one.alone for name, one in scores.items() if name in by_test}
    heavier = {
        name: _spread(keys, scores[name].keys, p) for name, p in own.items() if p is not None
    }
    return by_test | heavier


def _aligned(keys: Keys, scores: Scores) -> Floats:
    """Return (accounts,) a test's p-values; NaN for accounts that it did not measure."""
    return _spread(keys, scores.keys, scores.p_values)


def _spread(keys: Keys, measured: Keys, values: Floats) -> Floats:
    p = np.full(keys.size, np.nan)
    p[np.searchsorted(keys, measured)] = values
    return p

"""Run every evidence test on every account, and fuse the p-values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.evidence import Context, EvidenceTest, Family, Scores, built_in_tests, run_tests
from ringfence.model.tables import SCORED_ACCOUNTS
from ringfence.own_past import measure_own_past
from ringfence.stats.arrays import Columns, Flags, Floats, Keys, Rows
from ringfence.verdicts.canary_use import gate_opened, with_canaries, without_canaries
from ringfence.verdicts.error_control import expected_false, suspicion_begins
from ringfence.verdicts.fusion import FAMILY_FLOOR, fuse_tests
from ringfence.verdicts.library_copies import (
    Copies,
    LibraryCopies,
    explain,
    explain_possible,
    measure_copies,
)
from ringfence.verdicts.scored_accounts import ScoredAccounts

PValueUse = Literal["alone", "accusing"]

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
    copies = measure_copies(context, tests, keys, by_test, step)
    own_past = measure_own_past(context.engine)
    scored = judge_tests(accounts, by_test, scores, not_run, tests, copies)
    return replace(scored, own_past=own_past)


def judge_tests(  # noqa: PLR0913, PLR0917 - all that was measured
    accounts: Columns,
    by_test: dict[str, Floats],
    scores: dict[str, Scores],
    not_run: tuple[tuple[str, str], ...],
    tests: Sequence[EvidenceTest] | None = None,
    copies: Copies = Copies(),  # noqa: B008 - frozen
) -> ScoredAccounts:
    """Fuse the p-values of the tests that ran; see :class:`ScoredAccounts`.

    Args:
        accounts: facts about all accounts.
        by_test: (accounts,) p-values of each test that ran, by name.
        scores: the outcome of each test, by name.
        not_run: tests that could not run, each with the reason.
        tests: the tests of the scan; the built-in tests by default.
        copies: the second explanations of accounts with bulk sessions.
    """
    tests = built_in_tests() if tests is None else tuple(tests)
    families = {test.name: test.family for test in tests}
    keys = accounts["account_key"]
    all_p_values, measured_by_test = by_test, without_canaries(by_test)
    by_test = measured_by_test | _own(keys, measured_by_test, scores, "accusing")
    fused, by_family = fuse_tests(by_test, families, keys.size)
    suspected = _suspected(fused, measured_by_test, by_test, families)
    amounts = {name: p for name, p in by_test.items() if families[name] == "volume"}
    amounts |= _own(keys, amounts, scores, "alone")
    _, alone = fuse_tests(amounts, families, keys.size)
    direct_by_test, by_copy = all_p_values, np.zeros(fused.size, dtype=bool)
    if copies.recognised is not None:
        rows = copies.recognised.rows
        measured = {family: p[rows] for family, p in by_family.items()}
        explained = explain(copies.recognised, fused[rows], measured, by_test, families)
        fused = _replaced(fused, rows, explained.fused)
        by_family = {
            family: _replaced(p, rows, explained.by_family[family])
            for family, p in by_family.items()
        }
        by_copy[rows] = explained.by_copy
        suspected = _replaced(suspected, rows, np.fmax(suspected[rows], explained.rest))
        measured_by_test = _without_bulk(measured_by_test, copies.recognised, explained.by_copy)
    if copies.possible is not None:
        rows = copies.possible.rows
        accusing = explain_possible(copies.possible, fused[rows], by_test, families)
        fused = _replaced(fused, rows, accusing)
    volume = by_family["volume"]
    # The volume of an account with a copy is that of its explanation, which has one tail only.
    heavier = np.where(by_copy, volume, np.fmax(volume, alone["volume"]))
    much = np.maximum(heavier, FAMILY_FLOOR)
    p_values = np.fmin(fused, np.fmin(much, np.maximum(suspected, suspicion_begins(keys.size))))
    return ScoredAccounts(
        accounts=accounts,
        fused=with_canaries(fused, all_p_values),
        p_values=with_canaries(p_values, all_p_values),
        expected_false=expected_false(with_canaries(p_values, all_p_values)),
        volume=gate_opened(volume, all_p_values),
        selection=by_family["selection"],
        automation=by_family["automation"],
        by_test=all_p_values | measured_by_test,
        scores=scores,
        not_run=not_run,
        tests=tests,
        direct_by_test=direct_by_test,
        copies=copies,
        by_copy=by_copy,
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


def _without_bulk(
    by_test: dict[str, Floats], copies: LibraryCopies, by_copy: Flags
) -> dict[str, Floats]:
    """Return the p-values by test of the explanation that decided about each account."""
    nothing = np.full(copies.rows.size, np.nan)
    return {
        name: _replaced(p, copies.rows[by_copy], copies.by_test.get(name, nothing)[by_copy])
        for name, p in by_test.items()
    }


def _replaced(values: Floats, rows: Rows, by: Floats) -> Floats:
    """Return a copy of the values with some rows replaced."""
    replaced = values.copy()
    replaced[rows] = by
    return replaced


def _suspected(
    fused: Floats,
    by_test: dict[str, Floats],
    accusing: dict[str, Floats],
    families: dict[str, Family],
) -> Floats:
    """Return the fused p-values, with the evidence that counts for suspicion only."""
    differs = np.any([by_test[name] < p for name, p in accusing.items()], axis=0)
    rows = np.flatnonzero(differs)
    part = {name: p[rows] for name, p in by_test.items()}
    return _replaced(fused, rows, fuse_tests(part, families, rows.size)[0])


def _own(
    keys: Keys, by_test: dict[str, Floats], scores: dict[str, Scores], use: PValueUse
) -> dict[str, Floats]:
    """Return the p-values of the tests that give p-values of their own for a use; see `Scores`."""
    own = {name: getattr(one, use) for name, one in scores.items() if name in by_test}
    return {name: _spread(keys, scores[name].keys, p) for name, p in own.items() if p is not None}


def _aligned(keys: Keys, scores: Scores) -> Floats:
    """Return (accounts,) a test's p-values; NaN for accounts that it did not measure."""
    return _spread(keys, scores.keys, scores.p_values)


def _spread(keys: Keys, measured: Keys, values: Floats) -> Floats:
    p = np.full(keys.size, np.nan)
    p[np.searchsorted(keys, measured)] = values
    return p

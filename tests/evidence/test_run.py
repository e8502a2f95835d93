"""Running tests: scores are assigned to the right accounts or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from ringfence.errors import EvidenceTestError, LedgerError
from ringfence.evidence import CannotRun, Context, EvidenceTest, Scores, run_tests
from ringfence.evidence.volume import Volume
from ringfence.stats.arrays import Keys
from ringfence.testing import small_ledger, users


@pytest.fixture(scope="module")
def context() -> Iterator[Context]:
    """Return a small ledger of users."""
    with small_ledger(users(30)) as context:
        yield context


@pytest.fixture(scope="module")
def accounts(context: Context) -> Keys:
    """Return the keys of all accounts."""
    return context.engine.columns("SELECT account_key FROM portfolio ORDER BY account_key")[
        "account_key"
    ]


def changed(change: Callable[[Scores], Scores]) -> EvidenceTest:
    """Return a test whose scores are changed afterwards."""

    class OtherScores(Volume):
        """Volume with other scores."""

        name = "changed"

        def score(self, context: Context) -> Scores:
            """Score as volume does, then change the scores."""
            return change(super().score(context))

    return OtherScores()


def failing(error: Exception) -> EvidenceTest:
    """Return a test that raises an error."""

    def fail(_: Scores) -> Scores:
        raise error

    return changed(fail)


def test_scores_are_returned_by_name(context: Context, accounts: Keys) -> None:
    """Each test is announced, then run; a test that cannot run gives its reason."""
    told: list[str] = []
    tests = (Volume(), failing(CannotRun("no moon")))
    scores, not_run = run_tests(tests, context, accounts, told.append)
    assert told == ["volume", "changed"]
    assert scores.keys() == {"volume"}
    assert not_run == (("changed", "no moon"),)
    assert np.array_equal(scores["volume"].keys, accounts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: replace(s, keys=s.keys + np.uint64(1)), "belong to no account"),
        (lambda s: replace(s, keys=s.keys[::-1]), "not ascending"),
        (lambda s: replace(s, keys=np.repeat(s.keys[:1], s.keys.size)), "not ascending"),
        (lambda s: replace(s, p_values=s.p_values[:-1]), "differ in length"),
        (lambda s: replace(s, details={"window": np.zeros(1)}), "differ in length"),
        (lambda s: replace(s, p_values=s.p_values * 0), r"not in \(0, 1\]"),
        (lambda s: replace(s, p_values=s.p_values * np.nan), r"not in \(0, 1\]"),
        (lambda s: replace(s, p_values=s.p_values + 1), r"not in \(0, 1\]"),
    ],
)
def test_unusable_scores_are_refused(
    context: Context, accounts: Keys, change: Callable[[Scores], Scores], message: str
) -> None:
    """Scores that would be assigned to a wrong account stop the scan, and the test is named."""
    with pytest.raises(EvidenceTestError, match=f"evidence test 'changed': .*{message}"):
        run_tests((changed(change),), context, accounts, lambda _: None)


def test_a_failure_of_another_packages_test_is_named(context: Context, accounts: Keys) -> None:
    """The message has the name of the test and of the exception, which is kept as the cause."""
    test = failing(ZeroDivisionError("by zero"))
    with pytest.raises(EvidenceTestError, match="'changed': failed: ZeroDivisionError") as raised:
        run_tests((test,), context, accounts, lambda _: None)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_errors_of_ringfence_pass_through(context: Context, accounts: Keys) -> None:
    """An error that already says what, where and what next is not wrapped."""
    with pytest.raises(LedgerError, match="disk full"):
        run_tests((failing(LedgerError("disk full")),), context, accounts, lambda _: None)

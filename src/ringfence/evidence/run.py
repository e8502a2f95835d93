"""Run evidence tests, and refuse scores that would be assigned to the wrong accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ringfence.errors import EvidenceTestError, RingfenceError
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.evidence.registry import built_in_tests
from ringfence.stats.arrays import Keys
from ringfence.stats.calibration import CannotRun
from ringfence.stats.sorted_keys import are_known

NotRun = tuple[tuple[str, str], ...]
"""Tests that could not run, each with the reason."""


def run_tests(
    tests: Sequence[EvidenceTest], context: Context, accounts: Keys, step: Callable[[str], None]
) -> tuple[dict[str, Scores], NotRun]:
    """Run tests in order and return their scores by name, and the tests that could not run.

    Args:
        tests: the tests, of distinct names.
        context: what the tests may know.
        accounts: keys of all accounts, ascending.
        step: called with the name of each test before it runs.

    Raises:
        EvidenceTestError: a test of another package fails, or a test returns unusable scores.
    """
    scores: dict[str, Scores] = {}
    not_run: list[tuple[str, str]] = []
    for test in tests:
        step(test.name)
        try:
            scores[test.name] = _score(test, context)
        except CannotRun as reason:
            not_run.append((test.name, str(reason)))
            continue
        _check(test, scores[test.name], accounts)
    return scores, tuple(not_run)


def _score(test: EvidenceTest, context: Context) -> Scores:
    """Run one test; the failure of another package's test names that test."""
    if test in built_in_tests():
        return test.score(context)
    try:
        return test.score(context)
    except (CannotRun, RingfenceError):
        raise
    except Exception as error:
        raise _unusable(test, f"failed: {type(error).__name__}: {error}") from error


def _check(test: EvidenceTest, scores: Scores, accounts: Keys) -> None:
    """Refuse scores of unknown accounts, and numbers that cannot be p-values."""
    problem = _problem(scores, accounts)
    if problem:
        raise _unusable(test, f"returned scores that cannot be used: {problem}")


def _problem(scores: Scores, accounts: Keys) -> str:
    """Return what is wrong with scores; empty if nothing is."""
    keys, p = np.asarray(scores.keys), np.asarray(scores.p_values)
    own = [p if one is None else np.asarray(one) for one in (scores.alone, scores.accusing)]
    arrays = (p, *own, scores.observed, scores.expected, *scores.details.values())
    if any(np.shape(array) != keys.shape for array in arrays):
        return "the arrays differ in length"
    if (keys[1:] <= keys[:-1]).any():
        return "the keys are not ascending"
    if not are_known(accounts, keys).all():
        return "some keys belong to no account"
    if not all(((one > 0) & (one <= 1)).all() for one in (p, *own)):
        return "some p-values are not in (0, 1]"
    return ""


def _unusable(test: EvidenceTest, what: str) -> EvidenceTestError:
    return EvidenceTestError(
        what,
        where=f"evidence test {test.name!r}",
        hint="check the test with ringfence.testing",
    )

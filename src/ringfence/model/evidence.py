"""The record that crosses the wall from evidence to verdicts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """The outcome of one test on one account.

    Attributes:
        test: name of the test, as in the reference.
        observed: what was measured, in the test's own unit.
        expected: the median among users, same unit.
        p_value: chance that a user shows as much or more, in (0, 1].
        sentence: one sentence with the numbers, for a reviewer.
    """

    test: str
    observed: float
    expected: float
    p_value: float
    sentence: str

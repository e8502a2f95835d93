"""Compute the p-value of a cohort: too few repeats, or too many continuations.

The number of strangers' pairs X is lowered by two standard errors before the expected repeats are
computed. Repeats come in runs, because people take neighbouring items; counts are divided by the
mean length of the runs. If each request has an address of its own, a run goes on in other visitors
(:mod:`ringfence.rings.crowd.sessions`). Tastes of cohorts differ, so the expectation varies by a
gamma-distributed factor of shape :data:`COHORT_K`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.rings.crowd.continuation import EXACT_CHANCE
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.binomial import log_upper_tail_bound
from ringfence.stats.negative_binomial import log_lower_tail
from ringfence.stats.overdispersion import STANDARD_ERRORS

COHORT_K: Final = 8.0
"""Dispersion parameter of repeats between cohorts: their expectation varies by 35 %. Assumed. It is
not measured on the other cohorts, because one crowd is part of many of them. A finding needs less
than about an eighth of the expected repeats, however many are expected."""

TESTS: Final = 2
"""Repeats and continuations; the smaller p-value counts twice (Bonferroni)."""


@dataclass(frozen=True)
class Repeats:
    """Repeats of the cohorts.

    Attributes:
        observed: (cohorts,) pairs of visitors with a common item, summed over items.
        expected: (cohorts,) the same for independent visitors.
        index_of_dispersion: (cohorts,) mean length of a run of items, of one visitor or several.
        log_p: (cohorts,) ln P(at most this many).
    """

    observed: Floats
    expected: Floats
    index_of_dispersion: Floats
    log_p: Floats


def score_repeats(counts: Columns, sessions: Columns | None = None) -> Repeats:
    """Return the repeats of each cohort.

    Args:
        counts: from :func:`~ringfence.rings.crowd.repeats.count_shared`.
        sessions: from :func:`~ringfence.rings.crowd.sessions.measure_sessions`, for some cohorts.
            The p-value of a cohort without is too low if its readers change their addresses.
    """
    held, strangers = counts["held"], np.maximum(counts["strangers"], 1.0)
    runs = np.maximum(counts["runs"] / counts["items"], 1.0)
    if sessions is not None:
        runs[np.searchsorted(counts["cohort"], sessions["cohort"])] += sessions["more"]
    crossing = counts["crossing"]
    crossing = np.maximum(crossing - STANDARD_ERRORS * np.sqrt(runs * crossing), 0.0)
    pairs = 1.0 - counts["squares"] / counts["items"] ** 2
    expected = crossing * held * pairs / (2.0 * strangers)
    log_p = [
        log_lower_tail(seen, mean, COHORT_K, run) if seen < mean else 0.0
        for seen, mean, run in zip(counts["observed"], expected, runs, strict=True)
    ]
    return Repeats(counts["observed"], expected, runs, np.array(log_p, dtype=np.float64))


def score_continuations(cohorts: Floats, continued: Columns) -> Floats:
    """Return (cohorts,) ln P(at least this many continuations); 0 for cohorts that have none.

    Args:
        cohorts: numbers of the cohorts, ascending.
        continued: from :func:`~ringfence.rings.crowd.continuation.count_continued`.
    """
    log_p = np.zeros(len(cohorts))
    rows = np.searchsorted(cohorts, continued["cohort"])
    log_p[rows] = log_upper_tail_bound(continued["exact"], continued["near"], EXACT_CHANCE)
    return log_p


def continuing_visitors(cohorts: Floats, continued: Columns) -> Floats:
    """Return (cohorts,) the visitors that continue the one before them, if this is evidence.

    Args:
        cohorts: numbers of the cohorts, ascending.
        continued: from :func:`~ringfence.rings.crowd.continuation.count_continued`.
    """
    visitors = np.zeros(len(cohorts))
    more = continued["exact"] > EXACT_CHANCE * continued["near"]
    visitors[np.searchsorted(cohorts, continued["cohort"][more])] = continued["exact"][more]
    return visitors


def log_p_values(one: Repeats, other: Repeats, continuations: Floats) -> Floats:
    """Return (cohorts,) ln p of each cohort, corrected for the two tests.

    Args:
        one: repeats with one half of the strangers.
        other: repeats with the other half; the less certain of the two counts.
        continuations: from :func:`score_continuations`.
    """
    repeats = np.maximum(one.log_p, other.log_p)
    return np.asarray(np.minimum(np.minimum(repeats, continuations) + np.log(TESTS), 0.0))

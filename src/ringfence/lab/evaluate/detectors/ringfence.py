"""Ringfence as a detector: alone, with rings, with a chosen threshold, without one test."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.evidence import built_in_tests
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.stats.arrays import Floats, Keys, Names
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge_tests
from ringfence.verdicts.error_control import VOLUME_GATE

EXTRACTING_SCORE: Final = 2.0
"""The score of the verdict that accuses."""

SUSPECT_SCORE: Final = 1.0
"""The score of the verdict that asks for a review."""


class Ringfence(Detector):
    """The verdicts on single accounts at the operator's false accusation rate.

    The verdicts do not know the truth. They miss accounts that take at most as much as users do.
    """

    name = "ringfence"
    about = "the verdict extracting at the operator's false accusation rate"
    threshold = EXTRACTING_SCORE

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return 2 for extracting, 1 for suspect and 0 for all others."""
        return ledger.keys, score_labels(ledger.labels)


class RingfenceWithRings(Detector):
    """Accounts that are accused one by one, and members of any ring that a scan finds.

    A ring is a finding with either verdict, so every member counts as found, or as an accused user.
    Suspects outside rings do not count. Differences from :class:`Ringfence` are therefore due to
    rings only. A replay searches for rings at the moments of
    :func:`~ringfence.lab.evaluate.verdict_times.search_times`.
    """

    name = "ringfence, with rings"
    about = (
        "the verdict extracting, or membership in a ring; a replay searches for rings when the "
        "attack's joint holding has grown by a quarter since the last search"
    )
    threshold = SUSPECT_SCORE

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return 2 for extracting alone or in such a ring, 1 for other rings' members, else 0."""
        scores = np.where(ledger.combined.labels == "extracting", EXTRACTING_SCORE, 0.0)
        for ring in ledger.combined.rings:
            score = EXTRACTING_SCORE if ring.verdict == "extracting" else SUSPECT_SCORE
            scores[ring.rows] = np.maximum(scores[ring.rows], score)
        return ledger.keys, scores


class RingfenceBestThreshold(Detector):
    """The same evidence with a threshold chosen as for the baselines, to compare like with like."""

    name = "ringfence, threshold as the baselines"
    about = (
        "-log10 of the fused p-value; the best threshold that accuses no user, chosen afterwards"
    )
    threshold = None

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return -log10 of the fused p-values; 0 for accounts that do not pass the volume gate."""
        scored = ledger.scored
        return ledger.keys, np.where(scored.volume <= VOLUME_GATE, -np.log10(scored.fused), 0.0)


class RingfenceWithout(Detector):
    """Ringfence without one evidence test, to measure what the test adds in a replay.

    A test may add nothing against the planted attacks and still be needed against others.

    Args:
        test: name of the test to leave out.
    """

    threshold = EXTRACTING_SCORE

    def __init__(self, test: str) -> None:
        self.name = f"ringfence without {test}"
        self.about = f"its verdict without the evidence of {test}"
        self._test = test

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return 2 for extracting, 1 for suspect and 0 for all others."""
        scored = without_test(ledger.scored, self._test)
        rate = ledger.settings.verdicts.false_accusation_rate
        return ledger.keys, score_labels(account_verdicts(scored, rate))


def leave_one_out() -> tuple[Detector, ...]:
    """Return Ringfence without each evidence test in turn."""
    return tuple(RingfenceWithout(test.name) for test in built_in_tests())


def without_test(scored: ScoredAccounts, test: str) -> ScoredAccounts:
    """Fuse the evidence again without one test; the measured evidence stays as it is.

    Args:
        scored: all accounts.
        test: name of the test; an unknown name leaves out nothing.
    """
    by_test = {name: p for name, p in scored.direct_by_test.items() if name != test}
    return judge_tests(
        scored.accounts, by_test, scored.scores, scored.not_run, scored.tests, scored.copies
    )


def score_labels(labels: Names) -> Floats:
    """Return (accounts,) the score of each verdict."""
    return np.select(
        [labels == "extracting", labels == "suspect"], [EXTRACTING_SCORE, SUSPECT_SCORE], 0.0
    )

"""What each evidence test adds: the verdicts without it.

Evidence is measured once; only the fusing is done again, so this costs next to nothing. A test may
be silent on every attack here and still be needed against others: the table says what it adds on
these.
"""

from __future__ import annotations

import numpy as np

from ringfence.evidence import built_in_tests
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.detectors.ringfence import EXTRACTING, by_verdict
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge_tests


class Without(Detector):
    """Ringfence without one evidence test, as a detector: a replay tells when it finds whom.

    Args:
        test: name of the test to leave out.
        rate: the operator's rate of false accusations.
    """

    threshold = EXTRACTING

    def __init__(self, test: str, rate: float) -> None:
        self.name = f"ringfence without {test}"
        self.about = f"its verdict with the evidence of {test} left out"
        self._test = test
        self._rate = rate

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return 2 for extracting, 1 for suspect, 0 else."""
        keys = np.asarray(snapshot.scored.accounts["account_key"], dtype=np.uint64)
        return keys, by_verdict(account_verdicts(without(snapshot.scored, self._test), self._rate))


def leave_one_out(rate: float) -> tuple[Detector, ...]:
    """Return Ringfence without each evidence test in turn, as detectors for a replay."""
    return tuple(Without(test.name, rate) for test in built_in_tests())


def without(scored: ScoredAccounts, test: str) -> ScoredAccounts:
    """Fuse again without a test, which leaves the evidence as it was; unknown names leave all."""
    by_test = {name: p for name, p in scored.by_test.items() if name != test}
    return judge_tests(scored.accounts, by_test, scored.scores, scored.not_run, scored.tests)

"""What each evidence test adds: the verdicts without it.

Evidence is measured once; only the fusing is done again, so this costs next to nothing. A test may
be silent on every attack here and still be needed against others: the table says what it adds on
these.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from ringfence.evaluate.detectors.detector import Detector, Floats, Keys
from ringfence.evaluate.detectors.ringfence import EXTRACTING, by_verdict
from ringfence.evaluate.snapshot import Snapshot
from ringfence.evidence import TESTS
from ringfence.verdicts import Judged, judge_tests, verdicts


@dataclass(frozen=True)
class Contribution:
    """What one evidence test adds at one moment.

    Attributes:
        test: its name.
        found: extractors found with all tests.
        found_without: extractors found without this one.
        strength: median over the extractors of how much -log10 of the fused p-value loses without
            it; negative where the test speaks for them.
        accused: readers accused with all tests.
        accused_without: readers accused without this one.
    """

    test: str
    found: int
    found_without: int
    strength: float
    accused: int
    accused_without: int


class Without(Detector):
    """Ringfence without one evidence test, as a detector: a replay tells when it finds whom.

    Without the only test of the family "taking" the gate stays shut, and nobody is found.

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
        keys = np.asarray(snapshot.judged.accounts["account_key"], dtype=np.uint64)
        return keys, by_verdict(verdicts(without(snapshot.judged, self._test), self._rate))


def leave_one_out(rate: float) -> tuple[Detector, ...]:
    """Return Ringfence without each evidence test in turn, as detectors for a replay."""
    return tuple(Without(test.name, rate) for test in TESTS)


def without(judged: Judged, test: str) -> Judged:
    """Fuse again without a test, which leaves the evidence as it was; unknown names leave all."""
    by_test = {name: p for name, p in judged.by_test.items() if name != test}
    return judge_tests(judged.accounts, by_test, judged.scores, judged.not_run)


def contributions(
    judged: Judged, extractors: Container[str], rate: float
) -> tuple[Contribution, ...]:
    """Say what each test that ran adds to what is found at this moment.

    Args:
        judged: all accounts with their evidence.
        extractors: names of the accounts that extract.
        rate: the operator's rate of false accusations.
    """
    guilty = np.array([name in extractors for name in judged.accounts["account"]], dtype=bool)
    found, accused = _counts(judged, guilty, rate)
    rows = []
    for test in judged.by_test:
        fewer = without(judged, test)
        lost = np.log10(fewer.fused[guilty]) - np.log10(judged.fused[guilty])
        strength = float(np.median(lost)) if lost.size else 0.0
        found_without, accused_without = _counts(fewer, guilty, rate)
        rows.append(Contribution(test, found, found_without, strength, accused, accused_without))
    return tuple(rows)


def _counts(judged: Judged, guilty: np.ndarray, rate: float) -> tuple[int, int]:
    """Count the extractors found and the readers accused."""
    accused = verdicts(judged, rate) == "extracting"
    return int((accused & guilty).sum()), int((accused & ~guilty).sum())

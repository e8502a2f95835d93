"""Leaving one test out: fused as a scan fuses, but without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evidence import built_in_tests
from ringfence.lab.evaluate.detectors import Ringfence
from ringfence.lab.evaluate.leave_one_out import leave_one_out, without
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.testing import extractor, small_ledger, together, users
from ringfence.testing.small_ledger import SMALL
from ringfence.verdicts import account_verdicts, judge

RATE = 0.01


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Sixty users and a bold extractor."""
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    with small_ledger(together(users(60), bold)) as context:
        scored = judge(context, lambda _: None)
        yield Snapshot(0, context, scored, account_verdicts(scored, RATE), SMALL)


def test_leaving_nothing_out_is_what_a_scan_fuses(snapshot: Snapshot) -> None:
    """The same evidence gives the same p-values, to the last bit."""
    again = without(snapshot.scored, "no such test")
    assert np.array_equal(again.p_values, snapshot.scored.p_values)
    assert np.array_equal(again.volume, snapshot.scored.volume, equal_nan=True)


def test_only_the_test_left_out_is_missing(snapshot: Snapshot) -> None:
    """The evidence of all other tests is as it was, and p-values change."""
    fewer = without(snapshot.scored, "novelty")
    assert fewer.by_test.keys() == snapshot.scored.by_test.keys() - {"novelty"}
    assert not np.array_equal(fewer.p_values, snapshot.scored.p_values)
    assert np.array_equal(fewer.volume, snapshot.scored.volume, equal_nan=True)


def test_detectors_for_a_replay(snapshot: Snapshot) -> None:
    """Each test has a detector without it, which judges by the evidence that is left."""
    detectors = {d.name: d for d in leave_one_out(RATE)}
    assert len(detectors) == len(built_in_tests())
    keys, full = Ringfence().scores(snapshot)
    bold = list(snapshot.scored.accounts["account"]).index("bold")
    for test in snapshot.scored.by_test:
        detector = detectors[f"ringfence without {test}"]
        found, scores = detector.scores(snapshot)
        left = account_verdicts(without(snapshot.scored, test), RATE)[bold]
        assert np.array_equal(found, keys)
        assert (scores[bold] == detector.threshold) == (left == "extracting")
    assert full[bold] == 2.0

"""Leaving one test out: fused as a scan fuses, but without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evaluate.detectors import Ringfence
from ringfence.evaluate.leave_one_out import leave_one_out, without
from ringfence.evaluate.snapshot import Snapshot
from ringfence.evidence import TESTS
from ringfence.testing import extractor, readers, small_ledger, together
from ringfence.testing.small_ledger import SMALL
from ringfence.verdicts import judge, verdicts

RATE = 0.01


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Sixty readers and a bold extractor."""
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    with small_ledger(together(readers(60), bold)) as context:
        judged = judge(context, lambda _: None)
        yield Snapshot(0, context, judged, verdicts(judged, RATE), SMALL)


def test_leaving_nothing_out_is_what_a_scan_fuses(snapshot: Snapshot) -> None:
    """The same evidence gives the same p-values, to the last bit."""
    again = without(snapshot.judged, "no such test")
    assert np.array_equal(again.p_values, snapshot.judged.p_values)
    assert np.array_equal(again.taking, snapshot.judged.taking, equal_nan=True)


def test_only_the_test_left_out_is_missing(snapshot: Snapshot) -> None:
    """The evidence of all other tests is as it was, and p-values change."""
    fewer = without(snapshot.judged, "novelty")
    assert fewer.by_test.keys() == snapshot.judged.by_test.keys() - {"novelty"}
    assert not np.array_equal(fewer.p_values, snapshot.judged.p_values)
    assert np.array_equal(fewer.taking, snapshot.judged.taking, equal_nan=True)


def test_detectors_for_a_replay(snapshot: Snapshot) -> None:
    """Each test has a detector without it, which judges by the evidence that is left."""
    detectors = {d.name: d for d in leave_one_out(RATE)}
    assert len(detectors) == len(TESTS)
    keys, full = Ringfence().scores(snapshot)
    bold = list(snapshot.judged.accounts["account"]).index("bold")
    for test in snapshot.judged.by_test:
        detector = detectors[f"ringfence without {test}"]
        found, scores = detector.scores(snapshot)
        left = verdicts(without(snapshot.judged, test), RATE)[bold]
        assert np.array_equal(found, keys)
        assert (scores[bold] == detector.threshold) == (left == "extracting")
    assert full[bold] == 2.0

"""Leaving one test out: fused as a scan fuses, but without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evaluate.detectors import Ringfence
from ringfence.evaluate.leave_one_out import contributions, leave_one_out, without
from ringfence.evaluate.snapshot import Snapshot
from ringfence.evidence import TESTS
from ringfence.testing import extractor, readers, small_ledger, together
from ringfence.verdicts import judge, verdicts

RATE = 0.01


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Sixty readers and a bold extractor."""
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    with small_ledger(together(readers(60), bold)) as context:
        judged = judge(context, lambda _: None)
        yield Snapshot(0, context, judged, verdicts(judged, RATE))


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


def test_contributions(snapshot: Snapshot) -> None:
    """Every test that ran has a row, and says how much weaker the evidence is without it."""
    rows = {row.test: row for row in contributions(snapshot.judged, {"bold"}, RATE)}
    assert rows.keys() == snapshot.judged.by_test.keys()
    assert {row.found for row in rows.values()} == {1}
    assert {row.accused for row in rows.values()} == {0}
    assert rows["volume"].strength > 0.5 > abs(rows["overlap"].strength)
    assert rows["client"].found_without == 1


def test_readers_accused_are_counted_apart(snapshot: Snapshot) -> None:
    """Who is accused and does not extract counts as an accused reader."""
    row = contributions(snapshot.judged, (), RATE)[0]
    assert (row.found, row.accused, row.strength) == (0, 1, 0.0)


def test_detectors_for_a_replay(snapshot: Snapshot) -> None:
    """Each test has a detector without it, which agrees with the contributions at that moment."""
    detectors = {d.name: d for d in leave_one_out(RATE)}
    assert len(detectors) == len(TESTS)
    keys, full = Ringfence().scores(snapshot)
    bold = list(snapshot.judged.accounts["account"]).index("bold")
    for row in contributions(snapshot.judged, {"bold"}, RATE):
        detector = detectors[f"ringfence without {row.test}"]
        found, scores = detector.scores(snapshot)
        assert np.array_equal(found, keys)
        assert (scores[bold] == detector.threshold) == bool(row.found_without)
    assert full[bold] == 2.0

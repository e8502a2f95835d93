"""Rings at one moment of a replay: looked for as a scan does, once, and only if asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ringfence.evaluate import snapshot as snapshot_module
from ringfence.evaluate.detectors import Ringfence, RingfenceWithRings
from ringfence.evaluate.detectors.detector import Keys
from ringfence.evaluate.ring_search import rings_in
from ringfence.evaluate.snapshot import Snapshot
from ringfence.testing import account, small_ledger, together
from ringfence.testing.small_ledger import SMALL
from ringfence.verdicts import judge, verdicts

READERS, MEMBERS, EACH = 250, 20, 90


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Readers who choose by fame, and a ring that deals out the most famous items."""
    rng = np.random.default_rng(4)
    crowd = [
        account(f"reader-{n:03}", np.sort(rng.integers(0, 900_000, EACH)),
                np.unique((rng.random(2 * EACH) ** 2.5 * 6_000).astype(int))[:EACH])
        for n in range(READERS)
    ]  # fmt: skip
    ring = [
        account(f"member-{n:02}", np.arange(EACH) * 9_000 + n * 60, np.arange(EACH) * MEMBERS + n)
        for n in range(MEMBERS)
    ]
    with small_ledger(together(*crowd, *ring)) as context:
        judged = judge(context, lambda _: None)
        yield Snapshot(0, context, judged, verdicts(judged, 0.01), SMALL)


def named(snapshot: Snapshot, keys: Keys) -> set[str]:
    """Return the names of account keys."""
    judged = snapshot.judged.accounts
    names = dict(zip(judged["account_key"].tolist(), judged["account"], strict=True))
    return {str(names[key]) for key in keys.tolist()}


def test_the_ring_is_found_with_its_verdict(snapshot: Snapshot) -> None:
    """All members, no reader, and the verdict that a scan's finding has."""
    (found,) = rings_in(snapshot.context, snapshot.judged, SMALL)
    assert named(snapshot, found.ring.keys) == {f"member-{n:02}" for n in range(MEMBERS)}
    assert found.verdict in {"suspect", "extracting"}


def test_members_count_as_found(snapshot: Snapshot) -> None:
    """The detector accuses the ring's members beside those whom Ringfence accuses alone."""
    detector = RingfenceWithRings()
    keys, scores = detector.scores(snapshot)
    _, alone = Ringfence().scores(snapshot)
    accused = named(snapshot, keys[scores >= detector.threshold])
    extracting = named(snapshot, keys[alone == Ringfence.threshold])
    assert accused == extracting | {f"member-{n:02}" for n in range(MEMBERS)}


@pytest.mark.parametrize(("verdict", "score"), [("suspect", 1.0), ("extracting", 2.0)])
def test_the_score_is_that_of_the_verdict(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, verdict: str, score: float
) -> None:
    """A ring's members score by what is said of the ring, whoever says it."""
    (found,) = snapshot.rings
    said = replace(found, verdict=verdict)
    monkeypatch.setattr(snapshot_module, "rings_in", lambda *_: (said,))
    keys, scores = RingfenceWithRings().scores(replace(snapshot))
    assert set(scores[np.isin(keys, found.ring.keys)].tolist()) == {score}


def test_rings_are_looked_for_once_and_only_when_due(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two detectors share one search; a moment that is not due has none."""
    searches: list[int] = []
    monkeypatch.setattr(snapshot_module, "rings_in", lambda *_: searches.append(1) or ())
    fresh = replace(snapshot)
    for _ in range(2):
        RingfenceWithRings().scores(fresh)
    assert len(searches) == 1
    keys, scores = RingfenceWithRings().scores(replace(snapshot, searched=False))
    assert len(searches) == 1
    _, alone = Ringfence().scores(snapshot)
    assert np.array_equal(scores, np.where(alone == Ringfence.threshold, alone, 0.0))
    assert keys.size == READERS + MEMBERS

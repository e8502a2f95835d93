"""Rings at one moment of a replay: looked for as a scan does, once, and only if asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.lab.evaluate.ring_in_a_crowd import MEMBERS, USERS, ring_in_a_crowd

from ringfence.catalogue import load_catalogue
from ringfence.lab.evaluate import snapshot as snapshot_module
from ringfence.lab.evaluate.detectors import Ringfence, RingfenceWithRings
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.pipeline.steps import ring_verdicts
from ringfence.stats.arrays import Keys
from ringfence.testing import small_ledger
from ringfence.testing.small_ledger import SMALL
from ringfence.verdicts import account_verdicts, conclude, judge


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Users who choose by fame, and a ring that deals out the most famous items."""
    with small_ledger(ring_in_a_crowd()) as context:
        scored = judge(context, lambda _: None)
        yield Snapshot(0, context, scored, account_verdicts(scored, 0.01), SMALL)


def named(snapshot: Snapshot, keys: Keys) -> set[str]:
    """Return the names of account keys."""
    scored = snapshot.scored.accounts
    names = dict(zip(scored["account_key"].tolist(), scored["account"], strict=True))
    return {str(names[key]) for key in keys.tolist()}


def test_the_ring_is_found_with_its_verdict(snapshot: Snapshot) -> None:
    """All members, no user, and the verdict that a scan's finding has."""
    (found,) = ring_verdicts(snapshot.context, snapshot.scored, SMALL)
    assert named(snapshot, found.ring.keys) == set(MEMBERS)
    engine = snapshot.context.engine
    catalogue = load_catalogue(engine, None, SMALL.catalogue)
    _, findings = conclude(engine, snapshot.scored, [found.ring], catalogue, SMALL)
    (ring,) = (one for one in findings if one.kind == "ring")
    assert (found.verdict, set(ring.accounts)) == (ring.verdict, set(MEMBERS))


def test_members_count_as_found(snapshot: Snapshot) -> None:
    """The detector accuses the ring's members beside those whom Ringfence accuses alone."""
    detector = RingfenceWithRings()
    keys, scores = detector.scores(snapshot)
    _, alone = Ringfence().scores(snapshot)
    accused = named(snapshot, keys[scores >= detector.threshold])
    extracting = named(snapshot, keys[alone == Ringfence.threshold])
    assert accused == extracting | set(MEMBERS)


@pytest.mark.parametrize(("verdict", "score"), [("suspect", 1.0), ("extracting", 2.0)])
def test_the_score_is_that_of_the_verdict(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, verdict: str, score: float
) -> None:
    """A ring's members score by what is said of the ring, whoever says it."""
    (found,) = snapshot.rings
    said = replace(found, verdict=verdict)
    monkeypatch.setattr(snapshot_module, "ring_verdicts", lambda *_: (said,))
    keys, scores = RingfenceWithRings().scores(replace(snapshot))
    assert set(scores[np.isin(keys, found.ring.keys)].tolist()) == {score}


def test_rings_are_looked_for_once_and_only_when_due(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two detectors share one search; a moment that is not due has none."""
    searches: list[int] = []
    monkeypatch.setattr(snapshot_module, "ring_verdicts", lambda *_: searches.append(1) or ())
    fresh = replace(snapshot)
    for _ in range(2):
        RingfenceWithRings().scores(fresh)
    assert len(searches) == 1
    keys, scores = RingfenceWithRings().scores(replace(snapshot, searched=False))
    assert len(searches) == 1
    _, alone = Ringfence().scores(snapshot)
    assert np.array_equal(scores, np.where(alone == Ringfence.threshold, alone, 0.0))
    assert keys.size == USERS + len(MEMBERS)

"""Test Ringfence as a detector: with rings, and without one evidence test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.lab.evaluate.ring_in_a_crowd import MEMBERS, USERS, ring_in_a_crowd

from ringfence.catalogue import load_catalogue
from ringfence.evidence import built_in_tests
from ringfence.lab.evaluate import scored_ledger as scored_ledger_module
from ringfence.lab.evaluate.detectors import Ringfence, RingfenceWithRings, leave_one_out
from ringfence.lab.evaluate.detectors.ringfence import without_test
from ringfence.lab.evaluate.scored_ledger import ScoredLedger, score_ledger
from ringfence.pipeline.steps import combined_verdicts
from ringfence.stats.arrays import Keys
from ringfence.testing import extractor, small_ledger, together, users
from ringfence.testing.small_ledger import ONE_THREAD
from ringfence.verdicts import account_verdicts, conclude

RATE = ONE_THREAD.verdicts.false_accusation_rate


@pytest.fixture(scope="module")
def with_ring() -> Iterator[ScoredLedger]:
    """Yield users who prefer popular items, and a ring that divides the most popular ones."""
    with small_ledger(ring_in_a_crowd()) as context:
        yield score_ledger(context, ONE_THREAD, 0)


@pytest.fixture(scope="module")
def with_extractor() -> Iterator[ScoredLedger]:
    """Yield sixty users and a bold extractor."""
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    with small_ledger(together(users(60), bold)) as context:
        yield score_ledger(context, ONE_THREAD, 0)


def named(ledger: ScoredLedger, keys: Keys) -> set[str]:
    """Return the names of account keys."""
    names = dict(zip(ledger.keys.tolist(), ledger.scored.accounts["account"], strict=True))
    return {str(names[key]) for key in keys.tolist()}


@pytest.mark.slow
def test_a_ring_is_found_with_its_verdict(with_ring: ScoredLedger) -> None:
    """The ring has all members and no user, and the verdict of the finding of a scan."""
    (found,) = with_ring.combined.rings
    assert named(with_ring, found.ring.keys) == set(MEMBERS)
    engine = with_ring.context.engine
    catalogue = load_catalogue(engine, None, ONE_THREAD.catalogue)
    findings = conclude(engine, with_ring.scored, [found.ring], catalogue, ONE_THREAD)
    (ring,) = (one for one in findings if one.kind == "ring")
    assert (found.verdict, set(ring.accounts)) == (ring.verdict, set(MEMBERS))


def test_members_count_as_found(with_ring: ScoredLedger) -> None:
    """The detector accuses the members of the ring and the accounts accused alone."""
    detector = RingfenceWithRings()
    keys, scores = detector.scores(with_ring)
    _, alone = Ringfence().scores(with_ring)
    accused = named(with_ring, keys[scores >= detector.threshold])
    extracting = named(with_ring, keys[alone == Ringfence.threshold])
    assert accused == extracting | set(MEMBERS)


@pytest.mark.parametrize(("verdict", "score"), [("suspect", 1.0), ("extracting", 2.0)])
def test_members_score_by_the_verdict_on_the_ring(
    with_ring: ScoredLedger, monkeypatch: pytest.MonkeyPatch, verdict: str, score: float
) -> None:
    """Members of a suspect ring score 1, and members of an extracting ring 2."""
    combined = combined_verdicts(with_ring.context, with_ring.scored, ONE_THREAD)
    (found,) = combined.rings
    changed = replace(combined, rings=(replace(found, verdict=verdict),))
    monkeypatch.setattr(scored_ledger_module, "combined_verdicts", lambda *_: changed)
    keys, scores = RingfenceWithRings().scores(replace(with_ring))
    assert set(scores[np.isin(keys, found.ring.keys)].tolist()) == {score}


def test_rings_are_searched_once_and_only_when_due(
    with_ring: ScoredLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two detectors share one search, and a moment without a search has no rings."""
    searches: list[int] = []

    def search(*_: object) -> object:
        searches.append(1)
        return with_ring.combined

    expected = RingfenceWithRings().scores(with_ring)[1]
    monkeypatch.setattr(scored_ledger_module, "combined_verdicts", search)
    fresh = replace(with_ring)
    for _ in range(2):
        assert np.array_equal(RingfenceWithRings().scores(fresh)[1], expected)
    assert len(searches) == 1
    keys, scores = RingfenceWithRings().scores(replace(with_ring, search_groups=False))
    assert len(searches) == 1
    _, alone = Ringfence().scores(with_ring)
    assert np.array_equal(scores, np.where(alone == Ringfence.threshold, alone, 0.0))
    assert keys.size == USERS + len(MEMBERS)


def test_leaving_nothing_out_changes_nothing(with_extractor: ScoredLedger) -> None:
    """The same evidence gives identical p-values."""
    again = without_test(with_extractor.scored, "no such test")
    assert np.array_equal(again.p_values, with_extractor.scored.p_values)
    assert np.array_equal(again.volume, with_extractor.scored.volume, equal_nan=True)


def test_only_one_test_is_left_out(with_extractor: ScoredLedger) -> None:
    """The evidence of all other tests stays, and p-values change."""
    fewer = without_test(with_extractor.scored, "novelty")
    assert fewer.by_test.keys() == with_extractor.scored.by_test.keys() - {"novelty"}
    assert not np.array_equal(fewer.p_values, with_extractor.scored.p_values)
    assert np.array_equal(fewer.volume, with_extractor.scored.volume, equal_nan=True)


def test_every_test_has_a_detector_without_it(with_extractor: ScoredLedger) -> None:
    """Each detector judges by the evidence of the other tests."""
    detectors = {d.name: d for d in leave_one_out()}
    assert len(detectors) == len(built_in_tests())
    keys, full = Ringfence().scores(with_extractor)
    bold = list(with_extractor.scored.accounts["account"]).index("bold")
    for test in with_extractor.scored.by_test:
        detector = detectors[f"ringfence without {test}"]
        found, scores = detector.scores(with_extractor)
        left = account_verdicts(without_test(with_extractor.scored, test), RATE)[bold]
        assert np.array_equal(found, keys)
        assert (scores[bold] == detector.threshold) == (left == "extracting")
    assert full[bold] == 2.0

"""Every detector on one small ledger: what it scores, and what it sees and misses."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors import DETECTORS, Detector, Ringfence, baselines
from ringfence.lab.evaluate.detectors.distinct_per_day import DistinctPerDay
from ringfence.lab.evaluate.detectors.isolation_forest import IsolationForest
from ringfence.lab.evaluate.detectors.leaky_bucket import CAPACITY, LEAK, LeakyBucket
from ringfence.lab.evaluate.detectors.requests_per_hour import RequestsPerHour
from ringfence.lab.evaluate.detectors.ringfence import RingfenceKnowingTheTruth
from ringfence.lab.evaluate.detectors.synchrotrap import LEAST_ACTIONS, SynchroTrap
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Columns
from ringfence.testing import account, extractor, small_ledger, together, users
from ringfence.testing.small_ledger import SMALL
from ringfence.verdicts import account_verdicts, judge

CHOIR = 5
"""Accounts that take the same items in the same hours, ten minutes apart."""


def snapshot_of(*slices: Columns) -> Iterator[Snapshot]:
    """Fold and judge events."""
    with small_ledger(*slices) as context:
        scored = judge(context, lambda _: None)
        yield Snapshot(0, context, scored, account_verdicts(scored, 0.01), SMALL)


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    """Sixty users, an extractor, one burst, a choir that sings together, and one short pair."""
    choir = [
        account(f"choir-{n}", np.arange(40) * 3600 + n * 60, np.arange(40) + 90_000)
        for n in range(CHOIR)
    ]
    short = [account(f"short-{n}", [7200, 7300], [95_000, 95_001]) for n in range(2)]
    burst = account("burst", np.repeat(np.arange(60), 3), np.arange(180) + 97_000)
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    yield from snapshot_of(together(users(60), bold, burst, *choir, *short))


@pytest.fixture(scope="module")
def nothing() -> Iterator[Snapshot]:
    """A ledger that nothing was folded into."""
    yield from snapshot_of()


def scores_by_name(detector: Detector, snapshot: Snapshot) -> dict[str, float]:
    """Return scores by account name."""
    keys, scores = detector.scores(snapshot)
    named = dict(snapshot.context.engine.rows("SELECT account_key, account FROM accounts"))
    return {named[int(key)]: float(score) for key, score in zip(keys, scores, strict=True)}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_contract(detector: Detector, snapshot: Snapshot, nothing: Snapshot) -> None:
    """Every account has one finite score, keys ascend, twice is the same, nothing is nothing."""
    keys, scores = detector.scores(snapshot)
    assert keys.dtype == np.uint64
    assert scores.dtype == np.float64
    assert np.array_equal(keys, np.unique(snapshot.scored.accounts["account_key"]))
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, detector.scores(snapshot)[1])
    assert [array.size for array in detector.scores(nothing)] == [0, 0]


def test_names_and_order() -> None:
    """Names differ, Ringfence comes first and is not compared with itself as it is."""
    assert len({d.name for d in DETECTORS}) == len(DETECTORS)
    assert isinstance(DETECTORS[0], Ringfence)
    assert not any(isinstance(d, Ringfence) for d in baselines())
    assert {d.name for d in baselines() if d.threshold is not None} == {
        "leaky-bucket",
    }


def test_requests_per_hour(snapshot: Snapshot) -> None:
    """It counts the uses of the busiest clock hour."""
    scores = scores_by_name(RequestsPerHour(), snapshot)
    assert scores["bold"] == 60
    assert scores["burst"] == 180
    assert scores["choir-0"] == 1


def test_distinct_per_day(snapshot: Snapshot) -> None:
    """It counts the new items of the busiest day."""
    scores = scores_by_name(DistinctPerDay(), snapshot)
    assert scores["bold"] == 24 * 60
    assert scores["choir-0"] == 24
    assert max(s for name, s in scores.items() if name.startswith("user")) < 24 * 60


def test_leaky_bucket_against_the_bucket_poured_by_hand(snapshot: Snapshot) -> None:
    """The closed form is the bucket that is filled and leaks one second after the other."""
    scores = scores_by_name(LeakyBucket(), snapshot)
    rows = snapshot.context.engine.rows(
        "SELECT a.account, h.first FROM holdings AS h JOIN accounts AS a USING (account_key) "
        "ORDER BY h.first"
    )
    level: dict[str, float] = {}
    last: dict[str, int] = {}
    highest: dict[str, float] = {}
    for name, moment in rows:
        leaked = level.get(name, 0) - LEAK * (moment - last.get(name, moment))
        level[name] = max(leaked, 0) + 1
        last[name] = moment
        highest[name] = max(highest.get(name, 0), level[name])
    assert scores == highest
    # Three a second leave one more in the bucket every second.
    assert scores["burst"] == 60 + LEAK


def test_leaky_bucket_as_shipped(snapshot: Snapshot) -> None:
    """It sees the burst and no other; the capacity itself does not overflow."""
    detector = LeakyBucket()
    assert detector.threshold == CAPACITY + 1
    accused = {n for n, s in scores_by_name(detector, snapshot).items() if s >= detector.threshold}
    assert accused == {"burst"}


def test_isolation_forest_sets_the_extractor_apart(snapshot: Snapshot) -> None:
    """On the evidence columns the extractor stands out from every user."""
    scores = scores_by_name(IsolationForest(), snapshot)
    most = max(s for name, s in scores.items() if name.startswith("user"))
    assert scores["bold"] > most


def test_isolation_forest_without_its_library(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without scikit-learn there is one line that says what to install."""
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(SettingsError, match=r"pip install 'ringfence\[lab\]'"):
        IsolationForest().scores(snapshot)


def test_synchrotrap_finds_who_acts_together(snapshot: Snapshot) -> None:
    """The choir is a cluster; users, the extractor and accounts of two actions are alone."""
    scores = scores_by_name(SynchroTrap(), snapshot)
    assert {name for name, s in scores.items() if s == CHOIR} == {
        f"choir-{n}" for n in range(CHOIR)
    }
    assert {s for name, s in scores.items() if not name.startswith("choir")} == {1.0}
    assert LEAST_ACTIONS > 2


def test_synchrotrap_needs_half_of_the_actions() -> None:
    """Accounts with half of all their actions in common are joined; fewer, or other hours, not."""
    n = np.arange(30)
    half = [account("a", n * 3600, n), account("b", (n + 10) * 3600 + 60, n + 10)]
    less = [account("c", n * 3600, n + 500), account("d", (n + 11) * 3600, n + 511)]
    later = [account("e", n * 3600, n + 900), account("f", n * 3600 + 7200, n + 900)]
    for snapshot in snapshot_of(together(*half, *less, *later)):
        scores = scores_by_name(SynchroTrap(), snapshot)
    assert {name for name, score in scores.items() if score == 2.0} == {"a", "b"}
    assert {score for name, score in scores.items() if name in "cdef"} == {1.0}


def test_ringfence_scores_are_its_verdicts(snapshot: Snapshot) -> None:
    """The scores are the verdicts in order, and the threshold is the one that accuses."""
    detector = Ringfence()
    labels = dict(zip(snapshot.scored.accounts["account"], snapshot.labels, strict=True))
    scores = scores_by_name(detector, snapshot)
    assert scores["bold"] == detector.threshold
    values = {"extracting": 2.0, "suspect": 1.0, "": 0.0}
    assert scores == {name: values[label] for name, label in labels.items()}


def test_ringfence_knowing_the_truth_keeps_the_gate(snapshot: Snapshot) -> None:
    """The score is the fused evidence, but nothing for who takes no more than users do."""
    scores = scores_by_name(RingfenceKnowingTheTruth(), snapshot)
    scored = snapshot.scored
    for row, name in enumerate(scored.accounts["account"]):
        expected = -np.log10(scored.p_values[row]) if scored.volume[row] <= 0.05 else 0.0
        assert scores[name] == expected
    assert scores["bold"] == max(scores.values()) > 5

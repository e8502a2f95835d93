"""Test every detector on one small ledger: its scores, and what it finds and misses."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors import DETECTORS, Detector, Ringfence, baselines
from ringfence.lab.evaluate.detectors.baselines import (
    CAPACITY,
    DISTINCT_PER_DAY,
    LEAK,
    LEAKY_BUCKET,
    LEAKY_BUCKET_BEST_CAPACITY,
    REQUESTS_PER_HOUR,
    IsolationForest,
)
from ringfence.lab.evaluate.detectors.ringfence import RingfenceBestThreshold
from ringfence.lab.evaluate.detectors.synchrotrap import LEAST_ACTIONS, SynchroTrap
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.stats.arrays import Columns
from ringfence.testing import account, extractor, small_ledger, together, users
from ringfence.testing.small_ledger import ONE_THREAD
from ringfence.verdicts import account_verdicts, judge

CHOIR = 5
"""Accounts that take the same items in the same hours, one minute apart."""


def ledgers_of(*slices: Columns) -> Iterator[ScoredLedger]:
    """Yield the scored ledger of events."""
    with small_ledger(*slices) as context:
        scored = judge(context, lambda _: None)
        yield ScoredLedger(0, context, scored, account_verdicts(scored, 0.01), ONE_THREAD)


@pytest.fixture(scope="module")
def ledger() -> Iterator[ScoredLedger]:
    """Yield sixty users, an extractor, a burst, five synchronised accounts and a short pair."""
    choir = [
        account(f"choir-{n}", np.arange(40) * 3600 + n * 60, np.arange(40) + 90_000)
        for n in range(CHOIR)
    ]
    short = [account(f"short-{n}", [7200, 7300], [95_000, 95_001]) for n in range(2)]
    burst = account("burst", np.repeat(np.arange(60), 3), np.arange(180) + 97_000)
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    yield from ledgers_of(together(users(60), bold, burst, *choir, *short))


@pytest.fixture(scope="module")
def nothing() -> Iterator[ScoredLedger]:
    """Yield an empty ledger."""
    yield from ledgers_of()


def scores_by_name(detector: Detector, ledger: ScoredLedger) -> dict[str, float]:
    """Return scores by account name."""
    keys, scores = detector.scores(ledger)
    named = dict(ledger.context.engine.rows("SELECT account_key, account FROM accounts"))
    return {named[int(key)]: float(score) for key, score in zip(keys, scores, strict=True)}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_contract(detector: Detector, ledger: ScoredLedger, nothing: ScoredLedger) -> None:
    """Keys ascend, each account has one finite score, and scores are reproducible."""
    keys, scores = detector.scores(ledger)
    assert keys.dtype == np.uint64
    assert scores.dtype == np.float64
    assert np.array_equal(keys, np.unique(ledger.scored.accounts["account_key"]))
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, detector.scores(ledger)[1])
    assert [array.size for array in detector.scores(nothing)] == [0, 0]


def test_names_and_order() -> None:
    """Names differ, Ringfence comes first, and it is not one of the baselines."""
    assert len({d.name for d in DETECTORS}) == len(DETECTORS)
    assert isinstance(DETECTORS[0], Ringfence)
    assert not any(isinstance(d, Ringfence) for d in baselines())
    assert {d.name for d in baselines() if d.threshold is not None} == {
        "leaky-bucket",
    }


def test_requests_per_hour(ledger: ScoredLedger) -> None:
    """The score is the number of uses in the busiest clock hour."""
    scores = scores_by_name(REQUESTS_PER_HOUR, ledger)
    assert scores["bold"] == 60
    assert scores["burst"] == 180
    assert scores["choir-0"] == 1


def test_distinct_per_day(ledger: ScoredLedger) -> None:
    """The score is the number of new items on the busiest day."""
    scores = scores_by_name(DISTINCT_PER_DAY, ledger)
    assert scores["bold"] == 24 * 60
    assert scores["choir-0"] == 24
    assert max(s for name, s in scores.items() if name.startswith("user")) < 24 * 60


def test_leaky_bucket_equals_a_step_by_step_bucket(ledger: ScoredLedger) -> None:
    """The closed form equals a bucket that is filled and leaks second by second."""
    scores = scores_by_name(LEAKY_BUCKET, ledger)
    rows = ledger.context.engine.rows(
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
    # Three items per second leave one more in the bucket every second.
    assert scores["burst"] == 60 + LEAK


def test_leaky_bucket_as_shipped(ledger: ScoredLedger) -> None:
    """Only the burst is accused; a bucket at its capacity does not overflow."""
    detector = LEAKY_BUCKET
    assert detector.threshold == CAPACITY + 1
    accused = {n for n, s in scores_by_name(detector, ledger).items() if s >= detector.threshold}
    assert accused == {"burst"}


def test_isolation_forest_scores_the_extractor_highest(ledger: ScoredLedger) -> None:
    """On the evidence columns, the extractor scores higher than every user."""
    scores = scores_by_name(IsolationForest(), ledger)
    most = max(s for name, s in scores.items() if name.startswith("user"))
    assert scores["bold"] > most


def test_isolation_forest_without_its_library(
    ledger: ScoredLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without scikit-learn, one line gives the install command, before any scoring."""
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(SettingsError, match=r"sklearn.*pip install 'ringfence\[lab\]'"):
        IsolationForest().scores(ledger)
    with pytest.raises(SettingsError, match=r"pip install 'ringfence\[lab\]'"):
        baselines()


def test_synchrotrap_finds_synchronised_accounts(ledger: ScoredLedger) -> None:
    """Synchronised accounts are a cluster; users, the extractor and short accounts are not."""
    scores = scores_by_name(SynchroTrap(), ledger)
    assert {name for name, s in scores.items() if s == CHOIR} == {
        f"choir-{n}" for n in range(CHOIR)
    }
    assert {s for name, s in scores.items() if not name.startswith("choir")} == {1.0}
    assert LEAST_ACTIONS > 2


def test_synchrotrap_needs_half_of_the_actions() -> None:
    """Accounts that share half of their actions are joined; fewer or other hours do not count."""
    n = np.arange(30)
    half = [account("a", n * 3600, n), account("b", (n + 10) * 3600 + 60, n + 10)]
    less = [account("c", n * 3600, n + 500), account("d", (n + 11) * 3600, n + 511)]
    later = [account("e", n * 3600, n + 900), account("f", n * 3600 + 7200, n + 900)]
    for ledger in ledgers_of(together(*half, *less, *later)):
        scores = scores_by_name(SynchroTrap(), ledger)
    assert {name for name, score in scores.items() if score == 2.0} == {"a", "b"}
    assert {score for name, score in scores.items() if name in "cdef"} == {1.0}


def test_ringfence_scores_are_its_verdicts(ledger: ScoredLedger) -> None:
    """Scores follow the verdicts, and the threshold is the verdict that accuses."""
    detector = Ringfence()
    labels = dict(zip(ledger.scored.accounts["account"], ledger.labels, strict=True))
    scores = scores_by_name(detector, ledger)
    assert scores["bold"] == detector.threshold
    values = {"extracting": 2.0, "suspect": 1.0, "": 0.0}
    assert scores == {name: values[label] for name, label in labels.items()}


def test_chosen_threshold_keeps_the_volume_gate(ledger: ScoredLedger) -> None:
    """The score is the fused evidence, and 0 for accounts that do not pass the gate."""
    scores = scores_by_name(RingfenceBestThreshold(), ledger)
    scored = ledger.scored
    for row, name in enumerate(scored.accounts["account"]):
        expected = -np.log10(scored.p_values[row]) if scored.volume[row] <= 0.05 else 0.0
        assert scores[name] == expected
    assert scores["bold"] == max(scores.values()) > 5


def test_the_best_capacity_is_the_same_bucket(ledger: ScoredLedger) -> None:
    """The bucket with a chosen capacity has the same levels and no threshold of its own."""
    assert LEAKY_BUCKET_BEST_CAPACITY.threshold is None
    shipped, chosen = (d.scores(ledger) for d in (LEAKY_BUCKET, LEAKY_BUCKET_BEST_CAPACITY))
    assert np.array_equal(shipped[0], chosen[0])
    assert np.array_equal(shipped[1], chosen[1])

"""Test the replay of an attack and the score history of a detector."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

import ringfence
from ringfence.engine import literal
from ringfence.lab.evaluate import Population, ScoredLedger
from ringfence.lab.evaluate.detectors import Detector, Ringfence
from ringfence.lab.evaluate.growing_ledger import GrowingLedger
from ringfence.lab.evaluate.planting import plant
from ringfence.lab.evaluate.replay import NEVER, AttackReplay, ScoreHistory
from ringfence.lab.evaluate.verdict_times import search_times
from ringfence.lab.simulate.extractors import Even, Greedy, RingStrategy

DAY = 86_400


class ScriptDetector(Detector):
    """Return given scores, one answer per moment."""

    name = "scripted"
    about = "a test's"
    threshold = None

    def __init__(self, *answers: dict[int, float]) -> None:
        self._answers = iter(answers)

    def scores(self, ledger: ScoredLedger) -> tuple[Any, Any]:
        """Return the next answer."""
        del ledger
        answer = dict(sorted(next(self._answers).items()))
        return np.array(list(answer), np.uint64), np.array(list(answer.values()), np.float64)


def history_of(*answers: dict[int, float]) -> ScoreHistory:
    """Record answers at moments 100, 200, ...; 7 and 9 extract, and 5 has bulk access."""
    history = ScoreHistory(
        ScriptDetector(*answers), np.array([9, 7], np.uint64), np.array([5], np.uint64)
    )
    for number in range(len(answers)):
        history.add(cast("ScoredLedger", SimpleNamespace(moment=100 * (number + 1))))
    return history


def test_an_account_is_found_when_it_first_reaches_the_threshold() -> None:
    """The highest score so far counts, also for accounts that appear late or stop."""
    history = history_of({3: 1.0, 9: 2.0}, {3: 5.0, 7: 4.0, 9: 1.0}, {7: 1.0, 9: 3.0})
    assert history.found_at(2.0).tolist() == [100, 200]
    assert history.found_at(2.5).tolist() == [300, 200]
    assert history.found_at(3.5).tolist() == [NEVER, 200]


def test_users_are_all_others() -> None:
    """Users keep their highest score; extractors and accounts with bulk access are not users."""
    history = history_of({2: 1.0, 5: 99.0, 9: 2.0}, {2: 0.5, 3: 4.0, 5: 99.0, 7: 4.0})
    assert (history.users.tolist(), history.highest.tolist()) == ([2, 3], [1.0, 4.0])


@pytest.mark.slow
def test_a_replay_gives_the_verdicts_of_a_scan(hundred: Population, tmp_path: Path) -> None:
    """At every moment the labels are those of an ordinary scan of all events before it."""
    strategy = Even(accounts=2, per_day=1500, days=2)
    planted = plant(hundred, "even", strategy, seed=1, first_day=5, days=2, scratch=tmp_path)
    run = AttackReplay(hundred, planted, [Ringfence()], np.zeros(0, np.uint64), "day")
    with GrowingLedger(f"SELECT * FROM {hundred.relation}", hundred.settings) as users:
        for moment in run.times:
            users.advance(moment)
            run.score(users, moment)
            found = {
                n for n, s in zip(planted.names, run.histories[0].scores[-1], strict=True) if s
            }
            assert found == scanned(hundred, planted.events, moment, tmp_path)
    assert run.is_over(lambda _: 2.0)
    run.close()


def scanned(population: Population, attack: Path, moment: int, folder: Path) -> set[str]:
    """Scan all events before a moment and return the accounts that are findings."""
    path = folder / f"{moment}.parquet"
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as any_engine:
        any_engine.engine.run(
            f"COPY (SELECT * FROM (FROM {population.relation} UNION ALL BY NAME "
            f"FROM {literal(str(attack))}) WHERE epoch(ts) < {moment}) TO '{path}'"
        )
    result = ringfence.scan(path, settings=population.settings)
    return {finding.id for finding in result.findings}


def test_idle_times_have_no_verdicts(hundred: Population, tmp_path: Path) -> None:
    """A burst of some minutes gets a verdict after each of them, and one at the end."""
    strategy = Greedy(per_day=300, days=1)
    planted = plant(hundred, "greedy", strategy, seed=1, first_day=5, days=1, scratch=tmp_path)
    run = AttackReplay(hundred, planted, [Ringfence()], np.zeros(0, np.uint64), "minute")
    minutes = np.unique(planted.moment // 60)
    assert list(run.times) == [*((minutes + 1) * 60), planted.end]
    run.close()


class SearchRecorder(Detector):
    """Record at which moments groups are searched for."""

    name = "recorder"
    about = "a test's"
    threshold = None

    def __init__(self) -> None:
        self.searched: dict[int, bool] = {}

    def scores(self, ledger: ScoredLedger) -> tuple[Any, Any]:
        """Record the moment, and score no account."""
        self.searched[ledger.moment] = ledger.search_groups
        return np.zeros(0, np.uint64), np.zeros(0)


@pytest.mark.slow
def test_groups_are_searched_for_as_the_attack_grows(hundred: Population, tmp_path: Path) -> None:
    """A search needs a quarter more items than the last one, or the end of the attack."""
    strategy = RingStrategy(accounts=8, per_day=20, days=7)
    planted = plant(hundred, "ring", strategy, seed=1, first_day=3, days=7, scratch=tmp_path)
    detector = SearchRecorder()
    run = AttackReplay(hundred, planted, [detector], np.zeros(0, np.uint64), "day")
    with GrowingLedger(f"SELECT * FROM {hundred.relation}", hundred.settings) as users:
        for moment in run.times:
            users.advance(moment)
            run.score(users, moment)
    run.close()
    days = [(moment - planted.start) // DAY for moment, due in detector.searched.items() if due]
    assert frozenset(planted.start + day * DAY for day in days) == search_times(planted, run.times)
    # On the sixth day the ring holds only a fifth more; the seventh day is the last.
    assert days == [1, 2, 3, 4, 5, 7]

"""Verdict times, and what is kept of a detector's scores."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

import ringfence
from ringfence.engine import literal
from ringfence.errors import SettingsError
from ringfence.lab.evaluate import Population, Snapshot, every_named
from ringfence.lab.evaluate.detectors import Detector, Ringfence
from ringfence.lab.evaluate.folding import Folding
from ringfence.lab.evaluate.growth import grown_at
from ringfence.lab.evaluate.planting import plant
from ringfence.lab.evaluate.replay import NEVER, Run, Watch, verdict_times
from ringfence.lab.simulate.extractors import Even, Greedy, Ring

HOUR, DAY = 3600, 86_400


class Scripted(Detector):
    """Says what it was told to, moment by moment."""

    name = "scripted"
    about = "a test's"
    threshold = None

    def __init__(self, *answers: dict[int, float]) -> None:
        self._answers = iter(answers)

    def scores(self, snapshot: Snapshot) -> tuple[Any, Any]:
        """Return the next answer."""
        del snapshot
        answer = dict(sorted(next(self._answers).items()))
        return np.array(list(answer), np.uint64), np.array(list(answer.values()), np.float64)


def watched(*answers: dict[int, float]) -> Watch:
    """Let a watch see answers at moments 100, 200, ...; 7 and 9 extract, 5 has leave."""
    watch = Watch(Scripted(*answers), np.array([9, 7], np.uint64), np.array([5], np.uint64))
    for number in range(len(answers)):
        watch.see(cast("Snapshot", SimpleNamespace(moment=100 * (number + 1))))
    return watch


def test_verdict_times() -> None:
    """Hourly for two days and then daily, or as asked; the end is always the last."""
    auto = verdict_times(0, 5 * DAY, "auto")
    assert auto[:2] == (HOUR, 2 * HOUR)
    assert auto[-4:] == (2 * DAY, 3 * DAY, 4 * DAY, 5 * DAY)
    assert len(auto) == 47 + 4
    assert verdict_times(0, DAY, "auto")[-2:] == (23 * HOUR, DAY)
    assert verdict_times(60, 160, "minute") == (120, 160)
    assert verdict_times(0, 1800, "10min") == (600, 1200, 1800)
    assert verdict_times(0, 3 * DAY, "day") == (DAY, 2 * DAY, 3 * DAY)


def test_times_are_named() -> None:
    """A word that is no step is one clear line."""
    assert every_named("10min") == "10min"
    with pytest.raises(SettingsError, match=r"there is no 'weekly' \(one of auto, minute"):
        every_named("weekly")


def test_an_account_is_found_when_it_first_reaches_the_threshold() -> None:
    """The highest score so far counts, also of accounts that come late or fall silent."""
    watch = watched({3: 1.0, 9: 2.0}, {3: 5.0, 7: 4.0, 9: 1.0}, {7: 1.0, 9: 3.0})
    assert watch.found_at(2.0).tolist() == [100, 200]
    assert watch.found_at(2.5).tolist() == [300, 200]
    assert watch.found_at(3.5).tolist() == [NEVER, 200]


def test_users_are_all_others() -> None:
    """Users keep their highest score; extractors and those with leave are none."""
    watch = watched({2: 1.0, 5: 99.0, 9: 2.0}, {2: 0.5, 3: 4.0, 5: 99.0, 7: 4.0})
    assert (watch.users.tolist(), watch.highest.tolist()) == ([2, 3], [1.0, 4.0])


def test_a_run_gives_the_verdicts_of_a_scan(hundred: Population, tmp_path: Path) -> None:
    """At every moment the labels are those of an ordinary scan of all events before it."""
    strategy = Even(accounts=2, a_day=1500, days=2)
    planted = plant(hundred, "even", strategy, seed=1, first_day=5, days=2, scratch=tmp_path)
    run = Run(hundred, planted, [Ringfence()], np.zeros(0, np.uint64), "day")
    with Folding(f"SELECT * FROM {hundred.relation}", hundred.settings) as users:
        for moment in run.times:
            users.advance(moment)
            run.look(users, moment)
            found = {n for n, s in zip(planted.names, run.watches[0].scores[-1], strict=True) if s}
            assert found == scanned(hundred, planted.events, moment, tmp_path)
    assert run.over(lambda _: 2.0)
    run.close()


def scanned(population: Population, attack: Path, moment: int, folder: Path) -> set[str]:
    """Scan all events before a moment and return who is a finding."""
    path = folder / f"{moment}.parquet"
    with Folding(f"SELECT * FROM {population.relation}", population.settings) as any_engine:
        any_engine.engine.run(
            f"COPY (SELECT * FROM (FROM {population.relation} UNION ALL BY NAME "
            f"FROM {literal(str(attack))}) WHERE epoch(ts) < {moment}) TO '{path}'"
        )
    result = ringfence.scan(path, settings=population.settings)
    return {finding.id for finding in result.findings}


def test_idle_times_are_not_looked_at(hundred: Population, tmp_path: Path) -> None:
    """A burst of minutes needs verdicts in its minutes, and one at the end."""
    strategy = Greedy(a_day=300, days=1)
    planted = plant(hundred, "greedy", strategy, seed=1, first_day=5, days=1, scratch=tmp_path)
    run = Run(hundred, planted, [Ringfence()], np.zeros(0, np.uint64), "minute")
    minutes = np.unique(planted.moment // 60)
    assert list(run.times) == [*((minutes + 1) * 60), planted.end]
    run.close()


class Seeing(Detector):
    """Remembers at which moments groups were to be looked for."""

    name = "seeing"
    about = "a test's"
    threshold = None

    def __init__(self) -> None:
        self.searched: dict[int, bool] = {}

    def scores(self, snapshot: Snapshot) -> tuple[Any, Any]:
        """Take note, and say nothing."""
        self.searched[snapshot.moment] = snapshot.searched
        return np.zeros(0, np.uint64), np.zeros(0)


def test_groups_are_looked_for_as_the_attack_grows(hundred: Population, tmp_path: Path) -> None:
    """Not at every verdict: when the ring holds a quarter more, and at the end."""
    strategy = Ring(accounts=8, a_day=20, days=7)
    planted = plant(hundred, "ring", strategy, seed=1, first_day=3, days=7, scratch=tmp_path)
    detector = Seeing()
    run = Run(hundred, planted, [detector], np.zeros(0, np.uint64), "day")
    with Folding(f"SELECT * FROM {hundred.relation}", hundred.settings) as users:
        for moment in run.times:
            users.advance(moment)
            run.look(users, moment)
    run.close()
    days = [(moment - planted.start) // DAY for moment, due in detector.searched.items() if due]
    assert frozenset(planted.start + day * DAY for day in days) == grown_at(planted, run.times)
    # On the sixth day it holds a fifth more, not a quarter; the seventh is the last.
    assert days == [1, 2, 3, 4, 5, 7]

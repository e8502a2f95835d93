"""The judge says when the events of the last minutes are not read as they are meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.service.judge.logs import add_segment, lines, opened, service

from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.input_watch import RECENT_SECONDS, InputState, InputWatch
from ringfence.stats.seconds import DAY, HOUR

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
RECORDS = 60


class WatchedService:
    """A service whose folds are watched, at a time that the test sets."""

    def __init__(self, root: Path) -> None:
        self.state = InputState()
        self.notes: list[str] = []
        self.now = NOW
        self._folder = service(root)
        self._ledger = opened(self._folder)
        self._watch = InputWatch(self.state, self.notes.append, lambda: self.now)

    def fold(self, ts: Callable[[int], object], records: int = RECORDS) -> str:
        """Fold records with some times, and return what is implausible."""
        found = ({"ts": ts(n), "account": f"a{n}", "item": f"i{n}"} for n in range(records))
        add_segment(self._folder, ("events", lines(found)))
        watch = self._watch
        SegmentFolder(self._folder, self._ledger, self.notes.append, watch=watch).fold_waiting()
        return self.state.problem

    @property
    def quarantine(self) -> Path:
        """The file of the records that folds could not read."""
        return self._folder.quarantine / "judge.jsonl"

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.engine.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedService]:
    """Return a service without events."""
    found = WatchedService(tmp_path / "service")
    yield found
    found.close()


def text(seconds: float) -> str:
    """Return a time as text."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_usual_times_are_plausible(watched: WatchedService) -> None:
    """Events of now, of last year, and of a clock that is two minutes ahead are not remarkable."""
    assert watched.fold(lambda n: text(NOW - n)) == ""
    assert watched.fold(lambda n: text(NOW - 400 * DAY - n)) == ""
    assert watched.fold(lambda n: text(NOW + 120 - n)) == ""
    assert (watched.state.lines, watched.state.takes, watched.notes) == (180, 180, [])


@pytest.mark.parametrize(
    ("ts", "said", "count"),
    [
        (lambda n: text(NOW + 400 * DAY + n), "cannot be read or lie in the future", "bad_times"),
        (lambda n: text(NOW + 3 * HOUR - n), "are more than 5 minutes ahead", "ahead"),
        (lambda n: text((NOW - n) / 1_000), "lie before the year 2000", "ancient"),
    ],
)
def test_times_that_are_read_wrongly_are_told(
    watched: WatchedService, ts: Callable[[int], object], said: str, count: str
) -> None:
    """The status says what is wrong and counts it, and one line tells the operator."""
    assert "60 of 60" in watched.fold(ts)
    assert said in watched.fold(ts)
    assert getattr(watched.state, count) == 2 * RECORDS
    assert [note.partition(":")[0] for note in watched.notes] == ["events are implausible"]


def test_a_few_records_say_nothing(watched: WatchedService) -> None:
    """A bad record among two is counted, and judged when there are more."""

    def half(number: int) -> str:
        return text(NOW - number) if number % 2 else f"noon {number}"

    assert watched.fold(half, 2) == ""
    assert watched.state.bad_times == 1
    assert "31 of 62 lines cannot be read" in watched.fold(half)


@pytest.mark.slow
def test_what_a_fold_cannot_read_is_kept_and_told(watched: WatchedService) -> None:
    """The records are in the quarantine with a reason, 100 of each fold. One line tells."""
    for begin in (0, 200):
        numbers = range(begin, begin + 120)
        times = ["noon" if n in numbers else text(NOW - n) for n in range(begin + 4_000)]
        watched.fold(times.__getitem__, len(times))
    kept = [json.loads(line) for line in watched.quarantine.read_text().splitlines()]
    assert [one["reason"] for one in kept] == ["unreadable-time"] * 202
    assert json.loads(kept[0]["text"])["account"] == "a0"
    assert kept[100]["text"] == "20 more with this reason were counted but not kept"
    assert watched.state.unreadable == 240
    assert watched.notes == [
        "120 records could not be read (unreadable-time 120); see quarantine/judge.jsonl"
    ]


def test_a_problem_that_is_over_is_forgotten(watched: WatchedService) -> None:
    """After twice the time that counts as recent, only later events matter. Counts stay."""
    assert watched.fold(lambda n: text(NOW + 7_200 + n))
    for _ in range(2):
        watched.now += RECENT_SECONDS
        watched.fold(lambda n: text(watched.now - n))
    assert watched.state.problem == ""
    assert watched.state.ahead == RECORDS

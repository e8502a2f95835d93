"""With from_start = false, a partition begins at its first message since the first look."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.service.tailer.brokers import kafka, mock_cluster, tansu
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import stored
from tests.service.tailer.test_kafka import folder, record, settings

from ringfence.service.files import ServiceFolder
from ringfence.service.tailer import beginnings, topics

__all__ = ["folder"]

CLOCKS = 300_000
"""Milliseconds by which clocks may differ."""


class Cluster:
    """Tells the consumers of a test what they get no answer about, and notes what they ask for.

    Attributes:
        silent: partitions without an answer.
        seconds: that each question for a time takes by the clock of the cluster, after which there
            is no answer; 0 for one.
        now: the clock, which only such questions move.
        asked: the times that were asked for, in milliseconds.
        about: the partitions that they were asked for.
        offsets: of all partitions, if the brokers are not to be asked for them.
        knows_times: whether the brokers know when messages came. The mock cluster does not. Without
            it, the first new message is number 5.
    """

    def __init__(self) -> None:
        self.silent: set[int] = set()
        self.seconds = 0.0
        self.now = 1_000.0
        self.asked: list[int] = []
        self.about: list[int] = []
        self.offsets: tuple[int, int] | None = None
        self.knows_times = False

    def refuse(self, *partitions: int) -> None:
        """Give no answer about a silent partition."""
        if self.silent.intersection(partitions):
            raise kafka.KafkaException(kafka.KafkaError(kafka.KafkaError.LEADER_NOT_AVAILABLE))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Return a cluster whose partitions can be silent, and which knows when messages came."""
    chosen = Cluster()

    class Consumer(kafka.Consumer):  # type: ignore[misc] # the library has no types
        """Gets no answer about some partitions."""

        def get_watermark_offsets(self, place: Any, **options: Any) -> tuple[int, int]:  # noqa: ANN401 - as the library
            if not options.get("cached"):
                chosen.refuse(place.partition)
                if chosen.offsets:
                    return chosen.offsets
            found: tuple[int, int] = super().get_watermark_offsets(place, **options)
            return found

        def offsets_for_times(self, places: list[Any], timeout: float) -> list[Any]:
            chosen.refuse(*(one.partition for one in places))
            chosen.asked += [one.offset for one in places]
            chosen.about += [one.partition for one in places]
            if chosen.seconds:
                chosen.now += min(timeout, chosen.seconds)
                raise kafka.KafkaException(kafka.KafkaError(kafka.KafkaError._TIMED_OUT))  # noqa: SLF001 - its public name
            if chosen.knows_times:
                found: list[Any] = super().offsets_for_times(places, timeout=timeout)
                return found
            return [kafka.TopicPartition(one.topic, one.partition, 5) for one in places]

    monkeypatch.setattr(kafka, "Consumer", Consumer)
    monkeypatch.setattr(topics, "_REFRESH", 0.2)
    return chosen


def test_a_partition_that_did_not_answer_begins_at_its_first_new_message(
    folder: ServiceFolder, cluster: Cluster
) -> None:
    """Nothing that came meanwhile is skipped, and clocks may differ by minutes."""
    cluster.silent, before = {1}, time.time() * 1000
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(10)), partitions=2)
    session = Session(folder, settings(brokers, from_start=False))
    session.steps(0.4)
    after = time.time() * 1000
    assert [one.name for one in session.topics.statuses if one.error] == ["takes[1]"]
    brokers.send("takes", map(record, range(10, 30)), partitions=2)
    session.until(10)
    cluster.silent.clear()
    session.until(20)
    assert "takes[1]: found later; begins at 5, its first new message" in session.notes
    assert all(before - CLOCKS - 1 <= one <= after - CLOCKS for one in cluster.asked)
    assert len(cluster.asked) == 1
    session.crash()
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(10, 30)}


def test_a_restart_does_not_change_what_is_new(folder: ServiceFolder, cluster: Cluster) -> None:
    """A partition that did not answer before the restart begins at the time of the first look."""
    cluster.silent = {1}
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(10)), partitions=2)
    session = Session(folder, settings(brokers, from_start=False))
    session.steps(0.4)
    first_look = time.time() * 1000
    brokers.send("takes", map(record, range(10, 30)), partitions=2)
    session.until(10)
    session.crash()
    cluster.silent.clear()
    session = Session(folder, settings(brokers, from_start=False))
    session.until(10)
    session.crash()
    assert [one <= first_look - CLOCKS for one in cluster.asked] == [True]
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(10, 30)}


def test_a_partition_that_was_added_while_the_service_was_down_is_read(
    folder: ServiceFolder, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service does not know it, but has looked at its topic before."""
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(10)), partitions=2)
    with monkeypatch.context() as one_partition:
        one_partition.setattr(topics, "_numbers", lambda *_: [0])
        session = Session(folder, settings(brokers, from_start=False))
        session.steps(0.4)
        session.crash()
    first_look = time.time() * 1000
    brokers.send("takes", map(record, range(10, 30)), partitions=2)
    session = Session(folder, settings(brokers, from_start=False))
    session.until(20)
    session.crash()
    assert set(cluster.asked) == {cluster.asked[0]}
    assert cluster.asked[0] <= first_look - CLOCKS
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(10, 30)}


def step_until(session: Session, done: Callable[[], bool]) -> None:
    """Step until something is true, which a test that hangs never is.

    Raises:
        TimeoutError: it does not become true.
    """
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        session.step()


def test_the_time_for_all_partitions_is_limited(
    folder: ServiceFolder, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many partitions without an answer keep the others from being read for one limit only."""

    class Clock:
        """The clock of the cluster, so that the speed of this machine does not matter."""

        time = staticmethod(time.time)

        @staticmethod
        def monotonic() -> float:
            return cluster.now

    monkeypatch.setattr(beginnings, "time", Clock)
    monkeypatch.setattr(beginnings, "ANSWER", 0.5)
    cluster.silent, cluster.offsets = {1, 2, 3}, (0, 2)
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(8)), partitions=4)
    session = Session(folder, settings(brokers, from_start=False))
    step_until(session, lambda: "takes[0]" in _read(session))
    monkeypatch.setattr(topics, "_REFRESH", 0.0)
    cluster.silent, cluster.seconds = set(), 1.0
    begin = cluster.now = cluster.now + 1
    # Each step looks once, if the brokers tell their topics.
    step_until(session, lambda: bool(cluster.about))
    # The first takes the whole time, the second the least that a question gets.
    assert cluster.about == [1, 2]
    assert cluster.now - begin == pytest.approx(0.6)
    told = {one.name: one.error for one in session.topics.statuses}
    assert "was not asked for" in told["takes[3]"]
    # Those that were not asked about come first.
    step_until(session, lambda: len(cluster.about) > 2)
    assert cluster.about[2:] == [3, 1]
    cluster.seconds = 0.0
    step_until(session, lambda: len(_read(session)) == 4)
    session.crash()


def _read(session: Session) -> list[str]:
    """Return the names of the partitions that are read."""
    found = (one for one in session.topics.statuses if not one.error)
    return [one.name for one in found if one.name.startswith("takes[")]


@pytest.mark.slow
def test_a_real_broker_knows_when_messages_came(
    folder: ServiceFolder,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer of Tansu is an offset at which no new message is skipped."""
    monkeypatch.setattr(beginnings, "_CLOCKS", 0)
    cluster.silent, cluster.knows_times = {0}, True
    with tansu(tmp_path) as brokers:
        brokers.send("takes", [record(0)])
        time.sleep(0.1)
        session = Session(folder, settings(brokers, from_start=False))
        session.steps(1)
        for number in (1, 2):
            brokers.send("takes", [record(number)])
        cluster.silent.clear()
        session.until(2, seconds=30)
        session.steps(1)
        session.crash()
    assert {record(one).decode() + "\n" for one in (1, 2)} <= set(stored(folder))
    assert set(stored(folder).values()) == {1}
    assert cluster.asked

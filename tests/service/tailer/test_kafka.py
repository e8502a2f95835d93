"""Each message of a topic is stored once, whatever happens to the tailer."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.service.judge.logs import fold, holdings
from tests.service.tailer.brokers import Brokers, kafka, mock_cluster, tansu
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import line, stored, tailer

from ringfence.service.event_log import LogWriter
from ringfence.service.files import ServiceFolder
from ringfence.service.tailer import partition, topics
from ringfence.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a new service."""
    folder = ServiceFolder(tmp_path / "live")
    folder.create()
    return folder


def settings(brokers: Brokers, **source: object) -> Settings:
    """Return settings that read the topic ``takes``."""
    entry = {"servers": brokers.servers, "topics": ["takes"], **source}
    return Settings.model_validate({"service": {"kafka": [entry]}})


def record(number: int) -> bytes:
    """Return one record as JSON."""
    second = number % 60
    ts = f"2026-11-10T08:{number // 60 % 60:02}:{second:02}Z"
    return json.dumps({"ts": ts, "account": f"user{number % 7}", "item": f"i{number}"}).encode()


@pytest.fixture(params=["mock", pytest.param("tansu", marks=pytest.mark.slow)])
def brokers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Brokers]:
    """Return the mock cluster of the library, or a real broker."""
    if request.param == "mock":
        yield mock_cluster()
        return
    with tansu(tmp_path) as real:
        yield real


def test_messages_become_takes(folder: ServiceFolder, brokers: Brokers) -> None:
    """Records and empty messages are read and folded, and the status says so."""
    brokers.send("takes", [*map(record, range(99)), b""])
    session = Session(folder, settings(brokers))
    session.until(99)
    brokers.send("takes", map(record, range(99, 120)))
    session.until(120)
    session.steps(0.3)
    status = next(one for one in session.topics.statuses if one.name == "takes[0]")
    assert (status.format, status.lines, status.behind, status.error) == ("ndjson", 120, 0, "")
    session.crash()
    LogWriter(folder.tail_log).close()
    fold(folder)
    assert {item for _, item, _ in holdings(folder)} == {f"i{number}" for number in range(120)}


def test_log_lines_may_be_messages(folder: ServiceFolder, brokers: Brokers) -> None:
    """A message may be a line of an access log, or several."""
    brokers.send("takes", [line(0).encode(), (line(1) + line(2)).encode(), line(3).encode()])
    session = Session(folder, settings(brokers))
    session.until(4)
    assert "combined" in {one.format for one in session.topics.statuses}
    session.crash()
    assert dict(stored(folder)) == dict.fromkeys(map(line, range(4)), 1)


def test_only_new_messages_can_be_wanted(folder: ServiceFolder, brokers: Brokers) -> None:
    """With from_start = false, what is in the topic does not count."""
    # The number of messages that Tansu tells is that of batches, so each is a batch.
    for number in range(10):
        brokers.send("takes", [record(number)])
    session = Session(folder, settings(brokers, from_start=False))
    session.steps(0.3)
    brokers.send("takes", map(record, range(10, 20)))
    session.until(10)
    session.crash()
    assert len(stored(folder)) == 10


def test_a_crash_stores_each_message_once(folder: ServiceFolder, brokers: Brokers) -> None:
    """A new session goes on from the offset that is in the log beside the messages."""
    for number in range(3):
        brokers.send("takes", map(record, range(500 * number, 500 * number + 500)))
        session = Session(folder, settings(brokers))
        session.until(500)
        session.crash()
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(1500)}


def test_messages_that_were_removed_are_told(folder: ServiceFolder) -> None:
    """If the brokers have removed what was not read yet, it is said, and the rest is read.

    The mock cluster keeps 5 MiB of a partition.
    """
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(10)))
    session = Session(folder, settings(brokers))
    session.until(10)
    session.crash()
    padding = b" " * 100_000
    brokers.send("takes", (record(number) + padding for number in range(10, 110)))
    session = Session(folder, settings(brokers))
    while not session.notes:
        session.step()
    assert "takes[0]: message 10 is not there any more" in session.notes[0]
    first = int(session.notes[0].rpartition(" ")[2])
    session.until(110 - first)
    session.crash()
    found = {line.rstrip(): count for line, count in stored(folder).items()}
    expected = [*range(10), *range(first, 110)]
    assert found == {record(number).decode(): 1 for number in expected}


def test_brokers_that_do_not_answer_are_told(folder: ServiceFolder) -> None:
    """The status names the cluster and the reason."""
    chosen = Settings.model_validate(
        {"service": {"kafka": [{"servers": "127.0.0.1:9", "topics": ["takes"]}]}}
    )
    session = Session(folder, chosen)
    session.step()
    assert "does not answer" in session.topics.statuses[0].error
    session.crash()


def test_a_partition_that_is_not_understood_stops_no_other(
    folder: ServiceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps a bounded number of messages, its status says why, and the others are read."""
    monkeypatch.setattr(partition, "MESSAGES_AT_ONCE", 50)
    monkeypatch.setattr(topics, "MESSAGES_AT_ONCE", 50)
    brokers = mock_cluster()
    noise = [b"%d nothing that a log has" % number for number in range(500)]
    mixed = [one for pair in zip(map(record, range(500)), noise, strict=True) for one in pair]
    brokers.send("takes", mixed, partitions=2)
    session = Session(folder, settings(brokers))
    session.until(500)
    brokers.send("takes", map(record, range(500, 700)))
    session.until(700)
    session.steps(0.3)
    status = {one.name: one for one in session.topics.statuses}
    assert (status["takes[0]"].behind, status["takes[0]"].error) == (0, "")
    assert "format" in status["takes[1]"].error
    assert status["takes[1]"].lines == 0
    session.crash()
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(700)}


def test_a_partition_that_does_not_answer_stops_no_other(
    folder: ServiceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status names it, and it is read as soon as it answers."""
    silent = {1}

    class Consumer(kafka.Consumer):  # type: ignore[misc] # the library has no types
        """Gets no answer about some partitions."""

        def get_watermark_offsets(self, place: Any, **options: Any) -> tuple[int, int]:  # noqa: ANN401 - as the library
            if place.partition in silent and not options.get("cached"):
                raise kafka.KafkaException(kafka.KafkaError(kafka.KafkaError.LEADER_NOT_AVAILABLE))
            found: tuple[int, int] = super().get_watermark_offsets(place, **options)
            return found

    monkeypatch.setattr(kafka, "Consumer", Consumer)
    monkeypatch.setattr(topics, "_REFRESH", 0.2)
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(100)), partitions=2)
    session = Session(folder, settings(brokers))
    session.until(50)
    told = {one.name: one.error for one in session.topics.statuses if one.error}
    assert list(told) == ["takes[1]"]
    assert told["takes[1]"].startswith("does not answer")
    silent.clear()
    session.until(100)
    assert not any(one.error for one in session.topics.statuses)
    session.crash()
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(100)}


def test_messages_that_come_while_the_tailer_is_down_are_new(
    folder: ServiceFolder, brokers: Brokers
) -> None:
    """With from_start = false, the beginning is kept, although no message was read yet."""
    brokers.send("takes", [record(0)])
    session = Session(folder, settings(brokers, from_start=False))
    session.steps(0.3)
    session.crash()
    brokers.send("takes", [record(1)])
    session = Session(folder, settings(brokers, from_start=False))
    session.until(1)
    session.crash()
    assert dict(stored(folder)) == {record(1).decode() + "\n": 1}


def test_a_missing_topic_is_told_beside_one_that_is_read(folder: ServiceFolder) -> None:
    """A topic behind it in the settings does not hide that it is missing."""
    brokers = mock_cluster()
    brokers.send("takes", map(record, range(10)))
    options = folder.root / "kafka.txt"
    options.write_text("allow.auto.create.topics=false\n")
    chosen = settings(brokers, topics=["missing", "takes"], options_file=str(options))
    session = Session(folder, chosen)
    session.until(10)
    assert "there is no topic missing" in [one.error for one in session.topics.statuses]
    session.crash()


@pytest.mark.slow
def test_a_killed_tailer_stores_each_message_once(folder: ServiceFolder, brokers: Brokers) -> None:
    """Five kills under load."""
    dice = random.Random(3)  # noqa: S311 - a repeatable test
    sent = 0
    for _ in range(5):
        with tailer(folder, settings(brokers)) as running:
            end = time.monotonic() + dice.uniform(1, 4)
            while time.monotonic() < end:
                count = dice.randrange(1, 200)
                brokers.send("takes", map(record, range(sent, sent + count)))
                sent += count
                time.sleep(0.05)
            running.send_signal(signal.SIGKILL)
            running.wait()
    session = Session(folder, settings(brokers))
    session.steps(3)
    session.crash()
    assert dict(stored(folder)) == {record(one).decode() + "\n": 1 for one in range(sent)}

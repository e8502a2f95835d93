"""Find the offset at which the reading of a partition of Kafka begins.

With ``from_start = false``, a partition begins at its first message since Ringfence first looked at
its topic. This time is stored beside the places. So a partition loses no message if it did not
answer before a restart, or was added while the service was down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from ringfence.service.tailer.partition import KafkaObject
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.places import FirstLook

ANSWER: Final = 5.0
"""Seconds for the answers about all partitions, during which nothing is read."""

_ONE_ANSWER: Final = 2.0
"""Seconds for one of these answers."""

_CLOCKS: Final = 300_000
"""Milliseconds by which the clocks of producers and brokers may be behind this one. A message that
is older than the first look by less than this may be read too."""

PartitionKey = tuple[str, int]
"""A topic and the number of a partition, or -1 for a topic that is not there."""


class Beginnings:
    """Where partitions of one cluster begin.

    Args:
        library: for Kafka.
        consumer: of the cluster.
        table: of places, which has the times of the first looks.
        from_start: whether partitions begin at their first message.
        note: receives one line about each partition that was found later.
    """

    def __init__(
        self,
        library: KafkaObject,
        consumer: KafkaObject,
        table: PlaceTable,
        note: Callable[[str], None],
        *,
        from_start: bool,
    ) -> None:
        self._library = library
        self._consumer = consumer
        self._table = table
        self._from_start = from_start
        self._note = note
        self._tried: int | None = None
        self._is_first_try = True
        self._since: dict[str, int] = {}
        self._seen_first: set[str] = set()
        self._asked: dict[PartitionKey, float] = {}
        self._end = 0.0

    def look(self) -> None:
        """Remember the time of the first look of this process, whether brokers answer or not."""
        self._is_first_try = self._tried is None
        if self._tried is None:
            # In milliseconds since 1970, as Kafka counts.
            self._tried = int(time.time() * 1000)

    def see(self, cluster: str, topics: Iterable[str]) -> None:
        """Store the times of the first looks at topics, also at those that are not there yet.

        Args:
            cluster: name of the cluster that answered.
            topics: of the settings.
        """
        self._seen_first = set()
        for topic in topics:
            look = FirstLook(cluster, topic, self._tried or 0)
            known = self._table.get(look.name)
            if not isinstance(known, FirstLook):
                self._table.note([known := look])
                self._seen_first.add(topic)
            self._since[topic] = known.at
        if self._seen_first:
            # If the disk is full, the table is stored with the next segment.
            with suppress(OSError):
                self._table.store()

    def first_offsets(
        self, keys: Iterable[PartitionKey]
    ) -> tuple[dict[PartitionKey, int], dict[PartitionKey, str]]:
        """Return the first offsets of partitions, and why others have none."""
        return self._ask(keys, lambda key: self._range(key)[0])

    def of_new(
        self, keys: Iterable[PartitionKey]
    ) -> tuple[dict[PartitionKey, int], dict[PartitionKey, str]]:
        """Return where partitions without a place begin, and why others cannot be read yet."""
        return self._ask(keys, self._beginning)

    def _ask(
        self, keys: Iterable[PartitionKey], question: Callable[[PartitionKey], int]
    ) -> tuple[dict[PartitionKey, int], dict[PartitionKey, str]]:
        """Return answers about partitions. Those that were not asked about for longest come first.

        Nothing is read meanwhile, so the time for all is limited.
        """
        found: dict[PartitionKey, int] = {}
        failed = {}
        self._end = time.monotonic() + ANSWER
        for key in sorted(keys, key=lambda key: (self._asked.get(key, 0.0), key)):
            if time.monotonic() > self._end:
                failed[key] = "was not asked for, because others did not answer"
                continue
            self._asked[key] = time.monotonic()
            try:
                found[key] = question(key)
            except self._library.KafkaException as error:
                failed[key] = no_answer(error)
        return found, failed

    def _time_left(self) -> float:
        return max(0.1, min(_ONE_ANSWER, self._end - time.monotonic()))

    def _range(self, key: PartitionKey) -> tuple[int, int]:
        place = self._library.TopicPartition(*key)
        timeout = self._time_left()
        found: tuple[int, int] = self._consumer.get_watermark_offsets(place, timeout=timeout)
        return found

    def _beginning(self, key: PartitionKey) -> int:
        """Return the offset of the first message of a partition that counts.

        At a later look than the first, the end is too late: the partition may have been added, or
        may not have answered, while messages came.

        Raises:
            KafkaException: the brokers do not answer. The caller tries again later.
        """
        first, end = self._range(key)
        if self._from_start:
            return first
        if self._is_first_try and key[0] in self._seen_first:
            return end
        asked = self._library.TopicPartition(*key, max(0, self._since[key[0]] - _CLOCKS))
        (found,) = self._consumer.offsets_for_times([asked], timeout=self._time_left())
        if found.error:
            raise self._library.KafkaException(found.error)
        # Below 0 if no message is as new.
        begin = int(found.offset) if found.offset >= 0 else end
        self._note(f"{key[0]}[{key[1]}]: found later; begins at {begin:,}, its first new message")
        return begin


def no_answer(error: KafkaObject) -> str:
    """Return what the status of a source says if brokers do not answer."""
    return f"does not answer: {error.args[0].str()}"

"""Read topics of Kafka. The offsets are in the service's own log, beside the messages.

A partition that cannot be read stops no other one, and its status says why.

Partitions are assigned by this process and not by a group of Kafka, and nothing is committed to
Kafka. So a message counts once, whatever happens to this process or to the brokers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError
from ringfence.reading_settings import EventSettings
from ringfence.service.tailer.beginnings import ANSWER, Beginnings, PartitionKey, no_answer
from ringfence.service.tailer.layout_finder import LayoutFinder
from ringfence.service.tailer.partition import MESSAGES_AT_ONCE, KafkaObject, Partition
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.places import TopicPlace
from ringfence.service.tailer.portion import Portion, SourceStatus
from ringfence.small_files import read_small_file
from ringfence.source_settings import KafkaSourceSettings

_REFRESH: Final = 30.0
"""Seconds between two looks for new partitions."""

_MOST_OPTIONS: Final = 1 << 16
_OWN: Final = frozenset({"bootstrap.servers", "enable.auto.commit", "enable.auto.offset.store"})

_NO_PARTITION: Final = -1


class TopicReader:
    """All topics that are read.

    Args:
        sources: ``[[service.kafka]]``.
        usual: ``[events]``.
        table: of places.
        finder: of layouts.
        note: receives one line about each event that an operator should know.

    Raises:
        SettingsError: the library for Kafka is not installed, or an option cannot be used.
    """

    def __init__(
        self,
        sources: Sequence[KafkaSourceSettings],
        usual: EventSettings,
        table: PlaceTable,
        finder: LayoutFinder,
        note: Callable[[str], None],
    ) -> None:
        self._clusters = [_Cluster(one, one.events(usual), table, finder, note) for one in sources]

    @property
    def statuses(self) -> list[SourceStatus]:
        """The state of each partition, and of each cluster that does not answer."""
        return [status for one in self._clusters for status in one.statuses]

    def read(self) -> Iterator[Portion]:
        """Yield the next messages of each partition. They must be stored before the next call."""
        for one in self._clusters:
            yield from one.read()

    def close(self) -> None:
        """Close the connections."""
        for one in self._clusters:
            one.close()


class _Cluster:
    """The topics of one entry of the settings.

    Args:
        source: the entry.
        events: how its messages are read.
        table: of places.
        finder: of layouts.
        note: receives lines for an operator.
    """

    def __init__(
        self,
        source: KafkaSourceSettings,
        events: EventSettings,
        table: PlaceTable,
        finder: LayoutFinder,
        note: Callable[[str], None],
    ) -> None:
        self._note = note
        self._library = _library()
        self._source = source
        self._events = events
        self._table = table
        self._finder = finder
        self._status = SourceStatus(f"Kafka {source.servers}")
        self._partitions: dict[PartitionKey, Partition] = {}
        self._absent: dict[PartitionKey, SourceStatus] = {}
        self._lost: set[PartitionKey] = set()
        self._paused: set[PartitionKey] = set()
        self._refreshed = -_REFRESH
        options = {"group.id": "ringfence", **_options(source), **_fixed(source)}
        try:
            self._consumer: KafkaObject = self._library.Consumer(options, logger=_NoLogger())
        except self._library.KafkaException as error:
            raise SettingsError(
                f"cannot be used: {error.args[0].str()}", where="service.kafka.options_file"
            ) from error
        self._beginnings = Beginnings(
            self._library, self._consumer, table, note, from_start=source.from_start
        )

    @property
    def statuses(self) -> list[SourceStatus]:
        """The state of each partition, and of the cluster if it does not answer."""
        every = [one.status for one in self._partitions.values()] + list(self._absent.values())
        return [*every, self._status] if self._status.error or not every else every

    def read(self) -> Iterator[Portion]:
        """Yield the next messages of each partition."""
        self._refresh()
        if self._partitions:
            self._consume()
        for key, one in self._partitions.items():
            self._see_lag(key, one)
            if portion := one.portion():
                yield portion

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    def _consume(self) -> None:
        self._pause_full_ones()
        error = ""
        lost: set[PartitionKey] = set()
        for message in self._consumer.consume(MESSAGES_AT_ONCE, 0.02):
            key = (message.topic(), message.partition())
            if not message.error():
                self._partitions[key].add(message)
                self._status.error = ""
            elif message.error().code() == self._library.KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its public name
                lost.add(key)
            elif key in self._partitions:
                self._partitions[key].cannot_be_read(message.error().str())
            else:
                error = message.error().str()
        self._status.error = error or self._status.error
        if lost:
            self._begin_again(lost)

    def _pause_full_ones(self) -> None:
        """Take nothing more of partitions whose messages are not understood: bounded memory."""
        full = {key for key, one in self._partitions.items() if one.is_full}
        if full == self._paused:
            return
        self._consumer.resume([self._library.TopicPartition(*key) for key in self._paused - full])
        self._consumer.pause([self._library.TopicPartition(*key) for key in full - self._paused])
        self._paused = full

    def _begin_again(self, lost: set[PartitionKey]) -> None:
        """Go on with partitions whose next message the brokers do not have any more."""
        found, failed = self._beginnings.first_offsets(lost)
        for key, why in failed.items():
            self._partitions[key].cannot_be_read(why)
        for key, first in found.items():
            one = self._partitions[key]
            self._note(
                f"{one.status.name}: message {one.place.offset:,} is not there any more; the "
                f"topic was made again, or its messages were removed; continues at {first:,}"
            )
            one.begin_at(first)
        self._lost = (self._lost | lost) - found.keys()
        if found:
            self._assign_all()

    def _see_lag(self, key: PartitionKey, one: Partition) -> None:
        topic = self._library.TopicPartition(*key)
        with suppress(self._library.KafkaException):
            _, end = self._consumer.get_watermark_offsets(topic, cached=True)
            one.status.behind = max(0, end - one.place.offset)

    def _refresh(self) -> None:
        """Find the partitions, and begin to read those that are new."""
        now = time.monotonic()
        if now - self._refreshed < (_REFRESH if self._partitions else ANSWER):
            return
        self._refreshed = now
        self._beginnings.look()
        try:
            found = self._consumer.list_topics(timeout=ANSWER)
        except self._library.KafkaException as error:
            self._status.error = no_answer(error)
            return
        if self._lost:
            self._begin_again(self._lost)
        wanted = {(topic, one) for topic in self._source.topics for one in _numbers(found, topic)}
        self._status.error = ""
        self._see_missing(topic for topic in self._source.topics if not _numbers(found, topic))
        cluster = found.cluster_id or self._source.servers
        self._beginnings.see(cluster, self._source.topics)
        if wanted - self._partitions.keys():
            self._assign(cluster, wanted)

    def _see_missing(self, topics: Iterable[str]) -> None:
        """Tell which topics are not there."""
        missing = {(topic, _NO_PARTITION): f"there is no topic {topic}" for topic in topics}
        for key in [key for key in self._absent if key[1] == _NO_PARTITION and key not in missing]:
            del self._absent[key]
        for key, why in missing.items():
            self._absent.setdefault(key, SourceStatus(key[0])).error = why

    def _assign(self, cluster: str, wanted: set[PartitionKey]) -> None:
        """Begin to read those of some partitions that are not read and that answer."""
        places = {key: self._known_place(cluster, *key) for key in wanted - self._partitions.keys()}
        unknown = [key for key, place in places.items() if place is None]
        found, failed = self._beginnings.of_new(unknown)
        for key, begin in found.items():
            place = places[key] = TopicPlace(cluster, *key, begin)
            self._table.note([place])
        if found:
            # If the disk is full, the table is stored with the next segment.
            with suppress(OSError):
                self._table.store()
        begun = {key: place for key, place in sorted(places.items()) if place is not None}
        for key, place in begun.items():
            self._absent.pop(key, None)
            self._partitions[key] = Partition(place, self._events, self._finder)
        for key, why in failed.items():
            self._absent.setdefault(key, SourceStatus(f"{key[0]}[{key[1]}]")).error = why
        if begun:
            self._assign_all()

    def _known_place(self, cluster: str, topic: str, number: int) -> TopicPlace | None:
        known = self._table.get(TopicPlace(cluster, topic, number, 0).name)
        return known if isinstance(known, TopicPlace) else None

    def _assign_all(self) -> None:
        # Messages of the former assignment that come again are recognised by their offsets.
        self._consumer.assign(
            [
                self._library.TopicPartition(topic, number, one.next_offset)
                for (topic, number), one in self._partitions.items()
            ]
        )
        self._paused = set()


def _numbers(found: KafkaObject, topic: str) -> list[int]:
    """Return the numbers of the partitions of a topic; none if there is no such topic."""
    there = found.topics.get(topic)
    return [] if there is None or there.error else sorted(there.partitions)


class _NoLogger:
    """Drops what the library would print; its errors are in the status."""

    def log(self, *_: object) -> None:
        """Drop a line."""


def _fixed(source: KafkaSourceSettings) -> dict[str, object]:
    return {
        "bootstrap.servers": source.servers,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "queued.max.messages.kbytes": 65_536,
        "isolation.level": "read_committed",
    }


def _options(source: KafkaSourceSettings) -> dict[str, str]:
    """Return further settings of the library.

    Raises:
        SettingsError: the file cannot be read, or a line of it cannot be used.
    """
    if not source.options_file:
        return {}
    hint = "write one name=value per line"
    text = read_small_file(source.options_file, _MOST_OPTIONS, hint).decode("utf-8", "replace")
    options = {}
    for line in text.splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.startswith("#"):
            continue
        if not equals or name in _OWN:
            where = str(Path(source.options_file))
            raise SettingsError(f"has no setting for us in {name!r}", where=where, hint=hint)
        options[name] = value
    return options


def _library() -> KafkaObject:
    """Return the library.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        import confluent_kafka  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingsError(
            "needs the package confluent-kafka",
            where="service.kafka",
            hint="install ringfence[kafka]",
        ) from error
    return confluent_kafka

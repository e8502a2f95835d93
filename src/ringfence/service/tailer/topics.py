"""Read topics of Kafka. The offsets are in the service's own log, beside the messages.

Partitions are assigned by this process and not by a group of Kafka, and nothing is committed to
Kafka. So a message counts once, whatever happens to this process or to the brokers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ringfence.errors import RingfenceError, SettingsError
from ringfence.reading_settings import EventSettings
from ringfence.service.tailer.layout_finder import BEGINNING, ENOUGH_LINES, LayoutFinder
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.places import TopicPlace
from ringfence.service.tailer.portion import Portion, SourceStatus
from ringfence.small_files import read_small_file
from ringfence.source_settings import KafkaSourceSettings

_AT_ONCE: Final = 20_000
"""Messages that are read at once."""

_REFRESH: Final = 30.0
"""Seconds between two looks for new partitions."""

_PATIENCE: Final = 2.0
"""Seconds for which more lines are waited for before a layout is learned from a few."""

_ANSWER: Final = 5.0
_MOST_OPTIONS: Final = 1 << 16
_OWN: Final = frozenset({"bootstrap.servers", "enable.auto.commit", "enable.auto.offset.store"})

KafkaObject = Any
"""The module ``confluent_kafka``, which has no types, or an object of it."""


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


class _Partition:
    """One partition, and its messages that are not stored yet.

    Args:
        place: of the next message to store.
        events: how its messages are read.
        finder: of layouts.
    """

    def __init__(self, place: TopicPlace, events: EventSettings, finder: LayoutFinder) -> None:
        self.place = place
        self.status = SourceStatus(f"{place.topic}[{place.partition}]")
        self._events = events
        self._finder = finder
        self._waiting: list[bytes] = []
        self._next = place.offset
        self._since = self._tried = 0.0
        self._failed = 0

    def begin_at(self, offset: int) -> None:
        """Drop what waits, and go on from another offset: the topic was made again."""
        self.place = replace(self.place, offset=offset)
        self._next = offset
        self._waiting.clear()

    def add(self, message: KafkaObject) -> None:
        """Take a message, unless it was taken before."""
        offset = message.offset()
        if offset < self._next:
            return
        self._since = self._since or time.monotonic()
        self._waiting.append(_record(message.value()))
        self._next = offset + 1

    def portion(self) -> Portion | None:
        """Return the messages that wait, if their layout is known; else None."""
        if self._next == self.place.offset:
            self.status.caught_up()
            return None
        records = b"".join(self._waiting)
        if records and not self._knows_layout(records):
            return None
        after = replace(self.place, offset=self._next)

        def stored() -> None:
            self.place = after
            self._waiting.clear()
            self._since = 0.0
            self.status.stored(records)

        return Portion(after, records, stored)

    @property
    def next_offset(self) -> int:
        """The offset of the next message to take."""
        return self._next

    @property
    def is_full(self) -> bool:
        """Whether messages wait whose layout cannot be found."""
        return len(self._waiting) >= _AT_ONCE

    def _knows_layout(self, records: bytes) -> bool:
        if known := self._finder.layout(self.place.stream):
            self.status.format = known.format
            return True
        now, lines = time.monotonic(), len(self._waiting)
        if lines == self._failed or (lines < ENOUGH_LINES and now - self._since < _PATIENCE):
            return False
        if self._failed and now - self._tried < _PATIENCE:
            return False
        beginning = records[:BEGINNING]
        beginning = beginning[: beginning.rfind(b"\n") + 1] or records[: records.find(b"\n") + 1]
        self._failed, self._tried = lines, now
        try:
            found = self._finder.find(self._events, beginning)
        except RingfenceError as error:
            self.status.error = error.what
            return False
        if found.header:
            self.status.error = "messages in csv are not read"
            return False
        self.place = replace(self.place, stream=found.stream)
        self.status.format, self.status.error, self._failed = found.format, "", 0
        return True


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
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self._refreshed = -_REFRESH
        options = {"group.id": "ringfence", **_options(source), **_fixed(source)}
        try:
            self._consumer: KafkaObject = self._library.Consumer(options, logger=_NoLogger())
        except self._library.KafkaException as error:
            raise SettingsError(
                f"cannot be used: {error.args[0].str()}", where="service.kafka.options_file"
            ) from error

    @property
    def statuses(self) -> list[SourceStatus]:
        """The state of each partition, and of the cluster if it does not answer."""
        every = [one.status for one in self._partitions.values()]
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
        if any(one.is_full for one in self._partitions.values()):
            # Bounded memory: nothing more is taken until these are understood.
            return
        error = ""
        gone: set[tuple[str, int]] = set()
        for message in self._consumer.consume(_AT_ONCE, 0.02):
            key = (message.topic(), message.partition())
            if not message.error():
                self._partitions[key].add(message)
                self._status.error = ""
            elif message.error().code() == self._library.KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its public name
                gone.add(key)
            else:
                error = message.error().str()
        self._status.error = error or self._status.error
        if gone:
            self._begin_again(gone)

    def _begin_again(self, gone: set[tuple[str, int]]) -> None:
        """Go on with partitions whose next message the brokers do not have any more."""
        try:
            for topic, number in gone:
                place = self._library.TopicPartition(topic, number)
                first, _ = self._consumer.get_watermark_offsets(place, timeout=_ANSWER)
                one = self._partitions[topic, number]
                self._note(
                    f"{one.status.name}: message {one.place.offset:,} is not there any more; the "
                    f"topic was made again, or its messages were removed; continues at {first:,}"
                )
                one.begin_at(first)
            self._assign_all()
        except self._library.KafkaException as error:
            self._status.error = f"does not answer: {error.args[0].str()}"

    def _see_lag(self, key: tuple[str, int], one: _Partition) -> None:
        topic = self._library.TopicPartition(*key)
        with suppress(self._library.KafkaException):
            _, end = self._consumer.get_watermark_offsets(topic, cached=True)
            one.status.behind = max(0, end - one.place.offset)

    def _refresh(self) -> None:
        """Find the partitions, and begin to read those that are new."""
        now = time.monotonic()
        if now - self._refreshed < (_REFRESH if self._partitions else _ANSWER):
            return
        self._refreshed = now
        try:
            found = self._consumer.list_topics(timeout=_ANSWER)
            wanted = {
                (topic, number)
                for topic in self._source.topics
                for number in self._numbers(found, topic)
            }
            if wanted - self._partitions.keys():
                self._assign(found.cluster_id or self._source.servers, wanted)
        except self._library.KafkaException as error:
            self._status.error = f"does not answer: {error.args[0].str()}"

    def _numbers(self, found: KafkaObject, topic: str) -> list[int]:
        there = found.topics.get(topic)
        if there is None or there.error:
            self._status.error = f"there is no topic {topic}"
            return []
        self._status.error = ""
        return sorted(there.partitions)

    def _assign(self, cluster: str, wanted: set[tuple[str, int]]) -> None:
        for topic, number in sorted(wanted - self._partitions.keys()):
            place = TopicPlace(cluster, topic, number, 0)
            known = self._table.get(place.name)
            if isinstance(known, TopicPlace):
                place = known
            else:
                one = self._library.TopicPartition(topic, number)
                first, end = self._consumer.get_watermark_offsets(one, timeout=_ANSWER)
                place = replace(place, offset=first if self._source.from_start else end)
            self._partitions[topic, number] = _Partition(place, self._events, self._finder)
        self._assign_all()

    def _assign_all(self) -> None:
        # Messages of the former assignment that come again are recognised by their offsets.
        self._consumer.assign(
            [
                self._library.TopicPartition(topic, number, one.next_offset)
                for (topic, number), one in self._partitions.items()
            ]
        )


def _record(value: bytes | None) -> bytes:
    """Return a message as one or several lines; empty if it has no content."""
    text = (value or b"").strip(b"\r\n")
    if b"\n" in text and text.startswith((b"{", b"[")):
        # One object over several lines. Lines of one object each are kept.
        with suppress(ValueError):
            text = json.dumps(json.loads(text), ensure_ascii=False).encode()
    return text + b"\n" if text.strip() else b""


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

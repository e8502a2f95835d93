"""One partition of a topic: its messages that are not stored yet, and the layout of their lines."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ringfence.errors import RingfenceError
from ringfence.reading_settings import EventSettings
from ringfence.service.tailer.layout_finder import BEGINNING, ENOUGH_LINES, LayoutFinder
from ringfence.service.tailer.places import TopicPlace
from ringfence.service.tailer.portion import Portion, SourceStatus

MESSAGES_AT_ONCE: Final = 20_000
"""Messages that are read at once. If as many wait in a partition, no more of it are taken."""

_MOST_BYTES: Final = 64_000_000
"""Bytes of messages that may wait in a partition before no more of it are taken."""

_PATIENCE: Final = 2.0
"""Seconds for which more lines are waited for before a layout is learned from a few."""

KafkaObject = Any
"""The module ``confluent_kafka``, which has no types, or an object of it."""


class Partition:
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
        self._bytes = 0
        self._next = place.offset
        self._since = self._tried = 0.0
        self._failed = 0
        self._unread = False

    def begin_at(self, offset: int) -> None:
        """Drop what waits, and go on from another offset: the topic was made again."""
        self.place = replace(self.place, offset=offset)
        self._next = offset
        self._clear()

    def cannot_be_read(self, why: str) -> None:
        """Tell why the brokers give no message, until they give one."""
        self.status.error, self._unread = why, True

    def add(self, message: KafkaObject) -> None:
        """Take a message, unless it was taken before."""
        if self._unread:
            self.status.error, self._unread = "", False
        offset = message.offset()
        if offset < self._next:
            return
        self._since = self._since or time.monotonic()
        record = _record(message.value())
        self._waiting.append(record)
        self._bytes += len(record)
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
            self._clear()
            self.status.stored(records)

        return Portion(after, records, stored)

    @property
    def next_offset(self) -> int:
        """The offset of the next message to take."""
        return self._next

    @property
    def is_full(self) -> bool:
        """Whether no more messages may be taken: many wait whose layout is not found."""
        return len(self._waiting) >= MESSAGES_AT_ONCE or self._bytes >= _MOST_BYTES

    def _clear(self) -> None:
        self._waiting.clear()
        self._bytes = 0
        self._since = 0.0

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


def _record(value: bytes | None) -> bytes:
    """Return a message as one or several lines; empty if it has no content."""
    text = (value or b"").strip(b"\r\n")
    if b"\n" in text and text.startswith((b"{", b"[")):
        # One object over several lines. Lines of one object each are kept.
        with suppress(ValueError):
            text = json.dumps(json.loads(text), ensure_ascii=False).encode()
    return text + b"\n" if text.strip() else b""

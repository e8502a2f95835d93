"""A log file that is followed: its place, its layout, and the lines that come next."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from ringfence.errors import RingfenceError, reason
from ringfence.reading_settings import EventSettings
from ringfence.service.stream_layouts import StreamLayout
from ringfence.service.tailer.layout_finder import (
    BEGINNING,
    ENOUGH_LINES,
    LayoutFinder,
    header_length,
)
from ringfence.service.tailer.open_logs import OpenLog, with_mark
from ringfence.service.tailer.places import FilePlace
from ringfence.service.tailer.portion import Portion, SourceStatus
from ringfence.service.tailer.whole_lines import (
    has_record,
    until_other_fields,
    whole_part,
    with_one_header,
)
from ringfence.stats.seconds import HOUR

AT_ONCE: Final = 2 << 20
"""Bytes of a file that are read at once."""

_LONGEST_LINE: Final = 16 << 20
"""Bytes after which a line without an end is cut."""


@dataclass(frozen=True)
class Patience:
    """The seconds for which something is waited for.

    Attributes:
        lines: for more lines, before a layout is learned from a few.
        rotated: for more lines of a file that has another name now, before its last line counts
            although it has no end.
        retry: before a layout that was not found is looked for again.
        close: before a rotated file is closed.
    """

    lines: float = 2.0
    rotated: float = 10.0
    retry: float = 5.0
    close: float = HOUR


class FollowedLog:
    """One content that is read to its end, whatever the file is called meanwhile.

    Args:
        log: the open file.
        place: up to which it was read.
        events: how it is read.
        finder: of layouts.
        patience: see there.

    Attributes:
        events: how it is read.
        place: up to which its lines are stored.
        named: whether a pattern of the settings names the file now.
        status: for the operator.
    """

    def __init__(
        self,
        log: OpenLog,
        place: FilePlace,
        events: EventSettings,
        finder: LayoutFinder,
        patience: Patience,
    ) -> None:
        self.log = log
        self.place = place
        self.named = True
        self.status = SourceStatus(place.path)
        self.events = events
        self._finder = finder
        self._patience = patience
        self._changed = self._tried = time.monotonic()
        self._learn_at: int | None = None
        self._lines_since = self._changed
        self._failed = 0
        self._size = -1
        if layout := finder.layout(place.stream):
            self.status.format = layout.format

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected: it is compressed, or has another name for a while."""
        old = time.monotonic() - self._changed >= self._patience.rotated
        return self.log.is_complete() or (not self.named and not self.log.packed and old)

    @property
    def is_done(self) -> bool:
        """Whether the file can be closed."""
        if not self.place.ended:
            return False
        old = time.monotonic() - self._changed >= self._patience.close
        return self.log.packed or (not self.named and (self.log.is_removed or old))

    @property
    def is_quiet(self) -> bool:
        """Whether all of it was read, and nothing was added for long. It is opened again then."""
        old = time.monotonic() - self._changed >= self._patience.close
        return old and self.named and self.log.size == self.place.offset

    def read(self) -> Portion | None:
        """Return the next whole lines; None if there are none."""
        try:
            self._look()
            portion = self._next()
        except OSError as error:
            self.status.error = f"cannot be read: {reason(error)}"
            return None
        except RingfenceError as error:
            self.status.error = error.what
            return None
        if not self._failed:
            self.status.error = ""
            if portion is None:
                self.status.caught_up()
        return portion

    def shorten(self) -> Portion:
        """Return the place of a file that was cut at its end, and whose beginning is the same."""
        return self._portion(b"", 0, replace(self.place, offset=self.log.size))

    def _look(self) -> None:
        size = self.log.size
        if size != self._size:
            self._changed, self._size = time.monotonic(), size
        self.status.behind = max(0, size - self.place.offset)

    def _next(self) -> Portion | None:
        offset = self.place.offset
        data = self.log.data(offset, AT_ONCE)
        hole = self.log.skip_hole(offset) if data.startswith(b"\0") else offset
        data = data if hole == offset else self.log.data(hole, AT_ONCE)
        if not data:
            return self._end(hole)
        layout = self._layout()
        if layout is None:
            return None
        if not offset and layout.header:
            hole, data = self.place.header, data[self.place.header :]
        whole = whole_part(data, layout)
        lines = until_other_fields(whole, layout)
        if whole and not lines:
            # The lines that follow have other fields, and belong to another stream.
            self._learn_at = offset
            return None
        lines = lines or self._rest(data, hole)
        if not lines:
            return None if data else self._end(hole)
        ending = b"" if lines.endswith(b"\n") else b"\n"
        return self._portion(lines + ending, hole + len(lines) - offset, self.place)

    def _rest(self, data: bytes, offset: int) -> bytes:
        """Return a line without an end, if it will not get one, or is too long."""
        if len(data) >= AT_ONCE:
            data = self.log.data(offset, _LONGEST_LINE)
            end = data.rfind(b"\n") + 1
            return data[:end] if end or len(data) < _LONGEST_LINE else data
        return data if self.is_final else b""

    def _end(self, offset: int) -> Portion | None:
        """Return the last place of a file to which nothing more comes."""
        if self.place.ended or not self.is_final:
            return None
        return self._portion(b"", offset - self.place.offset, replace(self.place, ended=True))

    def _portion(self, records: bytes, length: int, place: FilePlace) -> Portion:
        # A file that is read on after its end has not ended.
        ended = place.ended and not records
        after = replace(place, offset=place.offset + length, ended=ended)
        after = with_mark(self.log, after)

        def stored() -> None:
            self.place = after
            self.log.release(after.offset)
            self.status.stored(records)
            self.status.behind = max(0, self.log.size - after.offset)

        return Portion(after, records, stored)

    def _layout(self) -> StreamLayout | None:
        """Return the layout of the next lines; None if it cannot be known yet."""
        if self._learn_at is None and (known := self._finder.layout(self.place.stream)):
            return known
        start = self._learn_at or 0
        beginning = self.log.beginning(BEGINNING, start)
        beginning = beginning[: beginning.rfind(b"\n") + 1] or (beginning if self.is_final else b"")
        beginning = with_one_header(beginning)
        if not self._may_learn(beginning):
            return None
        self._failed, self._tried = len(beginning), time.monotonic()
        found = self._finder.find(self.events, beginning.lstrip(b"\0"))
        header = self.place.header if start else header_length(found, beginning)
        self.place = replace(self.place, stream=found.stream, header=header)
        self.status.format, self._learn_at, self._failed = found.format, None, 0
        return found

    def _may_learn(self, beginning: bytes) -> bool:
        """Return whether there are enough lines, or no more came for a while."""
        now, lines = time.monotonic(), beginning.count(b"\n")
        if not has_record(beginning):
            self._lines_since = now
            return False
        if self._failed:
            later = now - self._tried >= self._patience.retry
            return len(beginning) != self._failed and (later or self.is_final)
        enough = lines >= ENOUGH_LINES or 2 * len(beginning) >= BEGINNING
        return enough or self.is_final or now - self._lines_since >= self._patience.lines

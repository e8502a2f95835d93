"""Portions of a source that are stored at once, and the status of the source."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Final

from ringfence.service.event_log import Batch
from ringfence.service.tailer.places import SourcePlace, place_text

_NO_STREAM: Final = "raw-none"
"""The stream of batches that have a place only."""


@dataclass
class SourceStatus:
    """The state of one source, for the operator.

    Attributes:
        name: path, or topic and partition.
        format: name of its format; empty as long as it is not known.
        behind: bytes or messages that are not stored yet.
        lines: lines that were stored since the process began.
        last_event: when a line was stored last, seconds since 1970; 0 for never.
        error: why it cannot be read; empty if it can.
    """

    name: str
    format: str = ""
    behind: int = 0
    lines: int = 0
    last_event: float = 0.0
    error: str = ""
    _fresh: float = field(default_factory=time.monotonic)

    @property
    def seconds_behind(self) -> float:
        """Seconds for which something has been waiting."""
        return time.monotonic() - self._fresh if self.behind or self.error else 0.0

    def caught_up(self) -> None:
        """Take note that all whole lines are stored."""
        self._fresh = time.monotonic()

    def stored(self, records: bytes) -> None:
        """Take note of lines that were stored."""
        if records:
            self.lines += records.count(b"\n")
            self.last_event = time.time()

    def values(self) -> dict[str, object]:
        """Return what the status file says about the source."""
        values = {name: value for name, value in asdict(self).items() if name != "_fresh"}
        return {**values, "seconds_behind": round(self.seconds_behind, 1)}


@dataclass(frozen=True)
class Portion:
    """Whole lines of a source, and the place after them.

    Attributes:
        place: after these lines.
        records: the lines, each with its end; empty if only the place has changed.
        stored: called when lines and place are on disk.
    """

    place: SourcePlace
    records: bytes
    stored: Callable[[], None]

    @property
    def batch(self) -> Batch:
        """The batch whose frame has the lines and the place."""
        return Batch(self.place.stream or _NO_STREAM, place_text(self.place), self.records)

"""Find the segments of the log, and read those that are closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ringfence.service.event_log.frames import Batch, read_frames
from ringfence.service.event_log.log_errors import LogDamagedError

OPEN_ENDING: Final = ".open"
"""The ending of the segment to which batches are appended."""

CLOSED_ENDING: Final = ".segment"
"""The ending of segments that never change again."""

_NUMBER: Final = re.compile("[0-9]{20}")


def segment_path(log: Path, number: int, ending: str) -> Path:
    """Return the path of a segment; its name has 20 digits."""
    return log / f"{number:020}{ending}"


def segment_number(segment: Path) -> int:
    """Return the number of a segment. Later ones have larger numbers, and none is used twice."""
    return int(segment.stem)


def closed_segments(log: Path) -> list[Path]:
    """Return the closed segments, the oldest first; none if there is no log yet."""
    return segments_named(log, CLOSED_ENDING)


def segments_named(log: Path, ending: str) -> list[Path]:
    """Return the segments whose name has an ending, the oldest first."""
    return sorted(path for path in log.glob(f"*{ending}") if _NUMBER.fullmatch(path.stem))


def read_batches(segment: Path) -> Iterator[Batch]:
    """Yield the batches of a closed segment, in the order in which they were acknowledged.

    Args:
        segment: one of :func:`closed_segments`.

    Raises:
        OSError: the file cannot be read.
        LogDamagedError: a frame has another length or check sum than was written. The batches
            before it have been yielded.
    """
    with segment.open("rb") as file:
        size = segment.stat().st_size
        end = 0
        for batch, end in read_frames(file):  # noqa: B007 - the last one is compared
            yield batch
    if end != size:
        raise LogDamagedError(
            f"{size - end:,} bytes after the first {end:,} are damaged",
            where=str(segment),
            hint="check the disk; move the file away to continue without these events",
        )

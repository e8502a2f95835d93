"""Close the segments that an earlier writer of the log left open."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from ringfence.private_files import sync_folder
from ringfence.service.event_log.frames import SEGMENT_MARK, read_frames
from ringfence.service.event_log.reading import (
    CLOSED_ENDING,
    OPEN_ENDING,
    closed_segments,
    segment_number,
    segments_named,
)
from ringfence.service.event_log.recent_keys import RecentKeys, digest_of

_UNKNOWN_ENDING: Final = ".unknown"


def recover_log(log: Path, keys: RecentKeys) -> int:
    """Close the segments that were left open, and return the largest number in use.

    A frame that a crash has cut was never acknowledged, and is removed. The keys of segments that
    were closed without storing them are added. A segment that another version of Ringfence began is
    put aside, under its name with the ending ``unknown``.

    Raises:
        OSError: a segment cannot be read or cut.
    """
    for path in segments_named(log, OPEN_ENDING):
        _close_leftover(path)
    sync_folder(log)
    stored = keys.last_number
    for path in closed_segments(log):
        if segment_number(path) >= stored:
            keys.add(segment_number(path), [one for one in _digests(path) if one not in keys])
    with suppress(OSError):
        keys.store()
    numbers = [segment_number(path) for path in closed_segments(log)]
    return max([keys.last_number, *numbers])


def _close_leftover(path: Path) -> None:
    if not _may_be_ours(path):
        path.rename(path.with_suffix(_UNKNOWN_ENDING))
        return
    end = 0
    with path.open("r+b") as file:
        for _, position in read_frames(file):
            end = position
        file.truncate(end)
        os.fsync(file.fileno())
    if end:
        path.rename(path.with_suffix(CLOSED_ENDING))
    else:
        path.unlink()


def _may_be_ours(path: Path) -> bool:
    """Return whether a segment begins as this version writes it, or was cut before it did."""
    with path.open("rb") as file:
        start = file.read(len(SEGMENT_MARK))
    return SEGMENT_MARK.startswith(start) or not any(start)


def _digests(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [digest for batch, _ in read_frames(file) if (digest := digest_of(batch))]

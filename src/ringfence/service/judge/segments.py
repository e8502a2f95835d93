"""Read the segments of a plan: their streams, and the records of one stream as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ringfence.events.fingerprint import Content
from ringfence.events.sources import Source
from ringfence.service.event_log import Batch, LogDamagedError, closed_segments, read_batches
from ringfence.service.event_log.reading import CLOSED_ENDING, segment_number, segment_path
from ringfence.service.judge.plan import FoldPlan, FoldUnit
from ringfence.service.stream_layouts import read_layout


def closed_segment(log: Path, number: int) -> Path:
    """Return the path of a closed segment."""
    return segment_path(log, number, CLOSED_ENDING)


def waiting_segments(log: Path, most_bytes: int) -> list[int]:
    """Return the numbers of closed segments in order, at least one and then up to a size."""
    numbers: list[int] = []
    size = 0
    for path in closed_segments(log):
        size += path.stat().st_size
        if numbers and size > most_bytes:
            break
        numbers.append(segment_number(path))
    return numbers


def last_waiting(log: Path) -> int:
    """Return the number of the newest closed segment; 0 if none waits."""
    return max((segment_number(path) for path in closed_segments(log)), default=0)


def waits_until(log: Path, number: int) -> bool:
    """Return whether a closed segment waits whose number is at most this one."""
    return any(segment_number(path) <= number for path in closed_segments(log)[:1])


def make_plan(log: Path, numbers: Sequence[int]) -> FoldPlan:
    """Return the plan that folds some segments, with one unit for each stream.

    Args:
        log: the folder of the log.
        numbers: of the segments, in order.
    """
    damaged: dict[int, str] = {}
    streams: dict[str, dict[int, None]] = {}
    for number in numbers:
        for batch in _readable(log, number, damaged):
            if batch.records:
                streams.setdefault(batch.stream, {})[number] = None
    units = (FoldUnit(stream, tuple(found)) for stream, found in sorted(streams.items()))
    return FoldPlan(tuple(numbers), damaged, tuple(units), log=log.name, number=numbers[-1])


def next_log(logs: Sequence[Path]) -> Path | None:
    """Return the log whose oldest closed segment waits longest; None if no segment waits."""
    first = {log: waiting[0] for log in logs if (waiting := closed_segments(log))}
    return min(first, key=lambda log: first[log].stat().st_mtime_ns, default=None)


def unit_source(log: Path, layouts: Path, unit: FoldUnit, path: Path) -> Source:
    """Write the records of a unit to a file, and return it as a source.

    Args:
        log: the folder of the log.
        layouts: the folder that says how the lines of streams are read.
        unit: the stream and its segments.
        path: the file to write. It need not last.

    Raises:
        OSError: a segment cannot be read, or the file cannot be written.
        OutputError: the layout of the stream cannot be read.
    """
    layout = read_layout(layouts, unit.stream)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        file.write(layout.header if layout else b"")
        for number in unit.segments:
            for batch in _readable(log, number, {}):
                if batch.stream == unit.stream:
                    file.write(batch.records)
                    digest.update(f"{batch.key}\n".encode() + batch.records)
    source = Source(path, _source_name(unit), named=False)
    if layout is None:
        return source
    # Two parts of a log may have the same lines. They are of different places, and both count.
    guide = layout.guide(path.with_name(f"{path.name}.beginning"))
    return replace(source, content=Content(digest.hexdigest()), guide=guide)


def _source_name(unit: FoldUnit) -> str:
    first, last = unit.segments[0], unit.segments[-1]
    place = f"segment {first}" if first == last else f"segments {first} to {last}"
    return f"{unit.stream or 'events'}, {place}"


def _readable(log: Path, number: int, damaged: dict[int, str]) -> Iterator[Batch]:
    """Yield the batches of a segment up to the first damage, which is noted."""
    path = closed_segment(log, number)
    try:
        yield from read_batches(path)
    except LogDamagedError as error:
        damaged[number] = error.what

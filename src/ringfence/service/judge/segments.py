"""Read the segments of a plan: their streams, and the records of one stream as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ringfence.events.sources import Source
from ringfence.service.event_log import Batch, LogDamagedError, closed_segments, read_batches
from ringfence.service.event_log.reading import CLOSED_ENDING, segment_number, segment_path
from ringfence.service.judge.plan import FoldPlan, FoldUnit


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
    return FoldPlan(tuple(numbers), damaged, tuple(units))


def unit_source(log: Path, unit: FoldUnit, path: Path) -> Source:
    """Write the records of a unit to a file, and return it as a source.

    Args:
        log: the folder of the log.
        unit: the stream and its segments.
        path: the file to write. It need not last.

    Raises:
        OSError: a segment cannot be read, or the file cannot be written.
    """
    with path.open("wb") as file:
        for number in unit.segments:
            for batch in _readable(log, number, {}):
                if batch.stream == unit.stream:
                    file.write(batch.records)
    return Source(path, _source_name(unit), named=False)


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

"""Read lines from the whole of a file, to see which columns its records have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from ringfence.events.content import decode, numbered_lines, packing
from ringfence.events.formats.source_columns import first_lines

_PLACES: Final = 10
_AT_A_PLACE: Final = 200
_BYTES_AT_A_PLACE: Final = 256 << 10
"""Lines and bytes that are read at each place of a plain file."""

_UNPACKED: Final = 200_000
_EACH: Final = 100
_BYTES: Final = 64 << 20
"""Limits of a compressed file, which is unpacked from its start; each hundredth line is read."""


def spread_lines(path: Path) -> list[str]:
    """Return the first lines of a file, and about 2,000 later ones from all parts of it.

    Of a compressed file, the later lines are those of its first 64 MiB.

    Raises:
        SourceError: the file cannot be read.
    """
    first = first_lines(path)
    later = _at_places(path) if packing(path) == "plain" else _of_beginning(path, len(first))
    return [*first, *map(decode, later)]


def _at_places(path: Path) -> Iterator[bytes]:
    """Yield whole lines from places spread over a plain file; the last place is its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for place in range(1, _PLACES + 1):
            start = max(0, size - _BYTES_AT_A_PLACE) * place // _PLACES
            file.seek(start)
            data = file.read(_BYTES_AT_A_PLACE)
            lines = data.split(b"\n")[1 if start else 0 :]
            if place < _PLACES:
                lines = lines[:-1][:_AT_A_PLACE]
            yield from (line.removesuffix(b"\r") for line in lines[-_AT_A_PLACE:] if line)


def _of_beginning(path: Path, skipped: int) -> Iterator[bytes]:
    """Yield some lines of a compressed file."""
    left = _BYTES
    for number, line in islice(numbered_lines(path), _UNPACKED):
        left -= len(line)
        if left < 0:
            return
        if number > skipped and number % _EACH == 0:
            yield line

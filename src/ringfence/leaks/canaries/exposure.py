"""Find canaries where users see them: search results, recommendations, feeds, sitemaps, logs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from ringfence.catalogue.canary_list import CanaryItem
from ringfence.errors import LeakError, reason

LONGEST_EXPORT_LINE: Final = 1_000_000
"""Characters of a line that are searched at once. A canary across two such pieces is not found."""

_AROUND: Final = 60
_QUERY: Final = re.compile(r"\?[^\s\"']*")


@dataclass(frozen=True)
class Exposure:
    """A place that shows canaries.

    Attributes:
        file: the file that was searched.
        surface: the beginning of the line, or its request without the id and the query: where the
            canary was seen.
        lines: number of lines.
        canaries: the canaries, at most ten.
        first_line: number of the first line.
    """

    file: str
    surface: str
    lines: int
    canaries: tuple[str, ...]
    first_line: int


def find_exposed(files: Iterable[Path], canaries: Sequence[CanaryItem]) -> tuple[Exposure, ...]:
    """Return the places in text files that show a canary, the most frequent ones first.

    Files are exports of search results or recommendations, sitemaps, feeds, or access logs, plain
    or gzip. A canary counts if its id stands alone, not inside a longer id.

    Args:
        files: text files of any format.
        canaries: from the secret list.

    Raises:
        LeakError: a file cannot be read.
    """
    ids = sorted((re.escape(one.item) for one in canaries), key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(ids)})(?![\w-])")
    found = [one for file in files for one in _in_file(file, pattern)]
    return tuple(sorted(found, key=lambda one: (-one.lines, one.file, one.surface)))


def _in_file(file: Path, pattern: re.Pattern[str]) -> Iterator[Exposure]:
    places: dict[str, tuple[int, int, dict[str, None]]] = {}
    try:
        with _opened(file) as lines:
            for number, line in _pieces(lines):
                for seen in pattern.finditer(line):
                    surface = _surface(line, seen)
                    count, first, names = places.get(surface, (0, number, {}))
                    names[seen.group()] = None
                    places[surface] = (count + 1, first, names)
    except (OSError, EOFError) as error:
        what = reason(error) if isinstance(error, OSError) else "it is cut off"
        raise LeakError(f"cannot be read: {what}", where=str(file)) from error
    for surface, (count, first, names) in places.items():
        yield Exposure(str(file), surface, count, tuple(names)[:10], first)


def _pieces(lines: TextIO) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, long ones in pieces."""
    number = 1
    while piece := lines.readline(LONGEST_EXPORT_LINE):
        yield number, piece
        number += piece.endswith("\n")


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    # A device or a pipe may never end.
    if file.exists() and not file.is_file():
        raise LeakError("is not a file", where=str(file))
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8", errors="replace") as lines:
            yield lines
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        yield lines


def _surface(line: str, seen: re.Match[str]) -> str:
    """Return the request or the text before the canary, without the id and the query."""
    before = line[max(seen.start() - _AROUND, 0) : seen.start()]
    words = before.replace('"', " ").replace(",", " ").split()
    text = words[-1] if words and not before[-1:].isspace() else " ".join(words[:1])
    return _QUERY.sub("?", text + "{item}")[:_AROUND]

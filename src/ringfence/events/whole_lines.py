"""Set lines with unbalanced quotes aside, so that no reader joins two lines.

The engine's CSV reader takes a line end inside quotes for part of a field. A line that is cut
inside quotes then swallows the lines after it, up to the next quote. The reader has no option
against that (DuckDB 2), so such lines are kept from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ringfence.errors import SourceError
from ringfence.events.content import numbered_lines

_FIELD: Final = rb'(?:"(?:[^"\\]|\\.)*+"|(?:[^" ][^ ]*+)?)'

BALANCED: Final = re.compile(_FIELD + rb"(?: " + _FIELD + rb")*+", re.DOTALL)
"""A line of fields between single spaces, each in quotes that are closed, or bare."""


def set_aside(path: Path, scratch: Path) -> tuple[Path, Path]:
    """Copy a file without the lines whose quotes are not balanced; line numbers stay the same.

    Args:
        path: a plain, gz or zst file.
        scratch: an existing folder for both copies.

    Returns:
        The copy, in which these lines are empty, and a file with their numbers and texts.

    Raises:
        SourceError: there is no room for the copies.
    """
    clean, aside = scratch / "balanced.log", scratch / "unbalanced.log"
    try:
        with clean.open("wb") as good, aside.open("wb") as bad:
            for number, line in numbered_lines(path):
                balanced = BALANCED.fullmatch(line) is not None
                good.write(line + b"\n" if balanced else b"\n")
                if not balanced:
                    bad.write(b"%d %s\n" % (number, line))
    except OSError as error:
        raise SourceError(
            f"cannot be copied: {error.strerror}",
            where=str(path),
            hint="set engine.temp_directory to a disk with room",
        ) from error
    return clean, aside


def lines_aside(aside: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and text of the lines that :func:`set_aside` kept back."""
    for _, line in numbered_lines(aside):
        number, _, text = line.partition(b" ")
        yield int(number), text


def empty_lines(path: Path) -> int:
    """Return the number of lines without any content."""
    return sum(not line for _, line in numbered_lines(path))

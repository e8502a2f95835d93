"""Give all lines of a W3C log one order of fields, when its ``#Fields`` lines have several.

A server writes a new header when it starts again, perhaps with other fields. If later headers only
add fields at the end, as Amazon's do, the file is read as it is. Otherwise it is copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ringfence.errors import SourceError
from ringfence.events.content import decode, numbered_lines, plain_chunks
from ringfence.events.layouts.w3c_fields import DIRECTIVE, Fields, declared_fields
from ringfence.events.unpacking import BrokenPackingError

_HEADER: Final = re.compile(rb"\n(?:\xef\xbb\xbf)?(#Fields:[^\r\n]*)(?=\r?\n)")
_LONGEST_HEADER: Final = 1 << 16
_SEPARATORS: Final = re.compile(r"[\t ]")


def field_orders(path: Path) -> set[Fields]:
    """Return the orders that the ``#Fields`` lines anywhere in a file declare."""
    return {declared_fields(header) for header in _headers(path)}


def in_one_order(
    path: Path,
    scratch: Path,
    values: Callable[[str], list[str]],
    joined: Callable[[Sequence[str]], str],
) -> Path:
    """Return a path whose lines have their fields in one order; line numbers stay the same.

    A line with another number of fields than its header is joined to one value, which no reader
    takes for a record.

    Args:
        path: a W3C log.
        scratch: an existing folder for a copy.
        values: splits a line into values.
        joined: joins values to a line.

    Raises:
        SourceError: there is no room for the copy.
    """
    orders = field_orders(path)
    every = max(orders, key=len, default=())
    if all(order == every[: len(order)] for order in orders):
        return path
    every = tuple(dict.fromkeys(name for order in sorted(orders) for name in order))
    target = scratch / "one-order.log"
    try:
        with target.open("w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(f"{line}\n" for line in _ordered(path, every, values, joined))
    except OSError as error:
        raise SourceError(
            f"cannot be copied: {error.strerror}",
            where=str(path),
            hint="set engine.temp_directory to a disk with room",
        ) from error
    return target


def _ordered(
    path: Path,
    every: Fields,
    values: Callable[[str], list[str]],
    joined: Callable[[Sequence[str]], str],
) -> Iterator[str]:
    """Yield the lines with all fields; a dash stands for a field that is not there."""
    fields: Fields = ()
    for _, data in numbered_lines(path):
        line = data.decode("utf-8", "surrogateescape")
        if line.startswith("#"):
            new = declared_fields(line)
            fields = new or fields
            yield f"{DIRECTIVE} {' '.join(every)}" if new else line
            continue
        found = values(line)
        if len(found) != len(fields):
            yield _SEPARATORS.sub("_", line)
            continue
        by_name = dict(zip(fields, found, strict=True))
        yield joined([by_name.get(name, "-") for name in every])


def _headers(path: Path) -> Iterator[str]:
    """Yield the ``#Fields`` lines anywhere in a file, some of them twice."""
    tail = b"\n"
    # A damaged file is read as far as it goes, as everywhere.
    with suppress(BrokenPackingError):
        for chunk in plain_chunks(path):
            piece = tail + chunk
            yield from map(decode, _HEADER.findall(piece))
            tail = piece[-_LONGEST_HEADER:]
    yield from map(decode, _HEADER.findall(tail + b"\n"))

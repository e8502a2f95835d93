"""Give all lines of a text the same end: a line feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_MOST_HELD: Final = 1 << 20
"""Bytes without a line feed after which a carriage return may end a piece."""

_TIME: Final = re.compile(
    rb"[0-9]:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|(?<![0-9])1[0-9]{9}"
)
_PAIRED: Final = re.compile(rb"(?<!\r)\r++\n")


def with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield a text with a line feed after each line, in pieces.

    A carriage return without a line feed ends a line if the text after it has a time, as records
    do, or if the line is a comment. Elsewhere it is part of a value and becomes a space: a client
    that sends ``\r`` must not be able to divide its own line. Pieces end where a line ends, unless
    the line is very long.

    Args:
        chunks: the text in pieces of any size, in order.
    """
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if b"\n" not in chunk and (size < _MOST_HELD or b"\r" not in chunk):
            continue
        data = b"".join(held)
        # The text after the last end is not complete. It keeps the carriage return before it.
        cut = data.rfind(b"\n") + 1 or data.rstrip(b"\r").rfind(b"\r")
        if cut > 0:
            yield from _whole(one_end(data[:cut]))
            data = data[cut:]
        held, size = [data], len(data)
    yield from _whole(one_end(b"".join(held).removesuffix(b"\r")))


def _whole(text: bytes) -> Iterator[bytes]:
    if text:
        yield text


def one_end(text: bytes) -> bytes:
    """Return a text whose lines all end in a line feed; see :func:`with_line_feeds`."""
    plain = _PAIRED.sub(b"\n", text)
    if b"\r" not in plain:
        return plain
    return b"\n".join(_separated(line) if b"\r" in line else line for line in plain.split(b"\n"))


def _separated(line: bytes) -> bytes:
    """Return a line in which each carriage return is a line feed or a space."""
    first, *others = line.split(b"\r")
    parts, before = [first], first
    for part in others:
        is_record = part.startswith(b"#") or _TIME.search(part) is not None
        parts += [b"\n" if is_record or before.startswith(b"#") else b" ", part]
        before = part
    return b"".join(parts)

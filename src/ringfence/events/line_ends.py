"""Give all lines of a text the same end: a line feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_MOST_HELD: Final = 1 << 20
"""Bytes without a line feed after which the text goes on without waiting for one."""

_LONGEST_LINE: Final = 1 << 16
"""Bytes of a line of a server, at most. A longer text holds lines that carriage returns end."""

_TIME: Final = re.compile(
    rb"[0-9]:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|(?<![0-9])1[0-9]{9}"
)
_PAIRED: Final = re.compile(rb"(?<!\r)\r++\n")
_ROW: Final = re.compile(rb"\r{2,}+")
_QUOTE: Final = re.compile(rb'(?<!\\)"')


def with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield a text with a line feed after each line, in pieces.

    A carriage return without a line feed ends a line if the text after it has a time, as records
    do, or if the line is a comment. Elsewhere it is part of a value and becomes a space: a client
    that sends ``\r`` must not be able to divide its own line. For the same reason it ends no line
    within quotes, if a line feed ends the line. A row of carriage returns counts as one. Pieces end
    where a line ends, unless the line is very long.

    Args:
        chunks: the text in pieces of any size, in order.
    """
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if b"\n" not in chunk and size < _MOST_HELD:
            continue
        data = _ROW.sub(b"\r", b"".join(held))
        # The text after the last end is not complete. It keeps the carriage return before it.
        cut = _complete(data)
        yield from _whole(one_end(data[:cut]))
        held, size = [data[cut:]], len(data) - cut
    yield from _whole(one_end(b"".join(held).rstrip(b"\r")))


def _complete(data: bytes) -> int:
    """Return how many bytes need nothing of what follows to be given their line ends."""
    feed = data.rfind(b"\n") + 1
    if feed or len(data) < _MOST_HELD:
        return feed
    text = data.removesuffix(b"\r")
    return max(text.rfind(b"\r"), 0) or len(text)


def _whole(text: bytes) -> Iterator[bytes]:
    if text:
        yield text


def one_end(text: bytes) -> bytes:
    """Return a text whose lines all end in a line feed; see :func:`with_line_feeds`."""
    plain = _PAIRED.sub(b"\n", _ROW.sub(b"\r", text))
    if b"\r" not in plain:
        return plain
    *lines, rest = plain.split(b"\n")
    ended = [_separated(line, ended=True) if b"\r" in line else line for line in lines]
    return b"\n".join([*ended, _separated(rest, ended=False)])


def _separated(line: bytes, *, ended: bool) -> bytes:
    """Return a line in which each carriage return is a line feed or a space.

    Args:
        line: the text.
        ended: whether a line feed follows.
    """
    first, *others = line.split(b"\r")
    with_quotes = ended and len(line) <= _LONGEST_LINE
    parts, before, quotes = [first], first, len(_QUOTE.findall(first))
    for part in others:
        is_record = part.startswith(b"#") or _TIME.search(part) is not None
        within = with_quotes and quotes % 2 == 1
        ends = (is_record or before.startswith(b"#")) and not within
        parts += [b"\n" if ends else b" ", part]
        before, quotes = part, quotes + len(_QUOTE.findall(part))
    return b"".join(parts)

"""Split JSON documents into their records, also where a document is damaged or cut off."""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator

_DECODER = json.JSONDecoder(parse_int=str)
"""Python makes no number of more than 4,300 digits, and none is needed."""

_BETWEEN = re.compile(r"[\s,\]\[\ufeff]*")
_NEXT_VALUE = re.compile(r"[\n,\[]\s*+(\{)?")
"""The signs before a record, and its first one. Spaces belong to one match only."""

_PIECE = 1 << 13
"""Bytes that are read at once: the decoder counts the lines of all of them at every error."""

_DEEP = 900
"""Characters in which no record begins if the nesting is too deep for the decoder."""

_LONGEST = 16 << 20
"""Characters after which a record that does not end is taken for damaged."""


def json_values(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the records of concatenated JSON arrays and objects, each on one line.

    Arrays are opened, and their elements yielded as written. Text that is not JSON is yielded too,
    up to the next object, so that nothing is lost: the reader of the lines quarantines it.

    Args:
        chunks: the document in pieces, in order. Bytes that are not UTF-8 are surrogates in the
            result, as with the error handler ``surrogateescape``.
    """
    text = _Text(chunks)
    buffer, place, ended = "", 0, False
    while True:
        place = _after(buffer, place)
        end = _value_end(buffer, place, ended=ended) if place < len(buffer) else None
        if end is not None:
            yield re.sub(r"[\r\n]", " ", buffer[place:end]).rstrip(", ")
            place = end
            if end > _PIECE:
                # Every error counts the lines before it, so that what follows is read in pieces.
                text.give_back(buffer[end:])
                buffer, place, ended = "", 0, False
        elif ended:
            return
        else:
            # At least as much as there is, so that a long record is not read over and over.
            more = text.read(len(buffer) - place)
            buffer, place, ended = buffer[place:] + more, 0, not more


class _Text:
    """The text of a document, which is read in small pieces and may be given back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = codecs.iterdecode(_small(chunks), "utf-8", "surrogateescape")
        self._returned: deque[str] = deque()

    def read(self, size: int) -> str:
        """Return a few more characters than this; fewer only at the end."""
        read: list[str] = []
        length = 0
        while length <= size and (piece := self._next()):
            read.append(piece)
            length += len(piece)
        return "".join(read)

    def give_back(self, text: str) -> None:
        """Put a text before all that was not read."""
        pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        self._returned.extendleft(reversed(pieces))

    def _next(self) -> str:
        return self._returned.popleft() if self._returned else next(self._pieces, "")


def _small(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield from (chunk[at : at + _PIECE] for at in range(0, len(chunk), _PIECE))


def _after(buffer: str, place: int) -> int:
    match = _BETWEEN.match(buffer, place)
    return match.end() if match else place


def _value_end(buffer: str, start: int, *, ended: bool) -> int | None:
    """Return the end position of the value that starts here; None if more text is needed."""
    try:
        _, end = _DECODER.raw_decode(buffer, start)
    except json.JSONDecodeError as error:
        enough = ended or len(buffer) - start > _LONGEST
        return _next_record(buffer, max(_before(buffer, error.pos), start + 1), enough=enough)
    except RecursionError:
        return _next_record(buffer, start + _DEEP, enough=True)
    # A number at the end of the buffer may go on.
    return end if ended or end < len(buffer) else None


def _before(buffer: str, place: int) -> int:
    """Return the position of the last character before this one that is not a space."""
    while place > 0 and buffer[place - 1].isspace():
        place -= 1
    return place - 1


def _next_record(buffer: str, place: int, *, enough: bool) -> int | None:
    """Return the position of the next record after a damaged one."""
    following = (match.start(1) for match in _NEXT_VALUE.finditer(buffer, place) if match[1])
    return next(following, len(buffer) if enough else None)

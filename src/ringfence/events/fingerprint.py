"""The identity of a file's content, whatever its name and compression."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.events.content import plain_chunks
from ringfence.events.unpacking import BrokenPackingError


@dataclass(frozen=True)
class Content:
    """The identity of a source's content.

    Attributes:
        fingerprint: SHA-256 of the whole unpacked content, 64 hexadecimal digits.
        size: its length in bytes; 0 if it is empty, or is no sequence of bytes.
        beginnings: SHA-256 of the first bytes, by their number.
    """

    fingerprint: str
    size: int = 0
    beginnings: Mapping[int, str] = field(default_factory=dict)

    def begins_with(self, other: Content) -> bool:
        """Return whether this content begins with all of the other content.

        It is false unless the beginning of this length was identified as well.
        """
        return 0 < other.size < self.size and self.beginnings.get(other.size) == other.fingerprint


def content_of(path: Path, lengths: Iterable[int] = (), size: int | None = None) -> Content:
    """Identify the content of a file, which is read once.

    Of a damaged archive, the readable part counts, as it is what will be read.

    Args:
        path: the file, plain or compressed.
        lengths: lengths in bytes at which the beginning of the content is identified as well. One
            that is longer than the content is left out.
        size: number of bytes of the file, as it is compressed, that count; None for all.

    Raises:
        OSError: the file cannot be read.
        SourceError: the file is zst, and no library for it is installed.
    """
    digest, read, beginnings = hashlib.sha256(), 0, {}
    wanted = sorted(set(lengths), reverse=True)
    with suppress(BrokenPackingError):
        for piece in plain_chunks(path, size):
            done = 0
            while wanted and wanted[-1] <= read + len(piece):
                length = wanted.pop()
                digest.update(piece[done : length - read])
                done = length - read
                beginnings[length] = digest.hexdigest()
            digest.update(piece[done:])
            read += len(piece)
    return Content(digest.hexdigest(), read, beginnings)

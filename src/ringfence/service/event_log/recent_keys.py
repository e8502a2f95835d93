"""The keys of the last batches, by which a repeated batch is recognised.

They outlive the segments, because a client may repeat a batch whose segment was used up. They are
in two files of at most 131,072 keys. When the newer file is full, it takes the place of the older
one. A key is stored as a hash of 16 bytes beside the number of its segment, so the files also say
which numbers were used.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ringfence.service.event_log.frames import Batch

_MOST: Final = 131_072
_ROW: Final = struct.Struct("<Q16sI")
_NO_KEY: Final = bytes(16)


class RecentKeys:
    """Between 131,072 and 262,144 keys of the last batches.

    Args:
        log: the folder of the log.
        most: keys per file.

    Attributes:
        last_number: the largest number of a segment that was stored; 0 if there is none.
    """

    def __init__(self, log: Path, most: int = _MOST) -> None:
        self._newer = log / "recent.keys"
        self._older = log / "older.keys"
        self._most = most
        self.last_number = 0
        self._sets: list[set[bytes]] = [set(self._load(self._older)), set(self._load(self._newer))]

    def __contains__(self, digest: bytes) -> bool:
        """Return whether a batch with this key was added."""
        return any(digest in one for one in self._sets)

    def add(self, digests: Iterable[bytes]) -> None:
        """Remember the keys of batches, in memory."""
        self._sets[1].update(digests)

    def store(self, number: int, digests: Iterable[bytes]) -> None:
        """Write the keys of a segment to the disk, and wait for it.

        Args:
            number: of the segment.
            digests: the keys of its batches. If there is none, the number is stored alone.

        Raises:
            OSError: the disk is full.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        handle = os.open(self._newer, flags, 0o600)
        try:
            size = os.fstat(handle).st_size
            # A row that was cut by a crash would shift all later ones.
            os.ftruncate(handle, size - size % _ROW.size)
            rows = b"".join(_row(number, one) for one in list(digests) or [_NO_KEY])
            if os.write(handle, rows) < len(rows):
                os.write(handle, rows)  # says why
            os.fsync(handle)
        finally:
            os.close(handle)
        self.last_number = max(self.last_number, number)
        if len(self._sets[1]) > self._most:
            self._newer.replace(self._older)
            self._sets = [self._sets[1], set()]

    def _load(self, path: Path) -> Iterator[bytes]:
        if not path.exists():
            return
        data = path.read_bytes()
        for number, digest, check in _ROW.iter_unpack(data[: len(data) - len(data) % _ROW.size]):
            if _row(number, digest)[-4:] == check.to_bytes(4, "little"):
                self.last_number = max(self.last_number, number)
                if digest != _NO_KEY:
                    yield digest


def digest_of(batch: Batch) -> bytes:
    """Return the hash of a batch's stream and key; empty if the batch has no key."""
    if not batch.key:
        return b""
    name = f"{len(batch.stream)} {batch.stream}{batch.key}"
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def _row(number: int, digest: bytes) -> bytes:
    return _ROW.pack(number, digest, zlib.crc32(digest, number & 0xFFFFFFFF))

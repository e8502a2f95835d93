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
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from ringfence.service.event_log.frames import Batch

KEY_FILES: Final = ("recent.keys", "older.keys")
"""The names of both files, the newer one first."""

_MOST: Final = 131_072
_ROW: Final = struct.Struct("<Q16sI")
_CHECK: Final = struct.Struct("<Q16s")
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
        self._newer = log / KEY_FILES[0]
        self._older = log / KEY_FILES[1]
        self._most = most
        self._waiting: list[tuple[int, bytes]] = []
        self.last_number = 0
        self._sets: list[set[bytes]] = [set(self._load(self._older)), set(self._load(self._newer))]

    def __contains__(self, digest: bytes) -> bool:
        """Return whether a batch with this key was added."""
        return any(digest in one for one in self._sets)

    def add(self, number: int, digests: Collection[bytes]) -> None:
        """Remember the keys of batches of a segment; :meth:`store` writes them to the disk.

        Args:
            number: of the segment.
            digests: the keys of its batches. If there is none, the number is remembered alone.
        """
        self._sets[1].update(digests)
        self._waiting.extend((number, one) for one in digests)
        if not self._waiting or self._waiting[-1][0] != number:
            self._waiting.append((number, _NO_KEY))

    def store(self) -> None:
        """Write the keys that were added to the disk, and wait for it.

        Raises:
            OSError: the disk is full. The keys are stored by a later call.
        """
        if not self._waiting:
            return
        handle = os.open(self._newer, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(handle).st_size
            # After a row that a crash has cut, all later ones would be read at the wrong place.
            place = size - size % _ROW.size
            rows = b"".join(_row(*one) for one in self._waiting)
            while rows:
                done = os.pwrite(handle, rows, place)
                rows, place = rows[done:], place + done
            os.fsync(handle)
        finally:
            os.close(handle)
        self.last_number = max(self.last_number, *(number for number, _ in self._waiting))
        self._waiting.clear()
        if len(self._sets[1]) > self._most:
            self._newer.replace(self._older)
            self._sets = [self._sets[1], set()]

    def _load(self, path: Path) -> Iterator[bytes]:
        if not path.exists():
            return
        data = path.read_bytes()
        for number, digest, check in _ROW.iter_unpack(data[: len(data) - len(data) % _ROW.size]):
            if zlib.crc32(_CHECK.pack(number, digest)) == check:
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
    return _ROW.pack(number, digest, zlib.crc32(_CHECK.pack(number, digest)))

"""The bytes of a segment: a mark, then one frame per batch.

    segment   the mark ``RFLOG001``, then frames
    frame     length u32, check sum u32 (CRC-32 of the body), body
    body      length of the stream's name u16, length of the key u16, both in UTF-8, records

Numbers are little-endian. A body is never empty, so a stretch of zeros holds no frame.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

SEGMENT_MARK: Final = b"RFLOG001"
"""The first bytes of a segment. Another layout gets another mark."""

LONGEST_BATCH: Final = 256 << 20
"""The most bytes of a frame. A larger length is taken for damage."""

_HEAD: Final = struct.Struct("<II")
_LENGTHS: Final = struct.Struct("<HH")


@dataclass(frozen=True)
class Batch:
    """Events that were received together.

    Attributes:
        stream: where the events come from, such as ``http``.
        key: names the batch within its stream. A batch with the key of an earlier one is a
            repetition of it. Empty: it is never taken for one.
        records: JSON objects of the event schema, one per line. Each line ends with a line feed.
    """

    stream: str
    key: str
    records: bytes


def frame_of(batch: Batch) -> bytes:
    """Return the frame of a batch.

    Raises:
        ValueError: the batch has more than 256 MiB, or a name has more than 65,535 bytes.
    """
    stream, key = batch.stream.encode(), batch.key.encode()
    if max(len(stream), len(key)) > 0xFFFF:
        raise ValueError("the name of a stream or batch has more than 65,535 bytes")
    body = b"".join((_LENGTHS.pack(len(stream), len(key)), stream, key, batch.records))
    if len(body) > LONGEST_BATCH:
        raise ValueError("a batch has more than 256 MiB")
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def read_frames(file: BinaryIO) -> Iterator[tuple[Batch, int]]:
    """Yield each batch of a segment with the position after its frame, up to the first damage.

    The caller compares the last position with the size of the file.

    Args:
        file: a segment, at its beginning.
    """
    if file.read(len(SEGMENT_MARK)) != SEGMENT_MARK:
        return
    position = len(SEGMENT_MARK)
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length, check = _HEAD.unpack(head)
        if not _LENGTHS.size <= length <= LONGEST_BATCH:
            return
        body = file.read(length)
        if len(body) < length or zlib.crc32(body) != check:
            return
        batch = _batch(body)
        if batch is None:
            return
        position += _HEAD.size + length
        yield batch, position


def _batch(body: bytes) -> Batch | None:
    stream, key = _LENGTHS.unpack_from(body)
    names = _LENGTHS.size + stream
    if names + key > len(body):
        return None
    try:
        return Batch(
            body[_LENGTHS.size : names].decode(),
            body[names : names + key].decode(),
            body[names + key :],
        )
    except UnicodeDecodeError:
        return None

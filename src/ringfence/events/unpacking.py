"""Unpack compressed files at constant memory."""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Literal, Protocol, cast, runtime_checkable

from ringfence.errors import SourceError
from ringfence.events.expansion import refuse_expansion

Packing = Literal["plain", "gz", "zst"]

MAGIC: Final[tuple[tuple[bytes, Packing], ...]] = (
    (b"\x1f\x8b", "gz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
)
"""The first bytes of compressed files."""

CHUNK: Final = 1 << 20
"""Bytes that are read or returned at a time."""

FEED: Final[dict[Packing, int]] = {"plain": CHUNK, "gz": 16 << 10, "zst": 1 << 10}
"""Compressed bytes that are unpacked in one step. They expand to at most 33 MiB."""


class BrokenPackingError(Exception):
    """A compressed source ends early or is damaged. All readable bytes were returned before."""


class _Decompressor(Protocol):
    """The interface that zlib and the zstd libraries have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


@runtime_checkable
class _Copyable(Protocol):
    def copy(self) -> _Decompressor: ...


def unpacked(file: BinaryIO, kind: Packing, size: int | None = None) -> Iterator[bytes]:
    """Yield the unpacked bytes of an open file in pieces of 1 MiB or somewhat more.

    Args:
        file: an open file, at its beginning.
        kind: the compression of the file.
        size: number of compressed bytes after which to stop; None for all.

    Raises:
        BrokenPackingError: the file is truncated or damaged. All readable bytes were yielded
            before.
        SourceError: the file expands too much, or it is zst and no library for zst is installed.
    """
    pieces = _pieces(file, FEED[kind], size)
    if kind == "plain":
        yield from pieces
        return
    length = 0
    for chunk in _gathered(_members(pieces, _decompressors(kind))):
        length += len(chunk)
        refuse_expansion(kind, file.tell(), length, str(file.name))
        yield chunk


def _pieces(file: BinaryIO, step: int, size: int | None) -> Iterator[bytes]:
    if size is None:
        yield from iter(lambda: file.read(step), b"")
        return
    left = size
    while left and (piece := file.read(min(step, left))):
        yield piece
        left -= len(piece)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces into larger ones."""
    held: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK:
                yield b"".join(held)
                held, size = [], 0
    except BrokenPackingError:
        yield b"".join(held)
        raise
    yield b"".join(held)


def _members(pieces: Iterator[bytes], fresh: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """Unpack a series of members, as concatenated gz and zst files are."""
    member, started = fresh(), False
    for piece in pieces:
        data = piece
        while data:
            member = fresh() if member.eof else member
            started = True
            yield from _decompress(member, data)
            data = member.unused_data if member.eof else b""
    if started and not member.eof:
        raise BrokenPackingError("ends in the middle")


def _decompress(member: _Decompressor, data: bytes) -> Iterator[bytes]:
    # Copying the state costs little. Only gz offers it.
    spare: _Decompressor | None = member.copy() if isinstance(member, _Copyable) else None
    try:
        yield member.decompress(data)
    except MemoryError:
        raise
    except Exception as error:
        # Each library has its own exception class. All of them mean that the data are damaged.
        if spare is not None:
            yield from _bytewise(spare, data)
        raise BrokenPackingError(str(error)) from error


def _bytewise(member: _Decompressor, data: bytes) -> Iterator[bytes]:
    """Unpack damaged data up to the first wrong byte."""
    with contextlib.suppress(Exception):
        for position in range(len(data)):
            yield member.decompress(data[position : position + 1])


def _decompressors(kind: Packing) -> Callable[[], _Decompressor]:
    if kind == "gz":
        return lambda: zlib.decompressobj(wbits=31)
    return _zstd()


def _zstd() -> Callable[[], _Decompressor]:
    # Python 3.14 has its own library; older versions need the package zstandard.
    for module, name in (("compression.zstd", "ZstdDecompressor"), ("zstandard", "")):
        try:
            library = importlib.import_module(module)
        except ImportError:
            continue
        if name:
            return cast("Callable[[], _Decompressor]", getattr(library, name))
        return lambda: library.ZstdDecompressor().decompressobj()
    raise SourceError(
        "zst files need a library that is not installed", hint="pip install zstandard"
    )

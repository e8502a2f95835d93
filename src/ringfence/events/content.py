"""The plain bytes of a source, plain or compressed, and the lines in them."""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol, cast, runtime_checkable

from ringfence.errors import SourceError

Packing = Literal["plain", "gz", "zst"]

_CHUNK = 1 << 20
_MAGIC: tuple[tuple[bytes, Packing], ...] = ((b"\x1f\x8b", "gz"), (b"\x28\xb5\x2f\xfd", "zst"))


class BrokenPackingError(Exception):
    """A compressed source ends early or is damaged; everything before that was returned."""


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


def packing(path: Path) -> Packing:
    """Return how a file is compressed, by its first bytes; its name may be wrong.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from error
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), "plain")


def plain_chunks(path: Path) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file in pieces of any size, in order.

    Raises:
        BrokenPackingError: a compressed file is cut off or damaged. All that is readable was
            yielded before.
        SourceError: the file is zst, and no library for it is installed.
    """
    kind = packing(path)
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(_CHUNK), b"")
        yield from pieces if kind == "plain" else _unpack(pieces, _decompressors(kind))


def plain_beginning(path: Path, size: int) -> tuple[bytes, bool, bool]:
    """Return the first unpacked bytes of a file, whether it is compressed, and whether that is all.

    A damaged file is all of what can be read of it.

    Args:
        path: the file.
        size: number of bytes after which to stop.

    Raises:
        SourceError: the file is zst, and no library for it is installed.
    """
    data = bytearray()
    packed = packing(path) != "plain"
    try:
        for chunk in plain_chunks(path):
            data += chunk
            if len(data) > size:
                return bytes(data[:size]), packed, False
    except BrokenPackingError:
        return bytes(data), packed, True
    return bytes(data), packed, True


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line without its end).

    Raises:
        BrokenPackingError: as :func:`plain_chunks`.
    """
    number = 1
    rest: list[bytes] = []
    for chunk in plain_chunks(path):
        rest.append(chunk)
        if b"\n" in chunk:
            *whole, last = b"".join(rest).split(b"\n")
            yield from enumerate((line.removesuffix(b"\r") for line in whole), number)
            number += len(whole)
            rest = [last]
    if last := b"".join(rest):
        yield number, last


def decode(line: bytes) -> str:
    r"""Decode a line; bytes that are not UTF-8 stay distinguishable as ``\xff``."""
    return line.decode("utf-8", "backslashreplace")


def _unpack(pieces: Iterator[bytes], fresh: Callable[[], _Decompressor]) -> Iterator[bytes]:
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

"""Check an evidence pack: its signature, and every file against the manifest."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from ringfence.errors import SourceError, reason
from ringfence.leaks.notices.packs import MANIFEST, PUBLIC_KEY, SIGNATURE, UNLISTED, mapped
from ringfence.leaks.notices.signing import signer_of

_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S[^\\]*)")
_LONGEST_LINE: Final = 10_000
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class PackCheck:
    """The result of a check.

    Attributes:
        fingerprint: of the key that signed the manifest; None if the signature is wrong.
        files: number of listed files.
        changed: listed files whose content is another.
        missing: listed files that are not there.
        added: files that are not listed.
    """

    fingerprint: str | None
    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether the pack is as it was signed."""
        return self.fingerprint is not None and not (self.changed or self.missing or self.added)


def check_pack(folder: Path) -> PackCheck:
    """Compare a pack with its manifest, and the manifest with its signature.

    Nothing outside the folder is read: links are never followed, and count as changed. Of the
    files that are as they should be, eight bytes each are in memory, twice.

    Raises:
        SourceError: the folder is not a pack, or a file cannot be read.
    """
    with _manifest(folder) as manifest:
        signature, public = _small(folder / SIGNATURE, 100), _small(folder / PUBLIC_KEY, 10_000)
        try:
            with mapped(manifest) as content:
                signer = signer_of(public, signature, content)
            return _compared(folder, manifest, signer)
        except OSError as error:
            raise SourceError(f"cannot be read: {reason(error)}", where=str(folder)) from error


def _compared(folder: Path, manifest: BinaryIO, signer: str | None) -> PackCheck:
    there = _Names(_files(folder))
    changed, missing = [], []
    for name, digest in _listed(manifest):
        if name not in there:
            missing.append(name)
        elif _digest(folder / name) != digest:
            changed.append(name)
    manifest.seek(0)
    listed = _Names((name for name, _ in _listed(manifest)), there.secret)
    added = sorted(one for one in _files(folder) if one not in listed and one not in UNLISTED)
    return PackCheck(signer, listed.count, tuple(changed), tuple(missing), tuple(added))


class _Names:
    """A set of names, of which only eight bytes each are kept.

    They are a hash with a secret key, so nobody can make a name that is taken for another one.

    Args:
        names: the names.
        secret: the key.
    """

    def __init__(self, names: Iterable[str], secret: bytes = b"") -> None:
        self.secret = secret or secrets.token_bytes(32)
        hashes = np.fromiter(map(self._hash, names), np.uint64)
        self._hashes = np.unique(hashes)

    @property
    def count(self) -> int:
        """The number of different names."""
        return len(self._hashes)

    def __contains__(self, name: str) -> bool:
        """Return whether a name is in the set."""
        wanted = np.uint64(self._hash(name))
        place = int(np.searchsorted(self._hashes, wanted))
        return place < self.count and bool(self._hashes[place] == wanted)

    def _hash(self, name: str) -> int:
        data = name.encode("utf-8", "surrogateescape")
        return int.from_bytes(hashlib.blake2b(data, digest_size=8, key=self.secret).digest())


def _manifest(folder: Path) -> BinaryIO:
    path = folder / MANIFEST
    try:
        file = _opened(path)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    except OSError as error:
        raise _not_a_pack(path, reason(error)) from error
    raise _not_a_pack(path, "it is not a file")


def _small(path: Path, most: int) -> bytes:
    try:
        with _opened(path) as file:
            return file.read(most)
    except OSError as error:
        raise _not_a_pack(path, reason(error)) from error


def _not_a_pack(path: Path, why: str) -> SourceError:
    return SourceError(
        f"cannot be read: {why}",
        where=str(path),
        hint="name the folder that ringfence leak notice wrote",
    )


def _opened(path: Path) -> BinaryIO:
    # Without O_NONBLOCK, a pipe in the place of a file could not even be opened.
    return os.fdopen(
        os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb"
    )


def _listed(manifest: BinaryIO) -> Iterator[tuple[str, str]]:
    """Yield each listed path and its hash."""
    number = 0
    while line := manifest.readline(_LONGEST_LINE):
        number += 1
        found = _LINE.fullmatch(line.decode("utf-8", "replace").removesuffix("\n"))
        if not found:
            raise SourceError(f"line {number:,} is not that of a manifest", where=MANIFEST)
        yield found[2], found[1]


def _files(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder, onerror=_raise):
        links = [one for one in folders if (Path(place) / one).is_symlink()]
        for name in (*names, *links):
            yield (Path(place) / name).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; empty if it is not a file."""
    if path.is_symlink() or not path.is_file():
        return ""
    with _opened(path) as file:
        digest = hashlib.sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
        return digest.hexdigest()

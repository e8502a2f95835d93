"""Evidence packs: a folder of files, a manifest with the hash of each, and a signature.

Programs that everybody has can check a pack: ``sha256sum -c manifest.sha256``, and ``openssl
pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.sha256 -sigfile manifest.sig``.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Self

from ringfence.errors import OutputError, reason
from ringfence.leaks.notices.signing import NoticeKey
from ringfence.own_folders import OwnFolder
from ringfence.private_files import PARTIAL, make_folder, sync_folder

MANIFEST: Final = "manifest.sha256"
"""One line per file: its SHA-256, two spaces and its path, as sha256sum writes them."""

SIGNATURE: Final = "manifest.sig"
"""The Ed25519 signature of the manifest, 64 bytes."""

PUBLIC_KEY: Final = "public-key.pem"
"""The public key. A reader must know its fingerprint from elsewhere."""

UNLISTED: Final = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY})
"""The files that no manifest lists."""

_NAME_LENGTH: Final = 50

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class PackWriter:
    """Writes the files of a pack, each once, and remembers their hashes on disk.

    The files are in a folder of their own, which gets its name when the pack is signed. So a pack
    is complete or does not exist.

    Args:
        folder: the name of the pack. If it exists, it must be an empty folder.

    Raises:
        OutputError: the folder is not empty, or a file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0
        with self._explained(""):
            make_folder(folder.parent)
            used = folder.exists() and any(folder.iterdir())
        if used:
            raise OutputError(
                "is not empty", where=str(folder), hint="name a new folder with --out"
            )
        with self._explained(""):
            self._own = OwnFolder(f".{folder.name[:_NAME_LENGTH]}.", PARTIAL, folder.parent)
        self._place = self._own.path / "whole"
        self._manifest = self._create(MANIFEST)

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the manifest, and remove a pack that was not signed."""
        self._manifest.close()
        self._own.close()

    def write(self, path: str, content: str | bytes) -> None:
        """Write a whole file.

        Args:
            path: within the folder, with slashes. It must not have been written before.
            content: a text is written as UTF-8.
        """
        with self.stream(path) as out:
            out.write(content)

    @contextmanager
    def stream(self, path: str) -> Iterator[PackStream]:
        """Provide a file that is written in pieces."""
        with self._explained(path), self._create(path) as file:
            out = PackStream(file)
            yield out
        with self._explained(MANIFEST):
            self._manifest.write(f"{out.digest}  {path}\n".encode())
        self.files += 1

    def sign(self, key: NoticeKey) -> None:
        """Complete the pack: sign the manifest, add the public key, and give the pack its name."""
        with self._explained(MANIFEST):
            self._manifest.flush()
            os.fsync(self._manifest.fileno())
            with (self._place / MANIFEST).open("rb") as manifest, mapped(manifest) as content:
                signature = key.sign(content)
        for path, written in ((PUBLIC_KEY, key.public), (SIGNATURE, signature)):
            with self._explained(path), self._create(path) as file:
                file.write(written)
        with self._explained(""):
            sync_folder(self._place)
            self._place.rename(self.folder)
            sync_folder(self.folder.parent)

    def _create(self, path: str) -> BinaryIO:
        place = self._place / path
        with self._explained(path):
            make_folder(place.parent)
            return os.fdopen(os.open(place, _NEW_FILE, 0o600), "wb")

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"cannot be written: {reason(error)}",
                where=str(self.folder / path),
                hint="free some space, or name another folder with --out",
            ) from error


class PackStream:
    """An open file of a pack, which is hashed as it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of what was written, in hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, content: str | bytes) -> None:
        """Write a piece; a text as UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        self._hash.update(data)
        self._file.write(data)


@contextmanager
def mapped(file: BinaryIO) -> Iterator[memoryview]:
    """Provide the content of an open file. The system reads its pages when they are needed."""
    if os.fstat(file.fileno()).st_size == 0:
        # An empty file cannot be mapped.
        yield memoryview(b"")
        return
    with (
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages,
        memoryview(pages) as content,
    ):
        yield content

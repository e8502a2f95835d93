"""Copy files, and wait until the disk has the copies."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ringfence.errors import CasesError
from ringfence.private_files import make_folder
from ringfence.service.backup.backup_contents import CopiedFile

_PIECE: Final = 1 << 20
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_WAIT_SECONDS: Final = 30


def copied(source: Path, target: Path) -> CopiedFile:
    """Copy a file as it is now. Only the owner can read the copy.

    Args:
        source: the file. Bytes that are appended meanwhile are left out.
        target: the copy, which does not exist.

    Raises:
        OSError: a file cannot be read or written. FileNotFoundError: there is no source.
    """
    with source.open("rb") as file:
        make_folder(target.parent)
        left = os.fstat(file.fileno()).st_size
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(target, _FLAGS, 0o600), "wb") as copy:
            while piece := file.read(min(_PIECE, left - size)):
                copy.write(piece)
                digest.update(piece)
                size += len(piece)
            copy.flush()
            os.fsync(copy.fileno())
    return CopiedFile(size, digest.hexdigest())


def copied_store(source: Path, target: Path) -> CopiedFile:
    """Copy one state of a case store in SQLite, which may be written meanwhile.

    Raises:
        CasesError: the store cannot be read, or the copy cannot be written.
        OSError: the copy cannot be read.
    """
    os.close(os.open(target, _FLAGS, 0o600))
    address = f"file:{quote(str(source.absolute()))}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS)) as store,
            closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            store.backup(copy)
            # One file without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise CasesError(
            f"cannot be copied: {error}", where=str(source), hint="check the disk"
        ) from error
    with target.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256")
        return CopiedFile(file.tell(), digest.hexdigest())

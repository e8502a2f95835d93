"""Write a file so that it appears whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ringfence.errors import OutputError

_HINTS = {
    errno.ENOSPC: "free some space or name another directory with --out",
    errno.EDQUOT: "free some space or name another directory with --out",
    errno.ENOENT: "create the directory or name another with --out",
}
_READABLE = 0o666


def write_text(path: Path, chunks: Iterable[str]) -> None:
    """Write text as UTF-8 beside its place, then move it there in one step.

    Nobody sees half a file, and an earlier file survives a failure.

    Args:
        path: the file to write; its directory must exist.
        chunks: the text in pieces, so that a long file need not be in memory.

    Raises:
        OutputError: the file cannot be written, with the reason and a hint; disk full included.
    """
    try:
        _write_and_rename(path, chunks)
    except OSError as error:
        raise _explained(error, path) from error


def _write_and_rename(path: Path, chunks: Iterable[str]) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", suffix=".part", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.writelines(chunks)
            out.flush()
            os.fsync(out.fileno())
        partial.chmod(_READABLE & ~_umask())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _explained(error: OSError, path: Path) -> OutputError:
    return OutputError(
        f"cannot be written: {error.strerror or error}",
        where=str(path),
        hint=_HINTS.get(error.errno or 0, "name a writable directory with --out"),
    )

"""Write a file so that it appears whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

from ringfence.errors import OutputError
from ringfence.private_files import new_file

_HINTS = {
    errno.ENOSPC: "free some space or name another directory with --out",
    errno.EDQUOT: "free some space or name another directory with --out",
    errno.ENOENT: "create the directory or name another with --out",
}


def write_text(path: Path, chunks: Iterable[str]) -> None:
    """Write text as UTF-8 beside its place, then move it there in one step.

    Nobody sees half a file, and an earlier file survives a failure. Only its owner can read a new
    file; see :mod:`ringfence.private_files`.

    Args:
        path: the file to write; its directory must exist.
        chunks: the text in pieces, so that a long file need not be in memory.

    Raises:
        OutputError: the file cannot be written, with the reason and a hint; disk full included.
    """
    try:
        with new_file(path) as out:
            for chunk in chunks:
                out.write(chunk.encode())
    except OSError as error:
        raise _explained(error, path) from error


def _explained(error: OSError, path: Path) -> OutputError:
    return OutputError(
        f"cannot be written: {error.strerror or error}",
        where=str(path),
        hint=_HINTS.get(error.errno or 0, "name a writable directory with --out"),
    )

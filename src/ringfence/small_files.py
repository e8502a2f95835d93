"""Read a whole file that a person named, whatever is in its place."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError

_PATIENCE: Final = 5_000
"""Milliseconds that a pipe is given to say something."""


def read_small_file(path: str | Path, most: int, hint: str) -> bytes:
    """Return the bytes of a file, or of a pipe such as a process substitution of a shell.

    Args:
        path: of the file.
        most: bytes that it may have. So a device that never ends is refused.
        hint: what to do if it cannot be read.

    Raises:
        SettingsError: the file cannot be read or is too large. A pipe says nothing for 5 seconds.
    """
    try:
        # Without O_NONBLOCK, a pipe into which nobody writes could not even be opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            content = _bytes(descriptor, most)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"cannot be read: {said}", where=str(path), hint=hint) from error
    if len(content) > most:
        raise SettingsError(
            f"is not usable: it has more than {most >> 20} MiB", where=str(path), hint=hint
        )
    return content


def _bytes(descriptor: int, most: int) -> bytes:
    content = bytearray()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    while len(content) <= most:
        if not waiting.poll(_PATIENCE):
            raise TimeoutError(0, "nobody writes to this pipe")
        chunk = os.read(descriptor, most)
        if not chunk:
            break
        content += chunk
    return bytes(content)

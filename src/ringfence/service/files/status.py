"""The status of each process: one small file, which the process replaces each second.

The file ends with some spaces. On a full disk, the file is overwritten in place, within its size,
so that a process can still report the problem.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ringfence.errors import FULL
from ringfence.private_files import new_file
from ringfence.service.files.folder import ServiceFolder

_NAME: Final = re.compile("[a-z][a-z0-9-]{0,39}")
_BLOCK: Final = 4096
_SPARE: Final = 1024
"""Bytes by which a status may grow on a full disk at least, for the words that say so."""


def write_status(folder: ServiceFolder, name: str, values: Mapping[str, object]) -> None:
    """Replace the status of a process, whole or not at all.

    If the disk is full, a reader may see a part of the new status, and ignores it.

    Args:
        folder: the folder of the service, which exists.
        name: of the process: lower-case letters, digits and hyphens.
        values: what it says, as JSON can hold it.

    Raises:
        OSError: the file cannot be written. The earlier one stays.
        ValueError: the name is none.
    """
    text = json.dumps(dict(values), ensure_ascii=False, indent=1)
    data = text.encode() + b"\n"
    path = folder.status / _file_name(name)
    try:
        with new_file(path) as file:
            file.write(_filled(data, -(-(len(data) + _SPARE) // _BLOCK) * _BLOCK))
    except OSError as error:
        if error.errno not in FULL or not _written_over(path, data):
            raise


def read_status(folder: ServiceFolder, name: str) -> dict[str, Any] | None:
    """Return the last status of a process; None if there is none that can be read.

    Raises:
        ValueError: the name is none.
    """
    path = folder.status / _file_name(name)
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _filled(data: bytes, size: int) -> bytes:
    """Return data with spaces up to a size; the last byte is a line feed."""
    return data.ljust(size - 1) + b"\n" if len(data) < size else data


def _written_over(path: Path, data: bytes) -> bool:
    """Write over a file within its size, if it fits in, and return whether it did."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        size = os.fstat(handle).st_size
        return len(data) <= size and os.pwrite(handle, _filled(data, size), 0) == size
    finally:
        os.close(handle)


def _file_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a process")
    return f"{name}.json"

"""The status of each process: one small file, which the process replaces each second."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ringfence.private_files import new_file
from ringfence.service.files.folder import ServiceFolder

_NAME: Final = re.compile("[a-z][a-z0-9-]{0,39}")


def write_status(folder: ServiceFolder, name: str, values: Mapping[str, object]) -> None:
    """Replace the status of a process, whole or not at all.

    Args:
        folder: the folder of the service, which exists.
        name: of the process: lower-case letters, digits and hyphens.
        values: what it says, as JSON can hold it.

    Raises:
        OSError: the file cannot be written. The earlier one stays.
        ValueError: the name is none.
    """
    text = json.dumps(dict(values), ensure_ascii=False, indent=1)
    with new_file(folder.status / _file_name(name)) as file:
        file.write(text.encode() + b"\n")


def read_status(folder: ServiceFolder, name: str) -> dict[str, Any] | None:
    """Return what a process said about itself last; None if it said nothing that can be read.

    Raises:
        ValueError: the name is none.
    """
    path = folder.status / _file_name(name)
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _file_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a process")
    return f"{name}.json"

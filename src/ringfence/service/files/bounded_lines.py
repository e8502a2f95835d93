"""Append lines to a file of limited size, which keeps the newest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

MOST_BYTES_OF_LINES: Final = 10 << 20
"""Bytes at which a file takes the place of the older one."""


def append_bounded(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Append rows to a file of JSON lines that only its owner may read.

    When the file has 10 MiB, it takes the place of ``NAME.older.jsonl``.

    Args:
        path: of the file, which ends in ``.jsonl``.
        rows: JSON values, each for one line. ASCII only: control characters are escaped.

    Raises:
        OSError: the disk is full.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write("".join(json.dumps(dict(row)) + "\n" for row in rows).encode("ascii"))
        full = file.tell() > MOST_BYTES_OF_LINES
    if full:
        path.replace(path.with_name(f"{path.stem}.older.jsonl"))

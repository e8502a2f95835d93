"""Lines that could not be read: counted by reason, and kept for inspection."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from ringfence.errors import OutputError
from ringfence.events.secrets import mask_secrets
from ringfence.private_files import new_file

TEXT_KEPT = 1_000
"""The number of characters of a bad line that are kept."""

_PENDING = 1_000

_FIRST = 50


class Quarantine:
    """Bad lines by reason, without the secrets in them.

    Each line is counted. The first lines of each reason are kept, their secrets hidden.

    Args:
        scratch: an existing folder for the spool file, which must outlive this object.
        keep: number of records to keep per reason; further ones are only counted.
        keys: further names of parameters with keys, as in ``account.parameters``.

    Attributes:
        counts: number of bad lines by reason, kept or not.
    """

    def __init__(self, scratch: Path, keep: int = 100_000, keys: Collection[str] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self._keep = keep
        self._keys = keys
        self._path = scratch / "quarantine-spool.jsonl"
        self._pending: list[str] = []
        self._first: dict[str, list[str]] = {}

    def add(self, file: str, line: int, reason: str, text: str) -> None:
        """Record one bad line.

        Args:
            file: the source's name as the operator knows it.
            line: line number from 1; 0 if it concerns the whole file or is not known.
            reason: one of a few words, such as ``not-a-record``.
            text: the line; cut to 1,000 characters, with its keys, passwords and tokens hidden.
        """
        self.counts[reason] += 1
        first = self._first.setdefault(file, [])
        if len(first) < _FIRST:
            first.append(text[:TEXT_KEPT])
        if self.counts[reason] <= self._keep:
            shown = mask_secrets(text[:TEXT_KEPT], self._keys)[:TEXT_KEPT]
            self._write({"file": file, "line": line, "reason": reason, "text": shown})

    def first(self, file: str) -> tuple[str, ...]:
        """Return the first 50 bad lines of a source, in the order in which they were found."""
        return tuple(self._first.get(file, ()))

    def count(self, reason: str, number: int) -> None:
        """Count bad lines of which only the reason is known."""
        if number > 0:
            self.counts[reason] += number

    def write_to(self, path: Path) -> None:
        """Write all records as JSON lines; final records count those that were not kept.

        Raises:
            OutputError: the file cannot be written.
        """
        self._flush()
        try:
            with new_file(path) as target:
                self._copy(target)
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror}",
                where=str(path),
                hint="choose another folder with --out",
            ) from error

    def _copy(self, target: BinaryIO) -> None:
        if self._path.exists():
            with self._path.open("rb") as kept:
                shutil.copyfileobj(kept, target)
        for reason, number in sorted(self.counts.items()):
            if number > self._keep:
                text = f"{number - self._keep} more with this reason were counted but not kept"
                record = _line({"file": "", "line": 0, "reason": reason, "text": text})
                target.write(record.encode())

    def _write(self, record: dict[str, str | int]) -> None:
        self._pending.append(_line(record))
        if len(self._pending) >= _PENDING:
            self._flush()

    def _flush(self) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as spool:
                spool.writelines(self._pending)
        except OSError as error:
            raise OutputError(
                f"unreadable lines cannot be stored: {error.strerror}",
                where=str(self._path.parent),
                hint="set engine.temp_directory to a disk with room",
            ) from error
        self._pending.clear()


def _line(record: dict[str, str | int]) -> str:
    # ASCII only: control characters and stray surrogates of hostile lines are escaped.
    return json.dumps(record, ensure_ascii=True) + "\n"

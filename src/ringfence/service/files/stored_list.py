"""A short list in a file that only its owner can read, such as tokens, changed by one process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from ringfence.errors import SettingsError, reason
from ringfence.private_files import new_file
from ringfence.service.files.folder import ServiceFolder

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class StoredList(Generic[_Row]):
    """A list of rows in one file of the service's folder.

    Attributes:
        folder: of the service.
        path: the file.
        rows: how rows are read and written.
        noun: what the rows are, in the plural.
    """

    folder: ServiceFolder
    path: Path
    rows: TypeAdapter[tuple[_Row, ...]]
    noun: str

    def read(self) -> tuple[_Row, ...]:
        """Return all rows; none if there is no file.

        Raises:
            SettingsError: the file cannot be read, or is damaged.
        """
        try:
            return self.rows.validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise SettingsError(
                f"cannot be read: {reason(error)}", where=str(self.path), hint="check its owner"
            ) from error
        except ValidationError as error:
            raise SettingsError(
                f"is not a file of {self.noun}",
                where=str(self.path),
                hint="restore it from a backup",
            ) from error

    def write(self, rows: Sequence[_Row]) -> None:
        """Replace all rows. Call it within :meth:`changing`."""
        with new_file(self.path) as file:
            file.write(self.rows.dump_json(tuple(rows), indent=1) + b"\n")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Let one process at a time change the rows.

        Raises:
            SettingsError: the file cannot be written.
        """
        try:
            self.folder.create()
            lock = self.folder.root / f"{self.noun}.lock"
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
        except OSError as error:
            raise SettingsError(
                f"cannot be written: {reason(error)}", where=str(self.path), hint="check the disk"
            ) from error

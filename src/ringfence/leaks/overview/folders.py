"""The folders in a folder, each with a key that can stand in an address of a page."""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ringfence.errors import LeakError, SettingsError, reason
from ringfence.small_files import read_small_file

MOST_FOLDERS: Final = 200
"""Folders that are listed: the newest ones."""

_LARGEST: Final = 16 << 20
_Document = TypeVar("_Document", bound=BaseModel)
_Content = TypeVar("_Content")


class StoredDocument(BaseModel):
    """A JSON document that another command wrote. Fields that are not declared are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class UnreadableFolder:
    """A folder whose document cannot be read.

    Attributes:
        name: of the folder.
        why: in one line.
    """

    name: str
    why: str


@dataclass(frozen=True)
class FoundFolder:
    """A folder with a document.

    Attributes:
        path: of the folder.
        written: when the document was written.
    """

    path: Path
    written: datetime

    @property
    def key(self) -> str:
        """The folder in an address: digits of a hash, since a name may have any character."""
        return hashlib.sha256(os.fsencode(self.path.name)).hexdigest()[:16]


def folders_with(parent: Path, *names: str) -> list[FoundFolder]:
    """Return the folders in a folder that have one of some files, the newest one first.

    At most 200 are returned. The date of a folder is that of the first of these files that it has.

    Args:
        parent: where to look.
        names: of the files.

    Raises:
        LeakError: the folder cannot be read.
    """
    try:
        with os.scandir(parent) as entries:
            found = (_found(Path(entry.path), names) for entry in entries)
            known = (one for one in found if one is not None)
            return heapq.nlargest(MOST_FOLDERS, known, key=lambda one: (one.written, one.path.name))
    except OSError as error:
        raise LeakError(
            f"cannot be read: {reason(error)}",
            where=str(parent),
            hint="check the folders in the section [leaks] of the settings",
        ) from error


def read_folders(
    folders: Iterable[FoundFolder], read: Callable[[FoundFolder], _Content]
) -> tuple[list[_Content], list[UnreadableFolder]]:
    """Return what folders have, and the folders that cannot be read.

    Args:
        folders: which ones.
        read: returns what a folder has, or raises LeakError.
    """
    contents, unreadable = [], []
    for found in folders:
        try:
            contents.append(read(found))
        except LeakError as error:
            unreadable.append(UnreadableFolder(found.path.name, error.what))
    return contents, unreadable


def read_document(path: Path, kind: type[_Document]) -> _Document:
    """Return a JSON document from a file.

    Raises:
        LeakError: the file cannot be read, is larger than 16 MiB, or is no such document.
    """
    try:
        return kind.model_validate_json(read_small_file(path, _LARGEST, "write it again"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise LeakError(f"{path.name} is damaged or of another version, at {place}") from error
    except SettingsError as error:
        raise LeakError(f"{path.name} {error.what}") from error


def _found(path: Path, names: tuple[str, ...]) -> FoundFolder | None:
    for name in names:
        try:
            moment = (path / name).stat().st_mtime
            return FoundFolder(path, datetime.fromtimestamp(moment, UTC))
        except (OSError, ValueError, OverflowError):
            continue
    return None

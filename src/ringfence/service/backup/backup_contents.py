"""The list of the files in a backup, with their check sums."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ringfence.errors import SettingsError, reason

CONTENTS_FILE: Final = "backup.json"
"""The name of the list. It is written last."""

CASES_FILE: Final = "cases.sqlite"
"""The name of the case store in a backup."""

_FORM: Final = 1


@dataclass(frozen=True)
class CopiedFile:
    """One file of a backup.

    Attributes:
        size: bytes.
        sha256: check sum, in hexadecimal digits.
    """

    size: int
    sha256: str


@dataclass(frozen=True)
class BackupContents:
    """The list of the files in a backup.

    Attributes:
        made: the moment at which the backup began, as ISO 8601 in UTC.
        version: of the program that made it.
        has_cases: whether the case store is in it. A store in PostgreSQL is not.
        files: by their paths, which are relative and have slashes.
        form: version of the backup's format. A program that knows another one refuses it.
    """

    made: str
    version: str
    has_cases: bool
    files: dict[str, CopiedFile]
    form: int = _FORM

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files.values())

    def write(self, folder: Path) -> None:
        """Write the list into the folder of the backup."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / CONTENTS_FILE).write_text(text + "\n", encoding="utf-8")


_CONTENTS: Final = TypeAdapter(BackupContents)


def read_contents(folder: Path) -> BackupContents:
    """Return the list of a backup.

    Raises:
        SettingsError: the folder has none, or one that cannot be used.
    """
    path = folder / CONTENTS_FILE
    try:
        contents = _CONTENTS.validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(
            f"is not a backup: {CONTENTS_FILE}: {reason(error)}",
            where=str(folder),
            hint="name a folder that ringfence backup has made",
        ) from error
    except ValidationError as error:
        raise SettingsError(
            "is not the list of a backup", where=str(path), hint="use another backup"
        ) from error
    if contents.form != _FORM:
        raise SettingsError(
            f"is of the form {contents.form}, and this version knows the form {_FORM}",
            where=str(path),
            hint=f"use the version {contents.version}",
        )
    for name in contents.files:
        if not _is_inside(name):
            raise SettingsError(
                f"names a file outside of the backup: {name[:80]!r}",
                where=str(path),
                hint="do not use this backup",
            )
    return contents


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts

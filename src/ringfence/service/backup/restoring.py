"""Make the folder of a service from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError
from ringfence.own_folders import OwnFolder
from ringfence.private_files import PARTIAL, make_folder, sync_folder
from ringfence.service.backup.backup_contents import (
    CASES_FILE,
    BackupContents,
    CopiedFile,
    read_contents,
)
from ringfence.service.backup.copying import copied
from ringfence.service.files import ServiceFolder

_WHOLE: Final = "whole"


def restore(backup: Path, folder: ServiceFolder, cases: Path | None) -> BackupContents:
    """Make the folder of a service from a backup, whole or not at all.

    Args:
        backup: the folder that :func:`~ringfence.service.backup.back_up` has made. It stays.
        folder: of the service. It must not exist, or must be empty.
        cases: the file of the case store; None if it is in another database.

    Raises:
        SettingsError: there is something already, or the backup is damaged or of another form.
        OSError: a file cannot be read or written.
    """
    contents = read_contents(backup)
    _check_free(folder.root)
    elsewhere = cases is not None and cases.absolute() != folder.cases.absolute()
    if elsewhere and contents.has_cases and cases is not None and cases.exists():
        raise SettingsError(
            "there is a case store already", where=str(cases), hint="move it away first"
        )
    root = folder.root.absolute()
    make_folder(root.parent)
    with OwnFolder(f".{root.name[:50]}.", PARTIAL, root.parent) as place:
        whole = place.path / _WHOLE
        make_folder(whole)
        for name, expected in contents.files.items():
            _restore_file(backup, name, whole, expected)
        if elsewhere and contents.has_cases and cases is not None:
            # The copy is checked already.
            copied(whole / CASES_FILE, cases)
            (whole / CASES_FILE).unlink()
        whole.rename(root)
    sync_folder(root.parent)
    folder.create()
    return contents


def _restore_file(backup: Path, name: str, target: Path, expected: CopiedFile) -> None:
    try:
        found = copied(backup / name, target / name)
    except FileNotFoundError as error:
        raise SettingsError(
            "is missing", where=str(backup / name), hint="use another backup"
        ) from error
    if found != expected:
        raise SettingsError(
            "is not as it was written", where=str(backup / name), hint="use another backup"
        )


def _check_free(root: Path) -> None:
    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise SettingsError(
            "has files already",
            where=str(root),
            hint="stop the service, and move its folder away",
        )

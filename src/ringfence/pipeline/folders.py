"""The folders of a scan: one for its results, and one for temporary data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ringfence.errors import OutputError, SettingsError
from ringfence.own_folders import SCRATCH_PREFIX, OwnFolder
from ringfence.private_files import foreign_link, make_folder, remove_partial_files
from ringfence.settings import Settings


def prepare_folder(folder: Path) -> Path:
    """Create a folder if it does not exist, and check that files can be written to it.

    Only its owner can enter a new folder. An existing folder keeps its mode.

    Raises:
        OutputError: the folder cannot be created or written, or another user's link leads to it.
    """
    if os.fsencode(folder) != str(folder).encode(errors="replace"):
        raise OutputError(
            "cannot be written: its name is not UTF-8, which the database requires",
            where=str(folder),
            hint="choose another folder with --out",
        )
    try:
        if link := foreign_link(folder):
            raise OutputError(
                f"goes through the link {link}, which another user may have made",
                where=str(folder),
                hint="name the folder itself with --out",
            )
        make_folder(folder)
        remove_partial_files(folder)
        # The file has no name, so it can neither overwrite anything nor be left behind.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}",
            where=str(folder),
            hint="choose another folder with --out",
        ) from error
    return folder


def check_folder(folder: Path) -> Path:
    """Check that a folder can be created and written, before an hour of work, and leave no trace.

    A scan that is interrupted later then leaves no empty folder.

    Raises:
        OutputError: the folder cannot be created or written, or another user's link leads to it.
    """
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        return prepare_folder(folder)
    finally:
        with suppress(OSError):
            for path in missing:
                path.rmdir()


@contextmanager
def scratch_folder(settings: Settings) -> Iterator[Path]:
    """Provide a folder for temporary data, and remove it afterwards.

    Raises:
        SettingsError: the folder cannot be created at the place that the settings name.
    """
    parent = settings.engine.temp_directory or None
    try:
        folder = OwnFolder(SCRATCH_PREFIX, parent=Path(parent) if parent else None)
    except OSError as error:
        # Without a usable folder, Python's own message lists the folders that it has tried.
        raise SettingsError(
            f"cannot be used: {error.strerror}",
            where=parent or "the system's temporary folder",
            hint="set engine.temp_directory to a folder on a disk with room",
        ) from error
    with folder:
        yield folder.path

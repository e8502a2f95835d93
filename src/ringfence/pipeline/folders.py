"""The folders of a scan: one for its results, and one for temporary data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ringfence.errors import OutputError, SettingsError
from ringfence.settings import Settings


def prepare_folder(folder: Path) -> Path:
    """Create a folder if it does not exist, and check that files can be written to it.

    Raises:
        OutputError: the folder cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".ringfence-probe"
        probe.write_bytes(b"")
        probe.unlink()
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
        OutputError: the folder cannot be created or written.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
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
        folder = tempfile.TemporaryDirectory(
            prefix="ringfence-", ignore_cleanup_errors=True, dir=parent
        )
    except OSError as error:
        raise SettingsError(
            f"cannot be used: {error.strerror}",
            where=str(parent or tempfile.gettempdir()),
            hint="set engine.temp_directory to a folder on a disk with room",
        ) from error
    with folder as name:
        yield Path(name)

"""Folders for data that is not whole yet or not needed later, which no crash leaves for ever.

A folder of this kind has a lock file, and the process that made the folder holds the lock. The
system releases the lock when the process ends, however that happens. The next process that makes
such a folder in the same place removes those whose lock nobody holds. Process ids would not do:
they are used again, and those of a container mean nothing outside of it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

SCRATCH_PREFIX: Final = "ringfence-"
"""The beginning of the name of every scratch folder; eight random characters follow."""

_LOCK: Final = ".ringfence-lock"
_NEW_LOCK: Final = ".ringfence-lock-new"


class OwnFolder:
    """A folder that is removed when it is closed, or by a later process after a crash.

    Args:
        prefix: the beginning of its name.
        suffix: the end of its name.
        parent: an existing folder; None for the system's folder for temporary files.

    Attributes:
        path: the folder; only its owner can enter it.

    Raises:
        OSError: it cannot be created.
    """

    def __init__(self, prefix: str, suffix: str = "", parent: Path | None = None) -> None:
        place = parent or Path(tempfile.gettempdir())
        remove_abandoned(place, prefix[:1] if suffix else prefix, suffix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=place))
        # Also when nobody closes it.
        self._remove = weakref.finalize(self, _remove, self.path, _own_lock(self.path))

    def close(self) -> None:
        """Remove the folder with everything in it."""
        self._remove()

    def __enter__(self) -> Self:
        """Return the folder itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the folder."""
        self.close()


def remove_abandoned(parent: Path, prefix: str, suffix: str = "") -> None:
    """Remove the folders of this kind whose process has ended.

    Folders of other users, folders without a lock file, and what a link leads to stay.

    Args:
        parent: where to look. It need not exist.
        prefix: the beginning of their names.
        suffix: the end of their names.
    """
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.name.endswith(suffix):
                with suppress(OSError):
                    _remove_if_abandoned(entry)


def _remove_if_abandoned(entry: os.DirEntry[str]) -> None:
    if not entry.is_dir(follow_symlinks=False):
        return
    if entry.stat(follow_symlinks=False).st_uid != os.geteuid():
        return
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(Path(entry.path) / _LOCK, flags)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(entry.path, ignore_errors=True)
    finally:
        os.close(handle)


def _own_lock(folder: Path) -> int:
    """Return the handle of the lock of a new folder, which is removed if it cannot be locked."""
    try:
        return _locked(folder)
    except OSError:
        # Without a lock, nobody would ever take it for abandoned.
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _locked(folder: Path) -> int:
    """Make the lock file of a folder and return the handle that holds the lock."""
    new = folder / _NEW_LOCK
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    # A file system may have no locks. Then the lock file does not get its name, and the folder is
    # never taken for abandoned.
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The name comes after the lock, so that no other process finds the file without it.
        new.rename(folder / _LOCK)
    return handle


def _remove(folder: Path, handle: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(handle)

"""The lock of the folder: one service at a time.

The processes of the service hold the same lock as the supervisor. So if the supervisor is killed,
the next service begins when the last of them has ended, and not before.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from typing import Final, Self

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder

_STEP: Final = 0.1


class FolderLock:
    """Holds the lock of a folder in a ``with`` block.

    Args:
        folder: of the service, which exists.
        patience: seconds to wait for the processes of a service whose supervisor was killed.

    Attributes:
        handle: the open lock file, which the processes of the service inherit.

    Raises:
        SettingsError: another service runs in the folder.
        OSError: the file cannot be opened.
    """

    def __init__(self, folder: ServiceFolder, patience: float) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self.handle = os.open(folder.lock, flags, 0o600)
        try:
            self._take(folder, time.monotonic() + patience)
        except BaseException:
            os.close(self.handle)
            raise
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, f"{os.getpid()}\n".encode(), 0)

    def __enter__(self) -> Self:
        """Return the lock itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        os.close(self.handle)

    def _take(self, folder: ServiceFolder, end: float) -> None:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            holder = self._holder()
            if _runs(holder) or time.monotonic() > end:
                raise SettingsError(
                    f"is in use by another service, process {holder or 'unknown'}",
                    where=str(folder.root),
                    hint="stop it first, or name another folder with service.folder",
                )
            time.sleep(_STEP)

    def _holder(self) -> int:
        """Return the process that wrote its number into the file; 0 if there is none."""
        text = os.pread(self.handle, 20, 0).strip()
        return int(text) if text.isdigit() else 0


def _runs(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

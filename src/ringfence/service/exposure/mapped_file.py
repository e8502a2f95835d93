"""A private file of a fixed length that is read and written as memory.

Everything that a process has written there survives its end, however that happens, because the
pages belong to the kernel. They reach the disk some seconds later, or by :meth:`MappedFile.sync`.
"""

from __future__ import annotations

import mmap
import os
import stat
from pathlib import Path
from typing import Final

from ringfence.errors import OutputError

_MODE: Final = 0o600


class MappedFile:
    """A file in memory.

    Args:
        path: of the file. It is created with zeros, for its owner alone.
        size: bytes that the file has at least.

    Attributes:
        memory: its bytes. The object is another one after :meth:`grow`.

    Raises:
        OSError: the file cannot be made.
        OutputError: the disk is too full for it, or something else has its name.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._handle = os.open(path, flags, _MODE)
        try:
            self.memory = self._mapped(max(size, self._length()))
        except BaseException:
            os.close(self._handle)
            raise

    def grow(self, size: int) -> None:
        """Make the file longer. Views of the earlier memory must not be used any more.

        Raises:
            OutputError: the disk is too full.
        """
        self.memory = self._mapped(max(size, len(self.memory)))

    def sync(self) -> None:
        """Wait until the disk has everything."""
        # This also writes the pages in memory, and unlike mmap.flush it lets other threads run.
        os.fsync(self._handle)

    def close(self) -> None:
        """Close the file. Its memory stays until the last view of it is gone."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _length(self) -> int:
        found = os.fstat(self._handle)
        if not stat.S_ISREG(found.st_mode):
            raise OutputError("this is not a file", where=str(self.path), hint="move it away")
        return found.st_size

    def _mapped(self, size: int) -> mmap.mmap:
        # Without space on the disk, writing into the memory of a sparse file ends the process.
        try:
            os.posix_fallocate(self._handle, 0, size)
        except OSError as error:
            raise OutputError(
                f"there is no room for {size >> 20} MiB: {error.strerror}",
                where=str(self.path),
                hint="free some space there, or lower the number of pairs or accounts",
            ) from error
        return mmap.mmap(self._handle, size)

"""Create files and folders: private, whole or not at all, and only where the operator put them.

Everything that Ringfence writes is created here. Logs describe people, and only the operator who
scans them may read the results. So new files have mode 0600 and new folders 0700, whatever the
umask.

Others may be able to write to the folder of a result. So nothing is written through a name that
they could have prepared as a link: each file is made under a random name that did not exist, and
then takes the place of what has the final name. A link there is replaced; its target stays. Until
then it is in a folder of its own (:mod:`ringfence.own_folders`), which no crash leaves for ever.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from ringfence.own_folders import OwnFolder, remove_abandoned

PARTIAL: Final = ".part"
"""The last part of the name of what is not whole yet."""

_WHOLE: Final = "whole"
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_KEPT_BITS: Final = 0o666
_PREFIX_LENGTH: Final = 50
_MOST_LINKS: Final = 40
"""Links that are followed in one path; the kernel gives up after as many."""


def make_folder(folder: Path) -> None:
    """Create a folder, and those above it, for their owner alone. An existing one stays as it is.

    Raises:
        OSError: it cannot be created.
    """
    try:
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    except FileNotFoundError:
        if folder.parent == folder:
            raise
        make_folder(folder.parent)
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Provide a file to write, which gets its name at the end and only if nothing is raised.

    It replaces what has the name. The mode of a file that its owner has widened is kept. A device,
    such as a terminal, is not replaced but written to.

    Raises:
        OSError: the file cannot be written. An earlier file stays.
    """
    if path.is_char_device():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_NOFOLLOW), "wb") as device:
            yield device
        return
    with OwnFolder(_prefix(path), PARTIAL, path.parent) as folder:
        partial = folder.path / _WHOLE
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(partial, flags, _FILE_MODE), "wb") as file:
            yield file
            file.flush()
            _settle(file.fileno(), path)
        partial.replace(path)
    sync_folder(path.parent)


@contextmanager
def new_place(path: Path, *, keeps_other: bool = False) -> Iterator[Path]:
    """Provide a path at which another library creates a file, which is then moved to its name.

    The path is in a private folder beside the name, so nobody can prepare it or look at it.

    Args:
        path: the name of the file.
        keeps_other: whether a file that has the name by then is kept, and the new one dropped.

    Raises:
        OSError: the folder cannot be made, or the file cannot be moved. An earlier file
            stays.
    """
    with OwnFolder(_prefix(path), PARTIAL, path.parent) as folder:
        partial = folder.path / _WHOLE
        yield partial
        with partial.open("rb") as file:
            _settle(file.fileno(), path)
        _move(partial, path, keeps_other=keeps_other)
    sync_folder(path.parent)


def read_private(path: Path, most: int) -> bytes:
    """Return the content of a file that only its owner may read, up to a number of bytes.

    Raises:
        OSError: it cannot be read, is a folder or a pipe, or other users may read it.
    """
    # Without O_NONBLOCK, a pipe into which nobody writes could not even be opened.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        if found.st_mode & 0o077:
            raise OSError(errno.EPERM, "other users of this machine may use it", str(path))
        return file.read(most)


def remove_partial_files(folder: Path) -> None:
    """Remove from a folder the files that processes were writing when they were killed."""
    remove_abandoned(folder, ".", PARTIAL)


def foreign_link(path: Path) -> Path | None:
    """Return the first link on the way to a path that another user may have made, or None.

    A link counts as the operator's own if it belongs to the user, to root, or to the owner of the
    folder that it is in. Linux follows links in shared folders by the same rule.

    Raises:
        OSError: a part of the path cannot be examined, or its links lead in a circle.
    """
    rest = deque((Path.cwd() / path).parts)
    place = Path(rest.popleft())
    links = 0
    while rest:
        step = rest.popleft()
        link = place / step
        if step == "..":
            place = place.parent
        elif not link.is_symlink():
            place = link
        elif _is_foreign(link):
            return link
        else:
            target = link.readlink()
            place = Path(target.anchor) if target.is_absolute() else place
            rest.extendleft(reversed(target.relative_to(target.anchor).parts))
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return None


def _is_foreign(link: Path) -> bool:
    return link.lstat().st_uid not in {os.geteuid(), 0, link.parent.stat().st_uid}


def leads_elsewhere(path: Path) -> str:
    """Return why writing to an existing file would change a file with another name; empty if not.

    Raises:
        OSError: the file cannot be examined.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    if stat.S_ISLNK(found.st_mode):
        return f"is a link to {path.readlink()}"
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        return f"is one of {found.st_nlink} names of the same file"
    return ""


class _OwnerOnly:
    """The umask of the process while anything runs that creates files by itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._before = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Keep files that the engine creates from everybody but their owner, in this scope."""
        with self._lock:
            if not self._running:
                self._before = os.umask(0o077)
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    os.umask(self._before)


owner_only: Final = _OwnerOnly()
"""Scope in which the engine's own files are private: the database, its log and what it spills.

The umask belongs to the process. While a scan runs, other threads create private files as well.
"""


def _prefix(path: Path) -> str:
    return f".{path.name[:_PREFIX_LENGTH]}."


def _settle(handle: int, path: Path) -> None:
    """Give a file that is whole its mode, and wait until the disk has it."""
    os.fchmod(handle, _mode(path))
    os.fsync(handle)


def _move(partial: Path, path: Path, *, keeps_other: bool) -> None:
    if keeps_other:
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            return
        except OSError:
            # The file system has no links, so a process that creates the same file now loses it.
            partial.replace(path)
        return
    partial.replace(path)


def _mode(path: Path) -> int:
    """Return the mode of a file that replaces a path: its own if the user alone has set it."""
    try:
        old = path.lstat()
    except FileNotFoundError:
        return _FILE_MODE
    if not stat.S_ISREG(old.st_mode) and not stat.S_ISLNK(old.st_mode):
        raise OSError(errno.EEXIST, "A folder or pipe has this name", str(path))
    own = stat.S_ISREG(old.st_mode) and old.st_uid == os.geteuid() and old.st_nlink == 1
    return stat.S_IMODE(old.st_mode) & _KEPT_BITS | _FILE_MODE if own else _FILE_MODE


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder, if its file system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

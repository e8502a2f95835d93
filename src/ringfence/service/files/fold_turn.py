"""The turn of the process that changes the ledger, the plan of a fold and the feed.

The judge takes it for each step. A backup takes it between two steps, and copies files that belong
together and that nobody changes meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.files.folder import ServiceFolder

_STEP: Final = 0.05


@contextmanager
def fold_turn(folder: ServiceFolder) -> Iterator[bool]:
    """Take the turn if it is free, and yield whether it was. The process's end frees it.

    Raises:
        OSError: the lock file cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(folder.fold_lock, flags, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def awaited_fold_turn(
    folder: ServiceFolder, seconds: float, late: RingfenceError
) -> Iterator[None]:
    """Wait until no fold is being done, and let none begin.

    Args:
        folder: of the service.
        seconds: the longest wait.
        late: the error to raise if a fold takes longer.

    Raises:
        RingfenceError: ``late``.
        OSError: the lock file cannot be opened.
    """
    end = time.monotonic() + seconds
    while True:
        with fold_turn(folder) as mine:
            if mine:
                yield
                return
        if time.monotonic() > end:
            raise late
        time.sleep(_STEP)

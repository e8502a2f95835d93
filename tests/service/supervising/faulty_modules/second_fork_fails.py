"""Let the second fork of this process fail, as if there were too many processes."""

import errno
import os
from itertools import count

_forks = count(1)
_fork = os.fork


def _scarce() -> int:
    if next(_forks) == 2:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return _fork()


os.fork = _scarce

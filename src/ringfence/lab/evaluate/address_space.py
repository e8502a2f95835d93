"""Find out whether this process may draw: the drawing library reserves much address space.

The library runs V8, which ends the process if it cannot reserve a heap of 64 GiB. It uses little of
that. A limit on address space (``ulimit -v``) counts all of it; a limit on memory, such as that of
a container, counts what is used.
"""

from __future__ import annotations

import resource
from functools import cache
from pathlib import Path
from typing import Final

DRAWING_SPACE: Final = 66 << 30
"""Address space that drawing needs, in bytes: 64 GiB of heap, and some for code. Measured with
vl-convert-python 1.9: the peak of a process that draws is 64.4 GiB, of which 1 GiB is its own."""

_PROCESS: Final = Path("/proc/self/statm")


@cache
def may_draw() -> bool:
    """Return whether the limit on address space leaves room to draw."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit == resource.RLIM_INFINITY or limit - _in_use() >= DRAWING_SPACE


def _in_use() -> int:
    """Return the address space of this process in bytes; 0 where the system does not say."""
    try:
        pages = int(_PROCESS.read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()

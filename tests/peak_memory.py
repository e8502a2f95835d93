"""The peak memory of this process, as Linux counts it.

``ru_maxrss`` will not do: a new process inherits that of its parent, and it never falls.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

LINUX_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="peaks of memory are read from Linux's /proc"
)


def forget_peak() -> None:
    """Let the peak begin again with the memory that is in use now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory() -> int:
    """Return the peak in MiB since the process began, or since :func:`forget_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10

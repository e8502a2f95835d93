"""The clock of a simulation: a moment in a small file, which processes share.

The traffic moves it on, and the process that answers gateways reads it. So budgets and decisions
count by the time of the events, at any speed of the machine.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

from ringfence.private_files import new_file

_SIZE: Final = 8
_MILLISECONDS: Final = 1_000


class SimulatedClock:
    """Reads and sets the moment.

    Args:
        path: of the file.
        start: first moment, in seconds since 1970, to make the file; None to read it.

    Raises:
        OSError: the file is missing or cannot be used.
        ValueError: the file is empty.
    """

    def __init__(self, path: Path, start: float | None = None) -> None:
        if start is not None:
            with new_file(path) as file:
                file.write(bytes(_SIZE))
        with path.open("r+b") as file:
            # One aligned word, which is read and written at once.
            self._word = memoryview(mmap.mmap(file.fileno(), _SIZE)).cast("q")
        if start is not None:
            self.set(start)

    def set(self, moment: float) -> None:
        """Move the clock to a moment, in seconds since 1970."""
        self._word[0] = int(moment * _MILLISECONDS)

    def now(self) -> float:
        """Return the moment, in seconds since 1970."""
        return self._word[0] / _MILLISECONDS

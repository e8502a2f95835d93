"""Append batches for ever, and say which of them are acknowledged.

    python kill_writer.py LOG FIRST

Several batches with the keys FIRST, FIRST + 1, ... go into each call. After it, the last key is
written to standard output.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from ringfence.service.event_log import Batch, LogWriter


def main(log: Path, first: int) -> None:
    """Append until somebody ends the process."""
    with LogWriter(log, seconds=0.02, size=20_000) as writer:
        key = first
        for call in count():
            keys = range(key, key + 1 + call % 4)
            writer.append([Batch("test", str(one), b"%d\n" % one * (one % 700)) for one in keys])
            key = keys[-1] + 1
            os.write(1, b"%d\n" % keys[-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

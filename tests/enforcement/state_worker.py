"""Bring the state of all accounts to a file, slowly if told so. Run by a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ringfence.cases import open_store
from ringfence.enforcement import Standing, deliver


class FileState:
    """A file with a line for every account that is not free.

    Attributes:
        waits: whether it waits for a line on its input between reading the state and writing it.
    """

    name = "gate"

    def __init__(self, path: Path, *, waits: bool = False) -> None:
        self.path = path
        self.waits = waits

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Write the file."""
        lines = [f"{one.account} {one.name}\n" for one in accounts]
        if self.waits:
            print("read", flush=True)  # noqa: T201 - the test waits for it
            sys.stdin.readline()
        self.path.write_text("".join(lines))
        return {}


if __name__ == "__main__":
    with open_store(sys.argv[1]) as opened:
        (report,) = deliver(opened, [FileState(Path(sys.argv[2]), waits="wait" in sys.argv)])
    print("busy" if report.busy else report.delivered, flush=True)  # noqa: T201 - for the test

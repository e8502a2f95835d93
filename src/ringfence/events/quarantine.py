"""Lines of one source that could not be read: counted by reason, and kept for inspection."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Final, NamedTuple

from ringfence.errors import OutputError
from ringfence.events.secrets import mask_secrets

TEXT_KEPT: Final = 1_000
"""The number of characters of a bad line that are kept."""

LINES_KEPT: Final = 10_000
"""The number of bad lines of a source that are kept for each reason. Further ones are counted."""

_AT_ONCE = 1_000


class BadLine(NamedTuple):
    """A line that could not be read.

    Attributes:
        line: line number from 1; 0 if it concerns the whole file or is not known.
        reason: one of a few words, such as ``not-a-record``.
        text: its first 1,000 characters, without secrets; empty if names have pseudonyms.
    """

    line: int
    reason: str
    text: str


class Quarantine:
    """Bad lines of one source by reason, without the secrets in them.

    Each line is counted. The first lines of each reason are kept, with their secrets hidden. They
    are in a file without a name, so memory does not grow with them, and a killed process leaves no
    file.

    Args:
        scratch: an existing folder for that file.
        keep: number of lines to keep per reason; further ones are only counted.
        keys: further names of parameters with keys, as in ``account.parameters``.
        with_text: whether the texts of the lines are kept. A line that cannot be read may have the
            name of an account anywhere, so with pseudonyms only its number and reason are kept.

    Attributes:
        counts: number of bad lines by reason, kept or not.
    """

    def __init__(
        self,
        scratch: Path,
        keep: int = LINES_KEPT,
        keys: Collection[str] = (),
        *,
        with_text: bool = True,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._scratch = scratch
        self._keep = keep
        self._keys = keys
        self._most_text = TEXT_KEPT if with_text else 0
        self._pending: list[BadLine] = []
        self._spool = tempfile.TemporaryFile("w+", encoding="ascii", dir=scratch)  # noqa: SIM115
        # The file has no name: closing it removes it.
        weakref.finalize(self, _close, self._spool)

    def add(self, line: int, reason: str, text: str) -> None:
        """Record one bad line.

        Args:
            line: line number from 1; 0 if it concerns the whole file or is not known.
            reason: one of a few words, such as ``not-a-record``.
            text: the line; cut to 1,000 characters, with its keys, passwords and tokens hidden.

        Raises:
            OutputError: the disk is full.
        """
        self.counts[reason] += 1
        if self.counts[reason] <= self._keep:
            shown = mask_secrets(text[: self._most_text], self._keys)[: self._most_text]
            self._pending.append(BadLine(line, reason, shown))
            if len(self._pending) >= _AT_ONCE:
                self._flush()

    def count(self, reason: str, number: int) -> None:
        """Count bad lines of which only the reason is known."""
        if number > 0:
            self.counts[reason] += number

    def batches(self) -> Iterator[list[BadLine]]:
        """Yield the lines that were kept, in the order in which they were found.

        Raises:
            OutputError: the disk is full, so the last lines cannot be stored.
        """
        self._flush()
        self._spool.seek(0)
        lines = (BadLine(*json.loads(line)) for line in self._spool)
        while batch := list(islice(lines, _AT_ONCE)):
            yield batch

    def _flush(self) -> None:
        try:
            self._spool.writelines(json.dumps(one) + "\n" for one in self._pending)
            self._spool.flush()
        except OSError as error:
            raise OutputError(
                f"unreadable lines cannot be stored: {error.strerror}",
                where=str(self._scratch),
                hint="set engine.temp_directory to a disk with room",
            ) from error
        self._pending.clear()


def _close(spool: IO[str]) -> None:
    """Close a file. Text that did not fit on a full disk is lost; writing it raised an error."""
    with suppress(OSError):
        spool.close()

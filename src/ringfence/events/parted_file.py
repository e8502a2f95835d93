"""A file in two parts: the lines that the fast path may read, and those that are set aside.

Both parts are files in the scratch folder of the engine. Line numbers stay the same, because a line
that is set aside leaves an empty line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ringfence.engine import Engine
from ringfence.errors import SourceError
from ringfence.events.content import numbered_lines
from ringfence.events.rejects import Stretch


@dataclass
class PartedFile:
    """The two parts of a file, open for writing.

    Attributes:
        clean: a copy of the file, in which the lines that are set aside are empty.
        aside: those lines, for :func:`lines_aside`.
        count: their number.
    """

    clean: Path
    aside: Path
    count: int = 0
    _good: BinaryIO = field(init=False)
    _bad: BinaryIO = field(init=False)

    def open(self) -> None:
        """Begin with two empty files."""
        self._good, self._bad = self.clean.open("wb"), self.aside.open("wb")

    def close(self) -> None:
        """Complete both files."""
        self._good.close()
        self._bad.close()

    def keep(self, texts: Iterable[bytes]) -> None:
        """Leave lines to the fast path."""
        self._good.writelines(text + b"\n" for text in texts)

    def keep_block(self, block: bytes) -> None:
        """Leave whole lines, each with a line feed, to the fast path."""
        self._good.write(block)

    def set_aside(self, first: int, number: int, text: bytes) -> None:
        """Set a line aside, unless it is empty.

        Args:
            first: number of the first line of its record.
            number: number of the line.
            text: the line.
        """
        self._good.write(b"\n")
        if text:
            self._bad.write(b"%d %d %s\n" % (first, number, text))
            self.count += 1


@contextmanager
def parted(engine: Engine, path: Path) -> Iterator[PartedFile]:
    """Open the two parts of a file in the scratch folder of an engine.

    Raises:
        SourceError: there is no room for the copies.
    """
    file = PartedFile(engine.scratch / "clean.log", engine.scratch / "aside.log")
    try:
        file.open()
        try:
            yield file
        finally:
            file.close()
    except OSError as error:
        raise SourceError(
            f"cannot be copied: {error.strerror}",
            where=str(path),
            hint="set engine.temp_directory to a disk with room",
        ) from error


def lines_aside(aside: Path) -> Iterator[Stretch]:
    """Yield the lines that were set aside. Lines of one quoted record come together."""
    first, texts = 0, list[bytes]()
    for _, line in numbered_lines(aside):
        start, _, text = line.split(b" ", 2)
        if texts and int(start) != first:
            yield Stretch(first, b"\n".join(texts))
            texts.clear()
        first = int(start)
        texts.append(text)
    if texts:
        yield Stretch(first, b"\n".join(texts))

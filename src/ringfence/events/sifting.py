"""Set aside the lines that the fast path cannot read, one by one, whatever is wrong with them.

A fast reader may lose a line, join two lines or give a row without a time, for reasons that no list
of cases covers. So the same reader is run again on blocks of lines. A block in which every line
gives one row shows by the order of the rows which lines are bad. Any other block is divided until
it is small, and then all its lines are set aside for the tolerant path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.errors import EngineError, SourceError
from ringfence.events.content import numbered_lines
from ringfence.events.event_sql import usable_time
from ringfence.events.formats import FastPath
from ringfence.events.rejects import Stretch, rejected

_BLOCK: Final = 20_000
_BLOCK_BYTES: Final = 8 << 20
_SMALL: Final = 200
_PARTS: Final = 10

_LONGEST_RECORD: Final = 1_000
"""Lines after which a record with an open quote is taken for damaged."""

_FIELD: Final = rb'(?:"(?:[^"\\]|\\.)*+"|(?:[^" ][^ ]*+)?)'

BALANCED: Final = re.compile(_FIELD + rb"(?: " + _FIELD + rb")*+", re.DOTALL)
"""A line of fields between single spaces, each in quotes that are closed, or bare."""


@dataclass(frozen=True)
class _Line:
    """A line with its number, and the number of the first line of its record."""

    number: int
    text: bytes
    first: int
    readable: bool


@dataclass(frozen=True)
class SiftedLines:
    """The lines of a file in two parts.

    Attributes:
        clean: a copy of the file, in which the lines that are set aside are empty.
        aside: those lines, for :func:`lines_aside`.
        count: their number.
    """

    clean: Path
    aside: Path
    count: int


def sift(
    engine: Engine, path: Path, opened: FastPath, horizon: datetime, *, trust: bool = True
) -> SiftedLines:
    """Copy a file without the lines that the fast path cannot read; line numbers stay the same.

    Args:
        engine: runs the fast path on parts of the file. Its scratch folder holds both copies.
        path: a plain, gz or zst file.
        opened: the fast path.
        horizon: UTC time without zone after which a time cannot be used.
        trust: whether the fast path may read any line; otherwise all are set aside.

    Raises:
        SourceError: there is no room for the copies.
    """
    clean, aside = engine.scratch / "clean.log", engine.scratch / "aside.log"
    header = _header(path) if opened.header else None
    count = 0
    try:
        with clean.open("wb") as good, aside.open("wb") as bad, engine.beside() as own:
            trial = _Trial(own, opened, horizon, header)
            for block in _blocks(_with_records(path, opened)):
                readable = trial.readable(block) if trust else set[int]()
                for line in block:
                    kept = line.number in readable or trial.is_no_record(line)
                    good.write(line.text + b"\n" if kept else b"\n")
                    if not kept and line.text:
                        bad.write(b"%d %d %s\n" % (line.first, line.number, line.text))
                        count += 1
    except OSError as error:
        raise SourceError(
            f"cannot be copied: {error.strerror}",
            where=str(path),
            hint="set engine.temp_directory to a disk with room",
        ) from error
    return SiftedLines(clean, aside, count)


def lines_aside(aside: Path) -> Iterator[Stretch]:
    """Yield the lines that :func:`sift` set aside; those between two open quotes together."""
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


class _Trial:
    """The fast path, run on some lines to see which of them it reads."""

    def __init__(
        self, engine: Engine, opened: FastPath, horizon: datetime, header: tuple[int, bytes] | None
    ) -> None:
        self._engine = engine
        self._comment = opened.comment
        self._header = header
        self._path = engine.scratch / "block.log"
        usable = f"COALESCE({usable_time(opened.time, horizon)}, FALSE)"
        self._query = f"SELECT {usable} FROM ({opened.reader(self._path)}) AS raw"  # noqa: S608

    def is_no_record(self, line: _Line) -> bool:
        """Return whether a line is the header or a comment."""
        if self._header and line.number == self._header[0]:
            return True
        return bool(self._comment) and line.text.startswith(self._comment)

    def readable(self, block: Sequence[_Line]) -> set[int]:
        """Return the numbers of the lines that the fast path reads as one usable row each."""
        lines = [one for one in block if one.text and one.readable and not self.is_no_record(one)]
        answers = self._answers(lines) if lines else []
        if answers is not None:
            return {line.number for line, answer in zip(lines, answers, strict=True) if answer}
        if len(lines) <= _SMALL:
            return set()
        size = -(-len(lines) // _PARTS)
        parts = (lines[at : at + size] for at in range(0, len(lines), size))
        return set[int]().union(*map(self.readable, parts))

    def _answers(self, lines: Sequence[_Line]) -> list[bool] | None:
        """Return whether each line gives a usable row; None if rows and lines do not agree."""
        header = [self._header[1]] if self._header else []
        self._path.write_bytes(b"".join(line + b"\n" for line in (*header, *_texts(lines))))
        self._engine.forget_csv_rejects()
        rows: list[bool] = []
        with suppress(EngineError):
            rows = [row[0] for row in self._engine.rows(self._query)]
        if len(rows) == len(lines):
            return rows
        stretches = list(rejected(self._engine, self._path))
        refused = {number - len(header) - 1 for one in stretches for number, _ in one.lines()}
        self._engine.forget_csv_rejects()
        if len(rows) + len(refused) != len(lines):
            return None
        answers = iter(rows)
        return [place not in refused and next(answers) for place in range(len(lines))]


def _texts(lines: Iterable[_Line]) -> Iterator[bytes]:
    return (line.text for line in lines)


def _blocks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line.text)
        if len(block) >= _BLOCK or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    yield block


def _with_records(path: Path, opened: FastPath) -> Iterator[_Line]:
    """Yield the lines, and whether their quotes allow the fast path to read them alone."""
    lines = numbered_lines(path)
    if opened.quotes == "record":
        yield from _quoted_records(lines)
        return
    for number, text in lines:
        balanced = opened.quotes == "none" or BALANCED.fullmatch(text) is not None
        yield _Line(number, text, number, balanced)


def _quoted_records(lines: Iterable[tuple[int, bytes]]) -> Iterator[_Line]:
    """Yield lines; those from one with an open quote to the one that closes it are one record."""
    held: list[tuple[int, bytes]] = []
    for number, text in lines:
        odd = text.count(b'"') % 2 == 1
        if not held and not odd:
            yield _Line(number, text, number, readable=True)
            continue
        held.append((number, text))
        if len(held) > 1 and odd:
            yield from (_Line(one, part, held[0][0], readable=False) for one, part in held)
            held = []
        elif len(held) > _LONGEST_RECORD:
            yield from _apart(held)
            held = []
    yield from _apart(held)


def _apart(lines: Sequence[tuple[int, bytes]]) -> Iterator[_Line]:
    """Yield lines whose quote does not close: only the first is damaged."""
    for place, (number, text) in enumerate(lines):
        yield _Line(number, text, number, readable=place > 0)


def _header(path: Path) -> tuple[int, bytes] | None:
    return next(((number, text) for number, text in numbered_lines(path) if text.strip()), None)

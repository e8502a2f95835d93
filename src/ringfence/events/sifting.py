"""Set aside the lines that the fast path cannot read, one by one, whatever is wrong with them.

A fast reader may lose a line, join two lines or return a row without a time. No list of cases
covers all reasons, so the same reader is run again on blocks of lines. If every line of a block
gives one row, the order of the rows shows which lines are bad. In any other block, the reader lists
the lines that it rejected, if they are few. Otherwise the block is divided until it is small, and
then all its lines are set aside for the tolerant path. Memory depends on the size of a block, not
on the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.errors import EngineError
from ringfence.events.content import LONGEST_RECORD, numbered_lines
from ringfence.events.csv_options import OnBadLine
from ringfence.events.event_sql import usable_time
from ringfence.events.formats import FastPath
from ringfence.events.open_quotes import closes_quotes
from ringfence.events.parted_file import PartedFile, parted
from ringfence.events.rejects import rejected

_BLOCK: Final = 20_000
_BLOCK_BYTES: Final = 8 << 20
_SMALL: Final = 200
_PARTS: Final = 10

_LISTED: Final = 2_500
"""Number of rejected lines that the reader may list at a time."""

_LONGEST_RECORD: Final = 1_000
"""Number of lines after which a record with an open quote counts as damaged."""


@dataclass(frozen=True)
class _Line:
    """A line with its number, and the number of the first line of its record."""

    number: int
    text: bytes
    first: int
    readable: bool


def sift(
    engine: Engine, path: Path, opened: FastPath, horizon: datetime, *, trust: bool = True
) -> PartedFile:
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
    header = _header(path) if opened.header else None
    with parted(engine, path) as file, engine.beside() as own:
        trial = _Trial(own, opened, horizon, header)
        for block in _blocks(numbered_lines(path), opened):
            if trust and trial.reads_all(block):
                file.keep(text for _, text in block)
                continue
            lines = list(_with_records(block, opened))
            readable = trial.readable(lines) if trust else set[int]()
            for line in lines:
                if line.number in readable or trial.is_no_record(line.number, line.text):
                    file.keep([line.text])
                else:
                    file.set_aside(line.first, line.number, line.text)
    return file


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
        choices: tuple[OnBadLine, ...] = ("skip", "list")
        self._queries = {
            bad_lines: f"SELECT {usable} FROM ({opened.reader(self._path, bad_lines)}) AS raw"  # noqa: S608
            for bad_lines in choices
        }

    def is_no_record(self, number: int, text: bytes) -> bool:
        """Return whether a line is the header or a comment."""
        if self._header and number == self._header[0]:
            return True
        return bool(self._comment) and text.startswith(self._comment)

    def reads_all(self, block: Sequence[tuple[int, bytes]]) -> bool:
        """Return whether the fast path reads each line as one usable row."""
        lines = [text for number, text in block if text and not self.is_no_record(number, text)]
        rows = self._rows(lines, "skip") if lines else []
        return len(rows) == len(lines) and all(rows)

    def readable(self, block: Sequence[_Line]) -> set[int]:
        """Return the numbers of the lines that the fast path reads as one usable row each."""
        lines = [
            one
            for one in block
            if one.text and one.readable and not self.is_no_record(one.number, one.text)
        ]
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
        texts = [line.text for line in lines]
        rows = self._rows(texts, "skip")
        if len(rows) == len(lines):
            return rows
        if not rows:
            return [False] * len(lines)
        return self._listed(texts) if len(lines) - len(rows) <= _LISTED else None

    def _listed(self, lines: Sequence[bytes]) -> list[bool] | None:
        """Return the same from the lines that the reader lists; None if the counts do not agree."""
        rows = self._rows(lines, "list")
        before = 1 if self._header is None else 2
        stretches = rejected(self._engine, self._path)
        refused = {number - before for one in stretches for number, _ in one.lines()}
        self._engine.forget_csv_rejects()
        if len(rows) + len(refused) != len(lines):
            return None
        answers = iter(rows)
        return [place not in refused and next(answers) for place in range(len(lines))]

    def _rows(self, lines: Sequence[bytes], bad_lines: OnBadLine) -> list[bool]:
        """Return whether each row that the fast path reads is usable; an empty list if it fails.

        Raises:
            EngineError: memory is too small, or the disk is full.
        """
        header = [self._header[1]] if self._header else []
        with self._path.open("wb") as file:
            file.writelines(line + b"\n" for line in (*header, *lines))
        self._engine.forget_csv_rejects()
        try:
            return [row[0] for row in self._engine.rows(self._queries[bad_lines])]
        except EngineError as error:
            if error.fault != "other":
                raise
            return []


def _blocks(
    lines: Iterable[tuple[int, bytes]], opened: FastPath
) -> Iterator[list[tuple[int, bytes]]]:
    """Yield blocks of lines with numbers; where possible, no quote is open at the end of one."""
    block: list[tuple[int, bytes]] = []
    size = quotes = 0
    for number, text in lines:
        block.append((number, text))
        size += len(text)
        quotes += text.count(b'"') if opened.quotes == "record" else 0
        full = len(block) >= _BLOCK or size >= _BLOCK_BYTES
        beyond = len(block) >= _BLOCK + _LONGEST_RECORD or size >= 2 * _BLOCK_BYTES
        if full and (quotes % 2 == 0 or beyond):
            yield block
            block, size, quotes = [], 0, 0
    yield block


def _with_records(lines: Iterable[tuple[int, bytes]], opened: FastPath) -> Iterator[_Line]:
    """Yield the lines, and whether their quotes allow the fast path to read them alone."""
    if opened.quotes == "record":
        yield from _quoted_records(lines)
        return
    for number, text in lines:
        balanced = opened.quotes == "none" or closes_quotes(text)
        yield _Line(number, text, number, balanced)


def _quoted_records(lines: Iterable[tuple[int, bytes]]) -> Iterator[_Line]:
    """Yield lines. The lines from an open quote to the quote that closes it are one record."""
    held: list[tuple[int, bytes]] = []
    size = 0
    for number, text in lines:
        odd = text.count(b'"') % 2 == 1
        if not held and not odd:
            yield _Line(number, text, number, readable=True)
            continue
        held.append((number, text))
        size += len(text)
        if len(held) > 1 and odd and size <= LONGEST_RECORD:
            yield from (_Line(one, part, held[0][0], readable=False) for one, part in held)
            held, size = [], 0
        elif len(held) > _LONGEST_RECORD or size > LONGEST_RECORD:
            yield from _apart(held)
            held, size = [], 0
    yield from _apart(held)


def _apart(lines: Sequence[tuple[int, bytes]]) -> Iterator[_Line]:
    """Yield lines whose quote does not close: only the first is damaged."""
    for place, (number, text) in enumerate(lines):
        yield _Line(number, text, number, readable=place > 0)


def _header(path: Path) -> tuple[int, bytes] | None:
    return next(((number, text) for number, text in numbered_lines(path) if text.strip()), None)

"""The tolerant path: lines parsed one by one, typed by the same SQL as the fast path's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ringfence.engine import Engine, identifier
from ringfence.events.content import decode
from ringfence.events.formats import RAW_COLUMNS, Format
from ringfence.events.quarantine import TEXT_KEPT

CARRIED = ("line", "line_text")
"""Columns of a table of parsed lines besides the raw ones: line number and the line, cut."""

_AT_ONCE = 10_000


@dataclass(frozen=True)
class Parsed:
    """One line and what the tolerant parser made of it.

    Attributes:
        line: line number, from 1.
        text: the line.
        record: its raw columns; None if it is no record.
    """

    line: int
    text: str
    record: Mapping[str, str | None] | None


def parsed(form: Format, lines: Iterable[tuple[int, bytes]]) -> Iterator[Parsed]:
    """Parse lines in order; blank ones are left out."""
    for number, line in lines:
        text = decode(line)
        if text.strip():
            yield Parsed(number, text, form.parse(text))


def batches(lines: Iterable[Parsed]) -> Iterator[list[Parsed]]:
    """Group lines into lists of a size the engine takes at once."""
    iterator = iter(lines)
    while batch := list(islice(iterator, _AT_ONCE)):
        yield batch


def create(engine: Engine, table: str) -> None:
    """Create an empty temporary table of parsed lines, replacing one of the same name."""
    columns = ", ".join(f"{identifier(name)} VARCHAR" for name in RAW_COLUMNS)
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {identifier(table)} "
        f"(line BIGINT, line_text VARCHAR, {columns})"
    )


def insert(engine: Engine, table: str, records: Iterable[Parsed]) -> None:
    """Append lines that are records to such a table."""
    for batch in batches(one for one in records if one.record is not None):
        columns: dict[str, list[int] | list[str | None]] = {
            "line": [one.line for one in batch],
            "line_text": [_storable(one.text[:TEXT_KEPT]) for one in batch],
        }
        for name in RAW_COLUMNS:
            columns[name] = [_storable((one.record or {}).get(name)) for one in batch]
        # The columns go in as lists: one statement a batch instead of one a row.
        lists = ", ".join(f"UNNEST(${name})" for name in columns)
        engine.run(f"INSERT INTO {identifier(table)} SELECT {lists}", columns)


def _storable(text: str | None) -> str | None:
    """Replace lone surrogates, which JSON can carry and the engine cannot."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

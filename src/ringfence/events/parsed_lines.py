"""The tolerant path: parse lines one by one, and give them to the engine as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ringfence.engine import Engine, identifier
from ringfence.events.content import LONGEST_RECORD, decode
from ringfence.events.formats import RAW_COLUMNS, Format
from ringfence.events.formats.source_columns import is_usable
from ringfence.events.quarantine import TEXT_KEPT
from ringfence.events.rejects import Stretch

CARRIED = ("line", "line_text")
"""Columns of a table of parsed lines besides the raw ones: number and text of the line."""

_AT_ONCE = 10_000
_BYTES_AT_ONCE = 8 << 20

_CONTROLS = "".join(map(chr, range(33))) + "\x7f"
_AROUND = _CONTROLS.encode() + b"\xef\xbb\xbf\xff\xfe"
"""Bytes that may stand around a line and do not belong to it: spaces, control characters and byte
order marks."""


@dataclass(frozen=True)
class ParsedLine:
    """A line of a source, and the record that the tolerant parser found in it.

    Attributes:
        line: line number, from 1.
        text: the line.
        record: its raw columns; None if it is not a record.
        lines: number of lines that the record spans.
    """

    line: int
    text: str
    record: Mapping[str, str | None] | None
    lines: int = 1


def parsed(form: Format, lines: Iterable[tuple[int, bytes]]) -> Iterator[ParsedLine]:
    """Parse lines in order, without empty ones."""
    for number, line in lines:
        if line:
            yield ParsedLine(number, decode(line), _record(form, line))


def _record(form: Format, line: bytes) -> Mapping[str, str | None] | None:
    if len(line) > LONGEST_RECORD:
        return None
    bare = line.strip(_AROUND)
    record = form.parse(decode(line))
    if bare in (b"", line) or (record and record.get("time")):
        return record
    return form.parse(decode(bare)) or record


def read_stretch(form: Format, stretch: Stretch, *, joined: bool) -> list[ParsedLine]:
    """Parse the lines of a stretch, each as one record or all of them as one.

    Args:
        form: the format.
        stretch: the lines.
        joined: whether a quoted line end may belong to a record. Lines are never joined if any but
            the first is a whole record of its own, which an open quote would hide.
    """
    lines = list(parsed(form, stretch.lines()))
    if len(lines) < 2 or not joined or any(_is_whole(line) for line in lines[1:]):
        return lines
    whole = list(parsed(form, [(stretch.line, stretch.data.replace(b"\r\n", b"\n"))]))
    return [replace(one, lines=len(lines)) for one in whole] if whole[0].record else lines


def _is_whole(line: ParsedLine) -> bool:
    return line.record is not None and is_usable(line.record)


def batches(lines: Iterable[ParsedLine]) -> Iterator[list[ParsedLine]]:
    """Group lines into lists that the engine stores with one statement each.

    A list has at most 10,000 lines, and about 8 MiB of text.
    """
    batch: list[ParsedLine] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text)
        if len(batch) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def create(engine: Engine, table: str) -> None:
    """Create an empty temporary table of parsed lines, replacing one of the same name."""
    columns = ", ".join(f"{identifier(name)} VARCHAR" for name in RAW_COLUMNS)
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {identifier(table)} "
        f"(line BIGINT, line_text VARCHAR, {columns})"
    )


def insert(engine: Engine, table: str, records: Iterable[ParsedLine]) -> None:
    """Append the lines that are records to a table of parsed lines."""
    for batch in batches(one for one in records if one.record is not None):
        columns: dict[str, list[int] | list[str | None]] = {
            "line": [one.line for one in batch],
            "line_text": [_storable(one.text[:TEXT_KEPT]) for one in batch],
        }
        for name in RAW_COLUMNS:
            strip = _CONTROLS if name == "time" else ""
            columns[name] = [_storable((one.record or {}).get(name), strip) for one in batch]
        # The columns are passed as lists: one statement per batch instead of one per row.
        lists = ", ".join(f"UNNEST(${name})" for name in columns)
        engine.run(f"INSERT INTO {identifier(table)} SELECT {lists}", columns)


def _storable(text: str | None, strip: str = "") -> str | None:
    """Replace lone surrogates, which JSON allows and the engine does not, and strip signs."""
    if text is None:
        return None
    plain = text.strip(strip) if strip else text
    if plain.isascii():
        return plain
    return plain.encode("utf-8", "backslashreplace").decode("utf-8")

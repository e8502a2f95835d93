"""Give every record of a source one line: JSON documents, and lines that wrap other lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ringfence.engine import Engine, literal
from ringfence.errors import EngineError, FormatError
from ringfence.events.content import (
    LONGEST_RECORD,
    decode,
    numbered_lines,
    plain_beginning,
    plain_chunks,
)
from ringfence.events.formats.ndjson import JSONObject, json_keys, json_lines_sql, json_object
from ringfence.events.formats.source_columns import find_columns, named_columns, path_sql
from ringfence.events.json_values import json_values
from ringfence.events.unpacking import BrokenPackingError
from ringfence.settings import ColumnSettings

_SEEN = 1 << 20
_HEAD = 50

_SCALAR = r'(?:"(?:[^"\\\n]|\\.){0,1000}"|[-+.\w]{1,100})'
_ARRAY = re.compile(rf"\[\s*(?:{_SCALAR}\s*,\s*){{0,20}}[\{{\]]")
_WRAPPER = re.compile(
    rf'\{{\s*(?P<before>(?:"[^"\n]{{0,100}}"\s*:\s*{_SCALAR}\s*,\s*){{0,20}})'
    r'"[^"\n]{0,100}"\s*:\s*(?=\[\s*\{)'
)
_KEY = re.compile(r'"([^"\n]{0,100})"\s*:')
_OPEN_ENDS = ("{", "[", ",")

_INNER = ("log", "message", "msg", "MESSAGE", "textPayload", "line", "event")
"""Keys under which collectors of logs keep the line that they read: Docker's is ``log``."""

_BYTES = "surrogateescape"
"""Bytes that are not UTF-8 are written as they were."""

_PLAIN = {10: " ", 13: " "} | dict.fromkeys([*range(0xD800, 0xDC80), *range(0xDD00, 0xE000)], "?")

_RECORD = re.compile(r"^\s*\{|[A-Z]{3,8} \S{1,2000} HTTP/|\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:")


def as_lines(engine: Engine, path: Path, columns: ColumnSettings) -> tuple[Path, str]:
    """Return a path with one record per line, and a description of the conversion.

    A JSON array, an object around one array, and objects over several lines are written to the
    engine's scratch folder with one record per line, so a line number there counts records. So are
    the lines that a collector such as Docker wrapped in JSON. Any other file is returned as it is.

    Args:
        engine: reads whole documents; Python reads those that are damaged or in a wrapper.
        path: a plain, gz or zst file.
        columns: ``events.columns``; lines whose own columns suffice are not unwrapped.

    Raises:
        SourceError: the file cannot be read.
    """
    beginning, _, whole = plain_beginning(path, _SEEN)
    text = decode(beginning).removeprefix("\ufeff").lstrip()
    what = document_kind(text, whole=whole)
    if what:
        path = _split(engine, path, what, _wrapper_size(beginning) if what == "wrapper" else 0)
        text = decode(plain_beginning(path, _SEEN)[0])
    inner = _wrapping(text.split("\n")[:_HEAD], columns)
    if not inner:
        return path, _REMARKS.get(what, "")
    return _unwrapped(engine, path, inner), f"the lines in the key {inner}"


def part_as_lines(
    engine: Engine, part: Path, beginning: Path, columns: ColumnSettings
) -> tuple[Path, Path, str]:
    """Return a part of a longer log and its beginning as lines of records, and a remark.

    The beginning alone decides whether the lines hold others under a key.

    Args:
        engine: with the scratch folder for copies.
        part: file with lines of the log.
        beginning: file with its first lines.
        columns: the columns that the settings name.

    Raises:
        SourceError: a file cannot be read.
    """
    text = decode(plain_beginning(beginning, _SEEN)[0]).removeprefix("\ufeff")
    inner = _wrapping(text.split("\n")[:_HEAD], columns)
    if not inner:
        return part, beginning, ""
    unwrapped = _unwrapped(engine, beginning, inner)
    first = unwrapped.rename(unwrapped.with_name("first-unwrapped.log"))
    return _unwrapped(engine, part, inner), first, f"the lines in the key {inner}"


_REMARKS = {
    "array": "those of a JSON array, numbered in its order",
    "unstructured": "JSON objects over several lines, numbered in their order",
    "wrapper": "those of the array in a JSON object, numbered in its order",
}


def document_kind(text: str, *, whole: bool) -> str:
    """Return which JSON document a text begins: array, unstructured, wrapper; empty if none."""
    if _ARRAY.match(text):
        return "array"
    if not text.startswith("{"):
        return ""
    lines = text.split("\n")
    first, several = lines[0].strip(), any(line.strip() for line in lines[1:])
    if json_object(first) is not None:
        return "wrapper" if whole and not several and _is_wrapper(text) else ""
    if several and (not first.endswith(_OPEN_ENDS) or _mostly_objects(lines[1:_HEAD])):
        return ""
    return "wrapper" if _is_wrapper(text) else "unstructured" if several else ""


def _mostly_objects(lines: Sequence[str]) -> bool:
    """Return whether most lines are objects of their own, so that the first one was cut off."""
    given = [line for line in lines if line.strip()]
    return 2 * sum(json_object(line) is not None for line in given) > len(given)


def _is_wrapper(text: str) -> bool:
    """Return whether an object holds an array of records rather than being a record itself."""
    match = _WRAPPER.match(text)
    if not match:
        return False
    try:
        find_columns(_KEY.findall(match["before"]), ColumnSettings(), where="")
    except FormatError:
        return True
    return False


def _split(engine: Engine, path: Path, what: str, wrapper: int) -> Path:
    target = engine.scratch / "records.log"
    if not wrapper:
        source = (
            f"read_json_objects({path_sql(path)}, format = {literal(what)}, "
            f"maximum_object_size = {LONGEST_RECORD})"
        )
        record = "translate(json, chr(10) || chr(13), '  ')"
        with suppress(EngineError):
            engine.copy_lines(f"SELECT {record} FROM {source}", target)  # noqa: S608 - quoted
            return target
    _write(path, target, wrapper)
    return target


def _wrapper_size(beginning: bytes) -> int:
    """Return the bytes of a document before the array that it wraps."""
    plain = beginning.removeprefix(codecs.BOM_UTF8)
    text = decode(plain)
    match = _WRAPPER.match(text.lstrip())
    space = len(text) - len(text.lstrip())
    inside = len(match[0].encode()) if match else 0
    return len(beginning) - len(plain) + space + inside


def _write(path: Path, target: Path, wrapper: int) -> None:
    """Write the records of a document that is damaged, or that begins with a wrapper."""
    held: list[str] = []
    with target.open("w", encoding="utf-8", errors=_BYTES) as file:
        for value in json_values(_from(path, wrapper)):
            held.append(value)
            # Values after the array of a wrapper do not belong to its records.
            if value.startswith("{") or not wrapper:
                file.writelines(f"{one}\n" for one in held)
                held.clear()


def _from(path: Path, place: int) -> Iterator[bytes]:
    """Yield the bytes of a file from a position on, as far as they can be unpacked."""
    with suppress(BrokenPackingError):
        for chunk in plain_chunks(path):
            if place < len(chunk):
                yield chunk[place:]
            place = max(0, place - len(chunk))


def _wrapping(head: Sequence[str], columns: ColumnSettings) -> str:
    """Return the key under which most of these lines hold another line; empty if none does."""
    records = [record for line in head if (record := json_object(line))]
    if not records or 2 * len(records) < len([line for line in head if line.strip()]):
        return ""
    keys = json_keys(records)
    later = [name for name in named_columns(columns) if name not in keys]
    inner = next((key for key in _INNER if 2 * _holding(records, key) > len(records)), "")
    try:
        find_columns([*keys, *later], columns, where="")
    except FormatError:
        return inner
    # Columns that no first line has may be in later lines, or in the lines that are held.
    return inner if inner and _any_inside(records, inner, later) else ""


def _any_inside(records: Iterable[JSONObject], key: str, names: Iterable[str]) -> bool:
    """Return whether the objects held under a key have any of these columns."""
    held = (json_object(str(record.get(key))) for record in records)
    return not json_keys(one for one in held if one).keys().isdisjoint(names)


def _holding(records: Iterable[JSONObject], key: str) -> int:
    values = (record.get(key) for record in records)
    return sum(isinstance(value, str) and bool(_RECORD.search(value)) for value in values)


def _unwrapped(engine: Engine, path: Path, key: str) -> Path:
    target = engine.scratch / "unwrapped.log"
    value = f"TRY(json_extract_string(line, {literal('/' + key)}))"
    line = f"translate(rtrim(coalesce({value}, line, ''), chr(10)), chr(10) || chr(13), '  ')"
    try:
        engine.copy_lines(f"SELECT {line} FROM {json_lines_sql(path, 'fail')}", target)  # noqa: S608 - quoted
    except EngineError:
        with target.open("w", encoding="utf-8", errors=_BYTES) as file:
            file.writelines(f"{_inner(line, key)}\n" for _, line in numbered_lines(path))
    return target


def _inner(line: bytes, key: str) -> str:
    text = line.decode("utf-8", _BYTES)
    value = (json_object(text) or {}).get(key)
    plain = (value if isinstance(value, str) else text).rstrip("\n")
    # JSON may name surrogates that do not stand for bytes.
    return plain.translate(_PLAIN)

"""Logs of JSON objects, one per line, flat or nested, with any names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from ringfence.engine import Engine, literal
from ringfence.errors import FormatError
from ringfence.events.csv_options import OnBadLine, bad_lines_sql
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    column_record,
    column_select,
    fast_path,
    find_columns,
    named_columns,
    none_sql,
    path_sql,
    usual_columns,
)
from ringfence.events.formats.spread_lines import spread_lines
from ringfence.events.formats.times import check_times
from ringfence.settings import EventSettings

JSONKey = tuple[str, ...]
"""The names from the outermost object to a value."""

JSONObject = dict[str, object]
"""A JSON object as Python reads it; whole numbers stay text, so that no digit is lost."""

_DEEPEST = 6
_FIRST_ELEMENTS = 3
_PLACE = re.compile("[0-9]{1,9}")
_ODD_ESCAPE = re.compile(r"(^|[^\\])((?:\\\\)*)\\x")
"""An escape that JSON does not have. nginx writes it unless its log format has escape=json."""

_ESCAPED = r"\1\2\\\\x"
_LINE = (
    "CASE WHEN contains(line, '\\x') THEN "
    f"regexp_replace(line, {literal(_ODD_ESCAPE.pattern)}, {literal(_ESCAPED)}, 'g') "
    "ELSE line END"
)


def _first_of_each(pairs: Iterable[tuple[str, object]]) -> JSONObject:
    """Return an object; of a key that is there twice, the first, as the engine reads it."""
    found: JSONObject = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


_DECODER = json.JSONDecoder(parse_int=str, strict=False, object_pairs_hook=_first_of_each)
"""Keeps the digits of large numbers, and reads control characters that a logger did not escape."""


class NDJSON:
    """Any log of JSON objects, one per line; the columns are found by name.

    A key inside an object is named with a dot: ``http.status``. Keys are those of lines from all
    parts of the file, and those that the settings name, wherever they are.

    One instance reads one source: :meth:`open` keeps the columns for :meth:`parse`. Before that,
    the usual names in the line itself decide.
    """

    name: ClassVar[str] = "ndjson"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with no columns known."""
        self._found: dict[str, list[JSONKey]] | None = None

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether most of these lines are JSON objects."""
        return mostly(json_object(line) is not None for line in head if line.strip())

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's readers.

        Raises:
            FormatError: there is no JSON object, or the columns needed are not there.
            SettingsError: the time zone is unknown, or the time format cannot be used.
        """
        check_times(engine, settings)
        keys = json_keys(json_objects(path))
        several = {name: [key] for name, key in keys.items()}
        for name in named_columns(settings.columns):
            if name not in several and (rare := _keys_anywhere(engine, path, name)):
                several[name] = rare
        found = find_columns(list(several), settings.columns, where=str(path))
        pointers = {raw: several[name] for raw, name in found.items()}
        self._found = pointers
        return fast_path(
            path,
            lambda file, bad_lines: json_select(file, pointers, bad_lines),
            found,
            _listed(keys),
            settings,
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line; None unless it is a JSON object with at least one known column."""
        record = json_object(line)
        if record is None:
            return None
        found = _usual(record) if self._found is None else self._found
        values = {raw: _first_of(record, keys) for raw, keys in found.items()}
        return column_record(values) if values else None


def json_object(line: str) -> JSONObject | None:
    """Return the JSON object that a line is, or None."""
    text = line.strip().removeprefix("\ufeff")
    if "\\x" in text:
        text = _ODD_ESCAPE.sub(_ESCAPED, text)
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def json_objects(path: Path) -> list[JSONObject]:
    """Return the JSON objects among lines from all parts of a file, the first lines before others.

    Raises:
        FormatError: there is none.
    """
    found = [record for line in spread_lines(path) if (record := json_object(line))]
    if not found:
        raise FormatError(
            "has no JSON object in its first lines", where=str(path), hint="name another --format"
        )
    return found


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def json_keys(records: Iterable[JSONObject]) -> dict[str, JSONKey]:
    """Return dotted name to nested key, in order of appearance; flat names go before nested."""
    keys: dict[str, JSONKey] = {}
    flat: set[tuple[str, ...]] = set()
    for record in records:
        # Most logs have flat records with few sets of keys, and each set is looked at once.
        if not any(isinstance(value, dict | list) for value in record.values()):
            names = tuple(record)
            if names in flat:
                continue
            flat.add(names)
        for key in _leaves(record, ()):
            name = ".".join(key)
            if _SURROGATE.search(name):
                continue  # the database takes UTF-8 only
            if name not in keys or len(key) < len(keys[name]):
                keys[name] = key
    return keys


def json_value(record: Mapping[str, object], key: Sequence[str]) -> str | None:
    """Return the value of a nested key as text, as the engine writes it; None for null."""
    value: object = record
    for part in key:
        if isinstance(value, list) and _PLACE.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            return None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _first_of(record: Mapping[str, object], keys: Sequence[JSONKey]) -> str | None:
    values = (json_value(record, key) for key in keys)
    return next((value for value in values if value not in {None, "", "-"}), None)


def _keys_anywhere(engine: Engine, path: Path, name: str) -> list[JSONKey]:
    """Return the keys of this dotted name that any record has; the whole file is searched."""
    parts = tuple(name.split("."))
    possible = [(name,), parts] if len(parts) > 1 else [(name,)]
    lines = f"(SELECT {_LINE} AS line FROM {json_lines_sql(path)}) AS lines"  # noqa: S608 - quoted
    found = []
    for key in possible:
        there = f"TRY(json_exists(line, {literal(_pointer(key))}))"
        part = literal(max(key, key=len))
        query = f"SELECT 1 FROM {lines} WHERE contains(line, {part}) AND {there} LIMIT 1"  # noqa: S608
        if engine.rows(query):
            found.append(key)
    return found


def json_select(
    path: Path, keys: Mapping[str, Sequence[Sequence[str]]], bad_lines: OnBadLine
) -> str:
    """Build the raw SELECT over a file of JSON lines.

    A line that is not JSON gives a row with all columns NULL, also the time. A line that is not
    UTF-8 is rejected by the engine's reader. Empty lines are left out.

    Args:
        path: the file.
        keys: raw column to the nested keys that may hold it; the first with a value counts.
        bad_lines: what to do with lines that are not UTF-8.
    """
    # The CSV reader and then JSON functions take 0.75 µs of CPU per line of 230 bytes, and
    # read_ndjson takes 0.5. But read_ndjson lists no rejected lines, and a single wrong byte in a
    # user agent would lose the event. The CSV reader lists such lines by number and text.
    # TRY parses each line once, json_valid before it would parse twice.
    every = [key for several in keys.values() for key in several]
    place = {tuple(key): number for number, key in enumerate(every, 1)}
    expressions = {
        raw: _first_value([f"v[{place[tuple(key)]}]" for key in several])
        for raw, several in keys.items()
    }
    pointers = literal([_pointer(key) for key in every])
    return column_select(
        expressions,
        f"(SELECT TRY(json_extract_string({_LINE}, {pointers})) AS v "  # noqa: S608 - all quoted
        f"FROM {json_lines_sql(path, bad_lines)} WHERE line IS NOT NULL) AS extracted",
    )


def mostly(answers: Iterable[bool]) -> bool:
    """Return whether at least half of the answers, and at least one, are true."""
    every = list(answers)
    return bool(every) and 2 * sum(every) >= len(every)


def _first_value(expressions: Sequence[str]) -> str:
    values = [none_sql(expression) for expression in expressions]
    return values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"


def json_lines_sql(path: Path, bad_lines: OnBadLine = "skip") -> str:
    """Return a table of the lines of a file, in one column ``line``.

    Args:
        path: the file.
        bad_lines: what to do with lines that the reader cannot read.
    """
    # strict_mode refuses the whole file over one stray carriage return. The delimiter is a sign
    # that JSON does not allow unescaped.
    return (
        f"read_csv({path_sql(path)}, columns = {{'line': 'VARCHAR'}}, delim = '\x01', "
        "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, "
        f"{bad_lines_sql(bad_lines)})"
    )


def _pointer(key: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in key)


def _leaves(value: object, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the keys of all values in a record, including lists and their elements."""
    inner: Iterable[tuple[str, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = ((str(place), one) for place, one in enumerate(value[:_FIRST_ELEMENTS]))
    if above and (not isinstance(value, dict) or len(above) == _DEEPEST):
        yield above
    if len(above) < _DEEPEST:
        for name, one in inner:
            yield from _leaves(one, (*above, name))


def _listed(keys: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the names, without list elements whose list is named too."""
    return [name for name in keys if not re.search(r"\.[0-9]+(\.|$)", name)]


def _usual(record: JSONObject) -> dict[str, list[JSONKey]]:
    keys = json_keys([record])
    return {raw: [keys[name]] for raw, name in usual_columns(keys).items()}

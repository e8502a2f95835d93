"""Logs of ``key=value`` pairs, one access per line, with any names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from ringfence.engine import Engine, literal
from ringfence.errors import FormatError
from ringfence.events.csv_options import OnBadLine
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    column_record,
    column_select,
    fast_path,
    find_columns,
    named_columns,
    none_sql,
    usual_columns,
)
from ringfence.events.formats.spread_lines import spread_lines
from ringfence.events.formats.times import check_times
from ringfence.events.layouts.compiling import one_column, unescaped_sql
from ringfence.events.layouts.matching import plain_text
from ringfence.settings import EventSettings

_KEY = r"[^ =\"]+"
_VALUE = r"(?:\"(?:[^\"\\]|\\.)*\"|[^ \"]*)"
_PAIR = re.compile(rf'({_KEY})=(?:"((?:[^"\\]|\\.)*+)"|([^ "]*))(?: +|$)', re.DOTALL)
_LINE = re.compile(rf"(?:{_KEY}={_VALUE}(?: +|$)){{3,}}+$", re.DOTALL)


class Logfmt:
    """Lines of ``key=value`` pairs with quotes around values with spaces; named by their keys.

    Each column is found with one regular expression that reads the pairs from the start of the
    line, so that a pair inside a quoted value is never taken for a column.

    One instance reads one source: :meth:`open` keeps the columns for :meth:`parse`.
    """

    name: ClassVar[str] = "logfmt"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with no columns known."""
        self._found: dict[str, str] | None = None

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether most of these lines are pairs, with a time and a page or item."""
        lines = [line for line in head if line.strip()]
        pairs = [line for line in lines if _LINE.match(line)]
        keys = dict.fromkeys(key for line in pairs for key in _pairs(line))
        usual = usual_columns(keys)
        return bool(pairs) and 2 * len(pairs) > len(lines) and "time" in usual

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's readers.

        Raises:
            FormatError: there are no pairs, or the columns needed are not there.
            SettingsError: the time zone is unknown, or the time format cannot be used.
        """
        check_times(engine, settings)
        keys = list(dict.fromkeys(key for line in spread_lines(path) for key in _pairs(line)))
        if not keys:
            raise FormatError("has no key=value pairs", where=str(path), hint="name another format")
        for name in named_columns(settings.columns):
            if name not in keys and _is_anywhere(engine, path, name):
                keys.append(name)
        self._found = find_columns(keys, settings.columns, where=str(path))
        found = self._found
        return fast_path(
            path, lambda file, bad_lines: _select(file, found, bad_lines), found, keys, settings
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line; None unless all of it is pairs, one of them a known column."""
        if not _LINE.match(line):
            return None
        pairs = _pairs(line)
        found = self._found or usual_columns(pairs)
        values = {raw: pairs.get(key) for raw, key in found.items()}
        return column_record(values) if any(values.values()) else None


def _pairs(line: str) -> dict[str, str]:
    """Return the pairs of a line; the first value of a repeated key counts."""
    pairs: dict[str, str] = {}
    at = 0
    while match := _PAIR.match(line, at):
        pairs.setdefault(match[1], plain_text(match[2]) if match[2] is not None else match[3])
        at = match.end()
        if at == len(line):
            break
    return pairs


def _is_anywhere(engine: Engine, path: Path, key: str) -> bool:
    """Return whether any line has a key; the whole file is searched."""
    there = f"regexp_matches(line, {literal(_of_key(key))})"
    some = f"contains(line, {literal(f'{key}=')}) AND {there}"
    query = f"SELECT 1 FROM {one_column(path)} WHERE {some} LIMIT 1"  # noqa: S608 - quoted
    return bool(engine.rows(query))


def _select(path: Path, found: Mapping[str, str], bad_lines: OnBadLine) -> str:
    whole = f"^(?s:(?:{_KEY}={_VALUE}(?: +|$))+)$"
    extracted = ", ".join(
        f"regexp_extract(line, {literal(_of_key(key))}, 1) AS v{number}"
        for number, key in enumerate(found.values())
    )
    # A line that is not made of pairs only gives a row of NULLs, also the time.
    lines = (
        f"SELECT CASE WHEN regexp_matches(line, {literal(whole)}) THEN line ELSE '' END AS line "  # noqa: S608
        f"FROM {one_column(path, bad_lines)} WHERE line IS NOT NULL"
    )
    expressions = {raw: none_sql(_value(f"v{number}")) for number, raw in enumerate(found)}
    return column_select(expressions, f"(SELECT {extracted} FROM ({lines}) AS lines) AS pairs")  # noqa: S608


def _of_key(key: str) -> str:
    """Return the expression of the value of a key, read from the start of the line."""
    return f"^(?s:(?:{_KEY}={_VALUE} +)*?{re.escape(key)}=({_VALUE})(?: |$))"


def _value(column: str) -> str:
    bare = f"SUBSTRING({column}, 2, LENGTH({column}) - 2)"
    return f"CASE WHEN starts_with({column}, '\"') THEN {unescaped_sql(bare)} ELSE {column} END"

"""The standard log of Amazon CloudFront: W3C extended, tab separated, fields named by the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from ringfence.engine import Engine
from ringfence.errors import FormatError
from ringfence.events.content import BrokenPackingError, decode, plain_chunks
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import path_sql, raw_record, raw_select
from ringfence.events.formats.times import check_zone, text_time
from ringfence.settings import EventSettings

_FIELDS = "#Fields:"
_SIMPLE = {"ip": "c-ip", "method": "cs-method", "status": "sc-status", "bytes": "sc-bytes"}
_NEEDED = ("date", "time", "cs-uri-stem", "c-ip")
_AGENT = "cs(User-Agent)"
_QUERY = "cs-uri-query"
_HEADER = re.compile(rb"\n(#Fields:[^\r\n]*)(?=\r?\n)")
_LONGEST_HEADER = 1 << 16

Fields = tuple[str, ...]


class CloudFront:
    """CloudFront's standard access log, in the field order that the file's ``#Fields`` line gives.

    Files may be concatenated with their headers, if a later header only adds fields at the end, as
    Amazon's do. Times are UTC. ``time-taken`` is the time of the response, not of playing, and is
    not used.

    One instance reads one source: :meth:`open` keeps the field order for :meth:`parse`; without it,
    the first ``#Fields`` line given to :meth:`parse` sets it.
    """

    name: ClassVar[str] = "cloudfront"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with no field order."""
        self._fields: Fields = ()

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether there is a W3C header with URL stems above tab-separated lines."""
        fields = next(filter(None, map(_declared, head)), ())
        lines = [line for line in head if line.strip() and not line.startswith("#")]
        return "cs-uri-stem" in fields and all("\t" in line for line in lines[:1])

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's CSV reader.

        Raises:
            FormatError: no ``#Fields`` line, one without the fields needed, or several that
                contradict each other.
            SettingsError: the time zone of the settings, which plays no part here, is unknown.
        """
        check_zone(engine, settings.time_zone)
        self._fields = _order(path)
        fields = self._fields
        present = {"time", "url", *(raw for raw, name in _SIMPLE.items() if name in fields)}
        if _AGENT in fields:
            present.add("client")
        return FastPath(
            select=_select(path, fields),
            present=frozenset(present),
            time=text_time("UTC"),
            assumed=(("time zone", "UTC, as CloudFront writes", "events.format"),),
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line; None if it is a header, or too short to tell time, address and URL."""
        if line.startswith("#"):
            self._fields = self._fields or _declared(line)
            return None
        values = dict(zip(self._fields, line.split("\t"), strict=False))
        if any(values.get(name, "-") in {"", "-"} for name in _NEEDED):
            return None
        return raw_record(
            {raw: values.get(name) for raw, name in _SIMPLE.items()}
            | {
                "time": f"{values['date']} {values['time']}",
                "url": _with_query(values["cs-uri-stem"], values.get(_QUERY, "-")),
                "client": _decoded(values.get(_AGENT, "-")),
            }
        )


def _declared(line: str) -> Fields:
    """Return the fields that a header line names; none for any other line."""
    return tuple(line.removeprefix(_FIELDS).split()) if line.startswith(_FIELDS) else ()


def _with_query(stem: str, query: str) -> str:
    return stem if query in {"", "-"} else f"{stem}?{query}"


def _decoded(agent: str) -> str:
    try:
        # Older logs encode twice.
        once = unquote(agent, errors="strict")
        return unquote(once, errors="strict") if "%25" in agent else once
    except UnicodeDecodeError:
        return agent


def _order(path: Path) -> Fields:
    """Return the longest field order of a file, which all others must begin.

    Raises:
        FormatError: there is none, they contradict each other, or needed fields are missing.
    """
    orders = {_declared(header) for header in _headers(path)}
    longest = max(orders, key=len, default=())
    if not longest:
        raise FormatError(
            "has no #Fields line", where=str(path), hint="keep the header lines of the log"
        )
    if any(order != longest[: len(order)] for order in orders):
        raise FormatError(
            "holds several #Fields lines in different orders",
            where=str(path),
            hint="split the file at its #Fields lines",
        )
    missing = [name for name in _NEEDED if name not in longest]
    if missing:
        raise FormatError(
            f"has no field {', '.join(missing)}; the fields are {', '.join(longest)}",
            where=str(path),
            hint="log these fields, or convert it to csv and set events.columns",
        )
    return longest


def _headers(path: Path) -> Iterator[str]:
    """Yield the ``#Fields`` lines anywhere in a file, some of them twice."""
    tail = b"\n"
    # A damaged file is read as far as it goes, as everywhere.
    with suppress(BrokenPackingError):
        for chunk in plain_chunks(path):
            piece = tail + chunk
            yield from map(decode, _HEADER.findall(piece))
            tail = piece[-_LONGEST_HEADER:]
    yield from map(decode, _HEADER.findall(tail + b"\n"))


def _select(path: Path, fields: Fields) -> str:
    columns = {name: f"f{number}" for number, name in enumerate(fields)}
    expressions = {raw: columns[name] for raw, name in _SIMPLE.items() if name in columns}
    expressions["time"] = f"{columns['date']} || ' ' || {columns['time']}"
    expressions["url"] = columns["cs-uri-stem"]
    if _QUERY in columns:
        # CONCAT leaves out what is NULL, and an absent query is.
        expressions["url"] = f"CONCAT({columns['cs-uri-stem']}, '?' || {columns[_QUERY]})"
    if _AGENT in columns:
        expressions["client"] = _decoded_sql(columns[_AGENT])
    return raw_select(expressions, _reader(path, columns.values()))


def _decoded_sql(agent: str) -> str:
    once = f"CASE WHEN contains({agent}, '%25') THEN url_decode({agent}) ELSE {agent} END"
    return f"COALESCE(TRY(url_decode({once})), {agent})"


def _reader(path: Path, columns: Iterable[str]) -> str:
    # Header lines are comments to the engine. It also takes a # inside a line for one and then
    # misses columns: that line is rejected whole and comes through parse(). CloudFront writes %23.
    # strict_mode refuses the whole file over one stray carriage return.
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv({path_sql(path)}, columns = {{{types}}}, delim = '\t', quote = '', "
        "escape = '', header = false, auto_detect = false, comment = '#', nullstr = ['', '-'], "
        "strict_mode = false, store_rejects = true)"
    )

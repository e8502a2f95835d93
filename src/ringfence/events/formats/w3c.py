"""The extended log format of the W3C: IIS, CloudFront, NetScaler, Make Data Count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from ringfence.engine import Engine, literal
from ringfence.errors import FormatError
from ringfence.events.csv_options import OnBadLine, bad_lines_sql
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    first_lines,
    none_sql,
    path_sql,
    raw_record,
    raw_select,
    unused,
)
from ringfence.events.formats.times import check_zone, text_time
from ringfence.events.layouts.w3c_fields import (
    CLOCK,
    DATE,
    QUERY,
    Fields,
    declared_fields,
    has_two_part_time,
    headerless,
    missing_fields,
    product,
    raw_fields,
)
from ringfence.events.layouts.w3c_orders import field_orders, in_one_order
from ringfence.settings import EventSettings

_DOI = re.compile(r"^doi:", re.IGNORECASE)
_TOKEN = re.compile(r'"((?:[^"]|"")*+)"(?= |$)|([^ ]*)(?: |$)')


class W3C:
    """The W3C's extended log, in the order that the file's ``#Fields`` line gives.

    Fields are separated by tabs or single spaces. In a log with spaces, values may be in quotes,
    and a `+` in the client is a space, as IIS writes it. Times are UTC unless they carry an offset.
    ``time-taken`` is the time of the response, not of playing, and is not used. A CloudFront log
    that lost its header is recognised, too.

    Files may be concatenated with their headers (:mod:`ringfence.events.layouts.w3c_orders`).

    One instance reads one source: :meth:`open` keeps the field order for :meth:`parse`; without it,
    the first ``#Fields`` line given to :meth:`parse` sets it.
    """

    name: ClassVar[str] = "w3c"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with no field order."""
        self._fields: Fields = ()
        self._tabs = True
        self._quotes = False

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether there is a W3C header with URLs above lines of as many fields."""
        lines = _records(head)
        fields = next(filter(None, map(declared_fields, head)), ()) or headerless(lines)
        if not fields or missing_fields(fields):
            return False
        self._separate(lines)
        return all(len(self.values(line)) > len(fields) / 2 for line in lines[:1])

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's CSV reader.

        Raises:
            FormatError: no ``#Fields`` line, or one without the fields needed.
            SettingsError: the time zone of the settings, which plays no part here, is unknown.
        """
        check_zone(engine, settings.time_zone)
        lines = _records(first_lines(path))
        self._separate(lines)
        path = in_one_order(path, engine.scratch, self.values, self._line)
        self._fields = _order(path, headerless(lines))
        found = raw_fields(self._fields)
        return FastPath(
            reader=self._select,
            path=path,
            present=frozenset({*found, "time"}),
            time=text_time("UTC"),
            assumed=(("time zone", "UTC, as W3C logs are written", "events.format"),),
            unused=unused({**found, "q": QUERY, "d": DATE, "t": CLOCK}, self._fields),
            format=product(self._fields),
            quotes="line" if self._quotes else "none",
            comment=b"#",
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line; None if it is a header, or too short to tell time, address and URL."""
        if line.startswith("#"):
            self._fields = self._fields or declared_fields(line)
            return None
        texts = self.values(line)
        if len(texts) > len(self._fields):
            return None
        values = dict(zip(self._fields, texts, strict=False))
        record: dict[str, object] = {
            raw: values.get(name) for raw, name in raw_fields(self._fields).items()
        }
        if has_two_part_time(self._fields) and "time" not in record:
            record["time"] = f"{values.get(DATE, '')} {values.get(CLOCK, '')}".strip()
        if not all(_given(record, raws) for raws in (("time",), ("ip", "login"), ("url", "item"))):
            return None
        if QUERY in values:
            record["url"] = _with_query(str(record.get("url")), values[QUERY])
        record["client"] = self._client(str(record.get("client") or ""))
        record["item"] = _identifier(record.get("item"))
        return raw_record(record)

    def _separate(self, lines: Sequence[str]) -> None:
        """Learn the separator, and whether values are in quotes."""
        self._tabs = not lines or "\t" in lines[0]
        self._quotes = not self._tabs and any(' "' in line for line in lines)

    def values(self, line: str) -> list[str]:
        """Split a line into the values of its fields."""
        if self._tabs:
            return line.split("\t")
        if not self._quotes:
            return line.split(" ")
        return [quoted.replace('""', '"') or bare for quoted, bare in _TOKEN.findall(line)][:-1]

    def _line(self, values: Sequence[str]) -> str:
        """Join the values of fields to a line."""
        if self._tabs:
            return "\t".join(values)
        return " ".join(f'"{value}"' if " " in value or not value else value for value in values)

    def _client(self, text: str) -> str:
        return _decoded(text) if self._tabs else text.replace("+", " ")

    def _select(self, path: Path, bad_lines: OnBadLine) -> str:
        columns = {name: f"f{number}" for number, name in enumerate(self._fields)}
        expressions = {
            raw: none_sql(columns[name]) for raw, name in raw_fields(self._fields).items()
        }
        if has_two_part_time(self._fields) and "time" not in expressions:
            expressions["time"] = f"{columns[DATE]} || ' ' || {columns[CLOCK]}"
        if QUERY in columns and "url" in expressions:
            # CONCAT leaves out what is NULL, and an absent query is.
            expressions["url"] = f"CONCAT({expressions['url']}, '?' || {columns[QUERY]})"
        if "client" in expressions:
            agent = columns[raw_fields(self._fields)["client"]]
            expressions["client"] = (
                _decoded_sql(agent) if self._tabs else f"REPLACE({agent}, '+', ' ')"
            )
        if "item" in expressions:
            expressions["item"] = _identifier_sql(expressions["item"])
        return raw_select(expressions, self._reader(path, columns.values(), bad_lines))

    def _reader(self, path: Path, columns: Iterable[str], bad_lines: OnBadLine) -> str:
        # Header lines are comments to the engine. It also takes a # inside a line for one and then
        # misses columns: that line is rejected whole and comes through parse(). CloudFront writes
        # %23. strict_mode refuses the whole file over one stray carriage return.
        types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
        quote = literal('"' if self._quotes else "")
        separator = literal("\t" if self._tabs else " ")
        return (
            f"read_csv({path_sql(path)}, columns = {{{types}}}, "
            f"delim = {separator}, quote = {quote}, escape = {quote}, "
            "header = false, auto_detect = false, comment = '#', nullstr = ['', '-'], "
            f"strict_mode = false, {bad_lines_sql(bad_lines)})"
        )


def _records(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _given(record: Mapping[str, object], raws: Iterable[str]) -> bool:
    return any(record.get(raw) not in {None, "", "-"} for raw in raws)


def _with_query(stem: str, query: str) -> str:
    return stem if query in {"", "-"} else f"{stem}?{query}"


def _decoded(agent: str) -> str:
    try:
        # Older logs encode twice.
        once = unquote(agent, errors="strict")
        return unquote(once, errors="strict") if "%25" in agent else once
    except UnicodeDecodeError:
        return agent


def _decoded_sql(agent: str) -> str:
    once = f"CASE WHEN contains({agent}, '%25') THEN url_decode({agent}) ELSE {agent} END"
    return f"COALESCE(TRY(url_decode({once})), {agent})"


def _identifier(value: object) -> object:
    """Return an identifier; a DOI in lower case and without ``doi:``."""
    text = str(value or "")
    return _DOI.sub("", text).lower() if _DOI.match(text) else value


def _identifier_sql(column: str) -> str:
    bare = f"LOWER(SUBSTRING({column}, 5))"
    return f"CASE WHEN LOWER({column}) LIKE 'doi:%' THEN {bare} ELSE {column} END"


def _order(path: Path, default: Fields) -> Fields:
    """Return the longest field order of a file, which all others begin.

    Raises:
        FormatError: there is none, or needed fields are missing.
    """
    longest = max(field_orders(path), key=len, default=default)
    if not longest:
        raise FormatError(
            "has no #Fields line", where=str(path), hint="keep the header lines of the log"
        )
    if missing := missing_fields(longest):
        raise FormatError(
            f"has no field {', '.join(missing)}; the fields are {', '.join(longest)}",
            where=str(path),
            hint="log these fields, or convert it to csv and set events.columns",
        )
    return longest

"""Compile a layout to the engine's CSV reader, or else to one regular expression.

The CSV reader takes a layout of tokens between single spaces, each of them bare or in quotes, with
one time as Apache writes it. Its typed time column then refuses lines with shifted fields. Every
other layout becomes a regular expression, which takes about three times as long per line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ringfence.engine import identifier, literal
from ringfence.events.csv_options import OnBadLine, bad_lines_sql
from ringfence.events.formats.source_columns import none_sql, path_sql, raw_select
from ringfence.events.layouts.layout import Field, Layout
from ringfence.events.layouts.shapes import expression, is_open

LONGEST_LINE: Final = 1_000_000
"""The longest line, in bytes, that the fast path reads; its buffers are many times that size. The
tolerant path reads longer lines, which no browser makes."""

TYPED_TIME: Final = "TRY_CAST(time AS TIMESTAMP)"
"""SQL of the time where the reader gives a timestamp already, and the tolerant path ISO text."""

Reader = Literal["csv", "regex"]

_ZONED_CLOCK = "[%d/%b/%Y:%H:%M:%S"
_ESCAPED = r'\\(["\\])'
_ENDS = ("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/3.0")


@dataclass(frozen=True)
class _Token:
    """One token between single spaces: a field or None, and whether it is a time in brackets."""

    field: Field | None
    is_time: bool = False


def reader_of(layout: Layout, *, zoned: bool = True) -> Reader:
    """Return which reader a layout compiles to.

    Args:
        layout: the layout.
        zoned: whether its times carry an offset.
    """
    return "csv" if zoned and not is_open(layout) and _tokens(layout) else "regex"


def layout_select(path: Path, layout: Layout, reader: Reader, bad_lines: OnBadLine) -> str:
    """Return the SELECT that gives exactly the raw columns of a file."""
    if reader == "csv":
        return _csv_select(path, layout, bad_lines)
    return _regex_select(path, layout, bad_lines)


def request_expressions(request: str) -> dict[str, str]:
    """Return SQL of the method and the URL of a request line.

    The URL may hold spaces if the protocol follows it.
    """
    ends = ", ".join(f"' {end}'" for end in _ENDS)
    return {
        "method": f"CASE WHEN starts_with({request}, 'GET ') THEN 'GET' "
        f"WHEN contains({request}, ' ') THEN split_part({request}, ' ', 1) END",
        "url": f"NULLIF(CASE WHEN starts_with(split_part({request}, ' ', 3), 'HTTP/') "
        f"THEN split_part({request}, ' ', 2) WHEN right({request}, 9) IN ({ends}) "
        f"THEN substr({request}, strpos({request}, ' ') + 1, "
        f"length({request}) - strpos({request}, ' ') - 9) "
        f"WHEN contains({request}, ' ') THEN split_part({request}, ' ', 2) END, '')",
    }


def one_column(path: Path, bad_lines: OnBadLine = "skip") -> str:
    """Return SQL of a reader that gives every line as the column ``line``."""
    # strict_mode refuses the whole file over one stray carriage return. The delimiter is a sign
    # that no log holds; a line that has it is rejected and comes through the tolerant path.
    return (
        f"read_csv({path_sql(path)}, columns = {{'line': 'VARCHAR'}}, delim = '\x01', "
        "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, "
        f"{bad_lines_sql(bad_lines)})"
    )


def _expressions(values: Mapping[str, str]) -> dict[str, str]:
    """Return SQL of the raw columns, given SQL of the fields; ``time`` stays to be joined."""
    found = {
        raw: none_sql(sql)
        for raw, sql in values.items()
        if raw not in {"request", "query", "ident"} and not raw.startswith("time")
    }
    if "request" in values:
        found |= request_expressions(values["request"])
    if "query" in values and "url" in found and "request" not in values:
        found["url"] = _with_query(values["url"], values["query"])
    return found


def _with_query(url: str, query: str) -> str:
    question = f"CASE WHEN starts_with({query}, '?') THEN '' ELSE '?' END"
    return f"CASE WHEN {query} IN ('', '-', '?') THEN {url} ELSE {url} || {question} || {query} END"


def _csv_select(path: Path, layout: Layout, bad_lines: OnBadLine) -> str:
    types, values = _csv_columns(_tokens(layout))
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in types.items()) + "}"
    offset = (
        "CASE WHEN zone = '+0000]' THEN 0 ELSE TRY_CAST(substr(zone, 1, 3) AS INTEGER) * 60 "
        "+ TRY_CAST(substr(zone, 1, 1) || substr(zone, 4, 2) AS INTEGER) END"
    )
    time = f"t - to_minutes({offset})"
    if "login" in values:
        # The reader takes a quote inside a bare field for text: such a line is cut or mixed. The
        # search for one sign keeps the regular expression away from nearly every line.
        login = values["login"]
        signs = f"contains({login}, '\"') OR contains({login}, '[')"
        mixed = f"CASE WHEN {signs} THEN regexp_matches({login}, '^\"|\"$|\\[') END"
        time = f"CASE WHEN {mixed} THEN NULL ELSE {time} END"
    return raw_select(
        _expressions(values) | {"time": time},
        f"read_csv({path_sql(path)}, columns = {columns}, delim = ' ', quote = '\"', "
        f"escape = '\\', header = false, auto_detect = false, {bad_lines_sql(bad_lines)}, "
        f"max_line_size = {LONGEST_LINE}, timestampformat = '{_ZONED_CLOCK}')",
    )


def _csv_columns(tokens: Sequence[_Token]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the reader's columns with their types, and the column of each field."""
    types: dict[str, str] = {}
    values: dict[str, str] = {}
    for number, token in enumerate(tokens):
        if token.is_time:
            types |= {"t": "TIMESTAMP", "zone": "VARCHAR"}
            continue
        types[f"c{number}"] = "VARCHAR"
        if token.field and token.field.raw:
            values[token.field.raw] = f"c{number}"
    return types, values


def _tokens(layout: Layout) -> tuple[_Token, ...]:
    """Return the tokens of a layout that the CSV reader can read; none if it cannot."""
    if layout.before or layout.spaced or (layout.open_end and not layout.tail):
        return ()
    tokens = [_token(piece) for piece in _pieces(layout)]
    whole = [token for token in tokens if token is not None]
    times = sum(token.is_time for token in whole)
    fields = [token.field for token in whole if token.field and token.field.raw]
    needed = [field for field in layout.fields if field.raw]
    if len(whole) < len(tokens) or times != 1 or len(fields) < len(needed):
        return ()
    return tuple(whole)


def _pieces(layout: Layout) -> list[list[str | Field]]:
    """Split the pieces of a layout at the single spaces outside quotes."""
    pieces: list[list[str | Field]] = [[]]
    quoted = False
    for part in layout.pieces:
        if isinstance(part, Field):
            pieces[-1].append(part)
            continue
        for sign in part:
            quoted ^= sign == '"'
            if sign == " " and not quoted:
                pieces.append([])
            elif pieces[-1] and isinstance(pieces[-1][-1], str):
                pieces[-1][-1] += sign
            else:
                pieces[-1].append(sign)
    return pieces


def _token(piece: Sequence[str | Field]) -> _Token | None:
    """Return the token that a piece is; None if only a regular expression can read it."""
    fields = [part for part in piece if isinstance(part, Field)]
    texts = [part for part in piece if isinstance(part, str)]
    if len(fields) == 1 and texts == ["[", "]"] and fields[0].shape == "clf":
        return _Token(fields[0], is_time=fields[0].raw == "time")
    if len(fields) == 1 and texts in ([], ['"', '"']) and fields[0].shape not in _SPACED:
        return _Token(fields[0])
    plain = not any(field.raw or field.shape in _SPACED for field in fields)
    return _Token(None) if plain and piece and not any('"' in text for text in texts) else None


_SPACED = ("addresses", "padded", "captures", "quoted_key", "clf", "iso", "strptime")


def _regex_select(path: Path, layout: Layout, bad_lines: OnBadLine) -> str:
    strict, names = expression(layout)
    lax, lax_names = expression(layout, lax=True)
    first, second = (
        f"regexp_extract(line, {literal(pattern)}, {literal(list(groups))})"
        for pattern, groups in ((strict, names), (lax, lax_names))
    )
    extracted = (
        f"SELECT line, {first} AS f FROM {one_column(path, bad_lines)} WHERE line IS NOT NULL"  # noqa: S608
    )
    columns = ", ".join(f"{_either(name, lax_names)} AS {_column(name)}" for name in names)
    again = f"SELECT f, CASE WHEN f.time = '' THEN {second} END AS g FROM ({extracted}) AS once"  # noqa: S608
    fields = f"SELECT {columns} FROM ({again}) AS twice"  # noqa: S608 - all quoted
    values = {name: _unescaped(layout, name) for name in names}
    times = [_column(name) for name in names if name.startswith("time")]
    time = " || ' ' || ".join(times)
    return raw_select(
        _expressions(values) | {"time": f"NULLIF(TRIM({time}), '')"}, f"({fields}) AS fields"
    )


def _either(name: str, lax_names: Sequence[str]) -> str:
    lax = f"g.{identifier(name)}" if name in lax_names else "NULL"
    return f"CASE WHEN g IS NULL THEN f.{identifier(name)} ELSE {lax} END"


def _column(name: str) -> str:
    return f"v_{name}"


def _unescaped(layout: Layout, name: str) -> str:
    column = _column(name)
    if name == "login":
        column = f"TRIM({column}, '\"')"
    if not any(field.raw == name and field.shape == "text" for field in layout.fields):
        return column
    return unescaped_sql(column)


def unescaped_sql(column: str) -> str:
    """Return SQL of a text without the escapes of quotes and backslashes."""
    plain = f"regexp_replace({column}, '{_ESCAPED}', '\\1', 'g')"
    return f"CASE WHEN contains({column}, '\\') THEN {plain} ELSE {column} END"

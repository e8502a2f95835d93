"""Find the raw columns among a source's own columns, and build the SELECT over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from ringfence.engine import identifier, literal
from ringfence.errors import FormatError
from ringfence.events.content import decode, numbered_lines
from ringfence.events.csv_options import OnBadLine
from ringfence.events.formats.base import RAW_COLUMNS, FastPath
from ringfence.events.formats.played_seconds import seconds_sql, seconds_unit
from ringfence.events.formats.products import Product, product_of
from ringfence.events.formats.request_lines import (
    request_method_sql,
    request_url_sql,
    split_request,
)
from ringfence.events.formats.times import text_time
from ringfence.events.formats.usual_names import (
    HTTP_COLUMNS,
    RESPONSE_TIMES,
    USUAL_NAMES,
    VAGUE_URLS,
    plain_name,
    plain_names,
)
from ringfence.settings import ColumnSettings, EventSettings
from ringfence.suggestions import did_you_mean

_SETTINGS = {"time": "ts", "login": "account"}
"""The setting of a raw column, if it has another name."""

_NEEDED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the time", ("time",)),
    ("the account or address", ("login", "ip")),
    ("the item or URL", ("item", "url")),
)

REQUEST = "request"
"""A column besides the raw ones: the request line, which gives method and URL."""

_WHOLE = ("login", "item", "group")
_WHOLE_NUMBER = re.compile(r"(-?[0-9]+)\.0+")

_SAMPLE_LINES = 1_000
_SAMPLE_BYTES = 1 << 23
_SHOWN = 30
_COMPARED = 1_000
_NONE = ("", "-")
_ALL = (*RAW_COLUMNS, REQUEST)
_GLOB = re.compile(r"[*?\[]")


def find_columns(
    available: Sequence[str], settings: ColumnSettings, *, where: str
) -> dict[str, str]:
    """Find the source's column for each raw column: as set, else under a usual name.

    Names are compared without case and signs, so that ``User-Agent`` is ``user_agent``.

    Args:
        available: the source's column names, in its order.
        settings: ``events.columns``.
        where: the source, for the error.

    Returns:
        Raw column (or :data:`REQUEST`) to the source's name, for those that are there.
        Deterministic: the names of a known product go first, then the order of preference decides,
        then the source's order. A duration beside an HTTP status is not seconds played.

    Raises:
        FormatError: a column that is set is missing, or there is none for time, account or item.
    """
    named = {raw: name for raw in _ALL if (name := getattr(settings, column_setting(raw), ""))}
    if missing := {raw: name for raw, name in named.items() if name not in available}:
        raise _missing(missing, available, where)
    found = _completed(named, available)
    lacking = [need for need in _NEEDED if not raw_columns(found) & set(need[1])]
    if lacking:
        what = " or ".join(what for what, _ in lacking)
        settings_of = ", ".join(
            " or ".join(f"events.columns.{column_setting(raw)}" for raw in columns)
            for _, columns in lacking
        )
        raise FormatError(
            f"no column is known to hold {what}; the columns are {_listing(available)}",
            where=where,
            hint=f"name {'it' if len(lacking) == 1 else 'them'} with {settings_of}",
        )
    return found


def named_columns(settings: ColumnSettings) -> tuple[str, ...]:
    """Return the columns that the settings name."""
    return tuple(name for raw in _ALL if (name := getattr(settings, column_setting(raw), "")))


def raw_columns(found: Iterable[str]) -> frozenset[str]:
    """Return the raw columns that these give; a request line gives method and URL."""
    columns = frozenset(found)
    return columns - {REQUEST} | {"method", "url"} if REQUEST in columns else columns


def first_lines(path: Path) -> list[str]:
    """Return the first lines of a plain, gz or zst file, without byte order mark; empty if none.

    At most 1,000 lines and about 8 MiB, enough to see which columns there are.

    Raises:
        SourceError: the file cannot be read.
    """
    lines: list[str] = []
    left = _SAMPLE_BYTES
    for _, line in islice(numbered_lines(path), _SAMPLE_LINES):
        lines.append(decode(line))
        left -= len(line)
        if left < 0:
            break
    return [lines[0].removeprefix("\ufeff"), *lines[1:]] if lines else []


def usual_columns(available: Iterable[str]) -> dict[str, str]:
    """Return the columns with usual names, whether or not they suffice."""
    return _completed({}, list(available))


def columns_there(available: Iterable[str], settings: ColumnSettings) -> dict[str, str]:
    """Return the columns as set, else with usual names, as far as a single record has them.

    Args:
        available: the record's names, in its order.
        settings: ``events.columns``. A column that is set may be missing.
    """
    names = list(available)
    there = set(names)
    named = {raw: getattr(settings, column_setting(raw), "") for raw in _ALL}
    return _completed({raw: name for raw, name in named.items() if name in there}, names)


def fast_path(
    path: Path,
    reader: Callable[[Path, OnBadLine], str],
    found: Mapping[str, str],
    available: Iterable[str],
    settings: EventSettings,
) -> FastPath:
    """Return the fast path over columns that :func:`find_columns` found, all as text.

    Args:
        path: the file to read.
        reader: returns a SELECT with the raw columns of a file.
        found: raw column to the source's name.
        available: the source's column names.
        settings: ``events``.
    """
    zone, form = settings.time_zone, settings.time_format
    # The engine takes as long to plan the reading of a time as to read thousands of events.
    there = "signed_up" in found
    signed_up = text_time(zone, "signed_up") if there else "TRY_CAST(signed_up AS TIMESTAMP)"
    if form and there:
        signed_up = f"COALESCE({text_time(zone, 'signed_up', form)}, {signed_up})"
    return FastPath(
        reader=reader,
        path=path,
        present=raw_columns(found),
        time=text_time(zone, form=form),
        assumed=(assumed(found, settings.columns), zone_assumed(zone)),
        unused=unused(found, available),
        signed_up=signed_up,
        seconds=seconds_sql(found.get("seconds", ""), settings.columns),
    )


def assumed(found: Mapping[str, str], settings: ColumnSettings) -> tuple[str, str, str]:
    """Describe which column is used for what, as an assumption of :class:`FastPath`."""
    unit = seconds_unit(found.get("seconds", ""), settings)
    units = {"seconds": f" ({unit})"} if unit != "seconds" else {}
    value = ", ".join(
        f"{column_setting(raw)} = {name}{units.get(raw, '')}" for raw, name in found.items()
    )
    return "columns", value, "events.columns"


def unused(found: Mapping[str, str], available: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that are not used, in their order."""
    return tuple(name for name in available if name and name not in found.values())


def raw_select(expressions: Mapping[str, str], source: str, carried: Sequence[str] = ()) -> str:
    """Build the SELECT with exactly the raw columns; those without an expression are NULL.

    Args:
        expressions: raw column to the SQL that gives it.
        source: what follows FROM.
        carried: further columns of the source, which are passed on unchanged.
    """
    columns = (
        f"{expressions.get(raw, 'CAST(NULL AS VARCHAR)')} AS {identifier(raw)}"
        for raw in RAW_COLUMNS
    )
    return f"SELECT {', '.join((*columns, *carried))} FROM {source}"  # noqa: S608 - of quoted names


def column_select(expressions: Mapping[str, str], source: str, carried: Sequence[str] = ()) -> str:
    """Build the SELECT with the raw columns, of columns as :func:`find_columns` finds them.

    A request line is split. A whole number with a decimal point, as spreadsheets and data frames
    write it, is written without: ``999001.0`` is ``999001``.

    Args:
        expressions: raw column (or :data:`REQUEST`) to the SQL of its text.
        source: what follows FROM.
        carried: further columns of the source, which are passed on unchanged.
    """
    every = dict(expressions)
    if line := every.pop(REQUEST, None):
        every.setdefault("method", request_method_sql(line))
        every.setdefault("url", request_url_sql(line))
    for raw in _WHOLE:
        if raw in every:
            every[raw] = _whole_sql(every[raw])
    return raw_select(every, source, carried)


def column_record(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """Complete a line's values to all raw columns, as :func:`column_select` does in SQL."""
    every = dict(values)
    if line := every.pop(REQUEST, None):
        method, url = split_request(line)
        every = {"method": method, "url": url} | every
    for raw in _WHOLE:
        match = _WHOLE_NUMBER.fullmatch(every.get(raw) or "")
        if match:
            every[raw] = match[1]
    return raw_record(every)


def raw_record(values: Mapping[str, object]) -> dict[str, str | None]:
    """Complete a line's values to all raw columns, as text, None where there is none."""
    return {raw: _value(values.get(raw)) for raw in RAW_COLUMNS}


def is_usable(record: Mapping[str, str | None]) -> bool:
    """Return whether a record has a time, an account or address, and an item or URL."""
    return all(any(record.get(raw) for raw in columns) for _, columns in _NEEDED)


def zone_assumed(zone: str) -> tuple[str, str, str]:
    """Describe the zone of times that carry none, as an assumption of :class:`FastPath`."""
    return "time zone", f"{zone} where a time carries none", "events.time_zone"


def none_sql(expression: str) -> str:
    """Return SQL of a text value, with NULL for an empty text and for ``-``."""
    return f"CASE WHEN {expression} IN ('', '-') THEN NULL ELSE {expression} END"


def path_sql(path: Path, pattern: str = "") -> str:
    """Return SQL of the arguments of a table function that name exactly this file.

    Glob characters in the path stand for themselves, and a folder ``year=2026`` adds no column.

    Args:
        path: the file, or a folder if there is a pattern.
        pattern: glob of the files in the folder.
    """
    exact = _GLOB.sub(lambda sign: f"[{sign[0]}]", str(path))
    name = f"{exact}/{pattern}" if pattern else exact
    return f"{literal(name)}, hive_partitioning = false"


def parquet_sql(path: Path) -> str:
    """Return SQL of the rows of a Parquet file.

    Bytes that are not UTF-8 become question marks. Writers such as Spark keep whatever a client
    sent in a column of text, and the engine would refuse the whole file.
    """
    return f"read_parquet({path_sql(path)}, utf8_validation = 'replace')"


def _missing(named: Mapping[str, str], available: Sequence[str], where: str) -> FormatError:
    """Return the error about all columns that the settings name and the source lacks."""
    names = list(dict.fromkeys(named.values()))
    one = len(names) == 1
    advice = [did_you_mean(name, available[:_COMPARED]) for name in names]
    hints = [f"change events.columns.{column_setting(raw)}" for raw in named] + [
        text if one else f"{name!r}: {text}"
        for name, text in zip(names, advice, strict=True)
        if text
    ]
    return FormatError(
        f"no column{'' if one else 's'} {', '.join(map(repr, names))}; "
        f"the columns are {_listing(available)}",
        where=where,
        hint="; ".join(hints),
    )


def _completed(named: Mapping[str, str], available: Sequence[str]) -> dict[str, str]:
    """Add the columns that are found by name to those that are set."""
    plain = plain_names(available)
    product = product_of(plain)
    found = {raw: name for raw in _ALL if (name := named.get(raw) or _found(raw, plain, product))}
    wanted = set(named)
    if REQUEST in found and "url" in found and _is_weaker(found["url"], wanted):
        del found["url"]
    elif REQUEST in found and "url" in found and "method" in found:
        del found[REQUEST]
    if "seconds" not in wanted and _is_response_time(found):
        del found["seconds"]
    return found


def _found(raw: str, plain: Mapping[str, str], product: Product | None) -> str | None:
    known = product.columns.get(raw, ()) if product else ()
    names = (*map(plain_name, known), *USUAL_NAMES[raw])
    return next((plain[name] for name in names if name in plain), None)


def _is_weaker(url: str, wanted: set[str]) -> bool:
    """Return whether a request line is a better source of the URL than this column."""
    return "url" not in wanted and (REQUEST in wanted or plain_name(url) in VAGUE_URLS)


def _is_response_time(found: Mapping[str, str]) -> bool:
    name = plain_name(found.get("seconds", ""))
    return name in RESPONSE_TIMES and any(raw in found for raw in HTTP_COLUMNS)


def _whole_sql(text: str) -> str:
    return (
        f"CASE WHEN {text} LIKE '%.0%' AND regexp_matches({text}, '^-?[0-9]+[.]0+$') "
        f"THEN split_part({text}, '.', 1) ELSE {text} END"
    )


def column_setting(raw: str) -> str:
    """Return the name of a raw column's setting in ``events.columns``."""
    return _SETTINGS.get(raw, raw)


def _listing(available: Sequence[str]) -> str:
    more = f" and {len(available) - _SHOWN} more" if len(available) > _SHOWN else ""
    return (", ".join(name[:60] for name in available[:_SHOWN]) or "(none)") + more


def _value(value: object) -> str | None:
    # No database stores a lone surrogate; it is written as in JSON: \ud83d.
    plain = None if value is None else str(value).encode("utf-8", "backslashreplace").decode()
    return None if plain in _NONE else plain

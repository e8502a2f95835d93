"""Find the raw columns among a source's own columns, and build the SELECT over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from ringfence.engine import identifier, literal
from ringfence.errors import FormatError
from ringfence.events.content import decode, numbered_lines
from ringfence.events.formats.base import RAW_COLUMNS
from ringfence.settings import ColumnSettings

_USUAL: dict[str, tuple[str, ...]] = {
    "time": (
        "ts",
        "timestamp",
        "datetime",
        "eventtime",
        "accesstime",
        "time",
        "timeiso8601",
        "playedat",
        "listenedat",
        "startedat",
        "createdat",
        "utctime",
        "eventdate",
        "date",
    ),
    "login": (
        "account",
        "accountid",
        "login",
        "user",
        "userid",
        "username",
        "listener",
        "listenerid",
        "apikey",
        "customer",
        "customerid",
        "member",
        "memberid",
        "subscriber",
        "subscriberid",
        "patron",
        "patronid",
        "remoteuser",
    ),
    "item": (
        "item",
        "itemid",
        "track",
        "trackid",
        "article",
        "articleid",
        "doi",
        "song",
        "songid",
        "record",
        "recordid",
        "document",
        "documentid",
        "isrc",
    ),
    "group": (
        "group",
        "groupid",
        "artist",
        "artistid",
        "album",
        "albumid",
        "journal",
        "journalid",
        "issn",
        "collection",
        "collectionid",
    ),
    "surface": ("surface",),
    "ip": (
        "ip",
        "ipaddress",
        "clientip",
        "address",
        "remoteaddr",
        "remoteaddress",
        "remoteip",
        "sourceip",
        "cip",
    ),
    "forwarded": ("xforwardedfor", "httpxforwardedfor", "forwardedfor", "reqheadersxforwardedfor"),
    "client": (
        "client",
        "useragent",
        "agent",
        "httpuseragent",
        "csuseragent",
        "useragentoriginal",
    ),
    "method": ("method", "httpmethod", "requestmethod", "httprequestmethod", "csmethod"),
    "url": (
        "url",
        "uri",
        "path",
        "requesturi",
        "requesturl",
        "requestpath",
        "urloriginal",
        "urlpath",
    ),
    "status": (
        "status",
        "statuscode",
        "httpstatus",
        "responsestatus",
        "httpresponsestatuscode",
        "scstatus",
    ),
    "bytes": (
        "bytes",
        "bytessent",
        "bodybytessent",
        "size",
        "responsesize",
        "httpresponsebodybytes",
        "scbytes",
    ),
    # Names that mean milliseconds are not listed: a wrong unit is worse than none.
    "seconds": ("seconds", "secondsplayed", "playedseconds", "duration", "durationseconds"),
    "device": ("device", "deviceid", "deviceuuid", "devicefingerprint"),
    "payment": (
        "payment",
        "paymenttoken",
        "paymentid",
        "paymentmethodid",
        "paymentfingerprint",
        "cardfingerprint",
    ),
    "signed_up": (
        "signedup",
        "signedupat",
        "signup",
        "signupat",
        "signupdate",
        "signuptime",
        "registered",
        "registeredat",
        "registrationdate",
        "accountcreated",
        "accountcreatedat",
    ),
}
"""Usual names of each raw column, preferred first, in lower case without signs."""

_SETTINGS = {"time": "ts", "login": "account"}
"""The setting of a raw column, if it has another name."""

_NEEDED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the time", ("time",)),
    ("the account or address", ("login", "ip")),
    ("the item or URL", ("item", "url")),
)

_SAMPLE_LINES = 1_000
_SAMPLE_BYTES = 1 << 23
_SHOWN = 30
_NONE = ("", "-")
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
        Raw column to the source's name, for those that are there. Deterministic; when two columns
        carry usual names, the order of preference decides, then the source's order.

    Raises:
        FormatError: a column that is set is missing, or there is none for time, account or item.
    """
    found = {raw: name for raw in RAW_COLUMNS if (name := _find(raw, available, settings, where))}
    for what, columns in _NEEDED:
        if not any(raw in found for raw in columns):
            setting = " or ".join(f"events.columns.{_setting(raw)}" for raw in columns)
            raise FormatError(
                f"no column is known to hold {what}; the columns are {_listing(available)}",
                where=where,
                hint=f"name it with {setting}",
            )
    return found


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
    names = list(available)
    return {raw: name for raw, usual in _USUAL.items() if (name := _first_of(usual, names))}


def assumed(found: Mapping[str, str]) -> tuple[str, str, str]:
    """Describe which column is used for what, as an assumption of :class:`FastPath`."""
    value = ", ".join(f"{_setting(raw)} = {name}" for raw, name in found.items())
    return "columns", value, "events.columns"


def unused(found: Mapping[str, str], available: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that are not used, in their order."""
    return tuple(name for name in available if name and name not in found.values())


def raw_select(expressions: Mapping[str, str], source: str) -> str:
    """Build the SELECT with exactly the raw columns; those without an expression are NULL.

    Args:
        expressions: raw column to the SQL that gives it.
        source: what follows FROM.
    """
    columns = (
        f"{expressions.get(raw, 'CAST(NULL AS VARCHAR)')} AS {identifier(raw)}"
        for raw in RAW_COLUMNS
    )
    return f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608 - of quoted names


def raw_record(values: Mapping[str, object]) -> dict[str, str | None]:
    """Complete a line's values to all raw columns, as text, None where there is none."""
    return {raw: _value(values.get(raw)) for raw in RAW_COLUMNS}


def is_usable(record: Mapping[str, str | None]) -> bool:
    """Return whether a record has a time, an account or address, and an item or URL."""
    return all(any(record[raw] for raw in columns) for _, columns in _NEEDED)


def zone_assumed(zone: str) -> tuple[str, str, str]:
    """Describe the zone of times that carry none, as an assumption of :class:`FastPath`."""
    return "time zone", f"{zone} where a time carries none", "events.time_zone"


def none_sql(expression: str) -> str:
    """Return SQL of a text value, with NULL for an empty text and for ``-``."""
    return f"CASE WHEN {expression} IN ('', '-') THEN NULL ELSE {expression} END"


def path_sql(path: Path) -> str:
    """Return SQL of a path that names exactly this file, also with glob characters in it."""
    return literal(_GLOB.sub(lambda sign: f"[{sign[0]}]", str(path)))


def _find(raw: str, available: Sequence[str], settings: ColumnSettings, where: str) -> str | None:
    named: str = getattr(settings, _setting(raw), "")
    if not named:
        return _first_of(_USUAL[raw], available)
    if named not in available:
        raise FormatError(
            f"no column {named!r}; the columns are {_listing(available)}",
            where=where,
            hint=f"change events.columns.{_setting(raw)}",
        )
    return named


def _first_of(usual: Iterable[str], available: Sequence[str]) -> str | None:
    plain: dict[str, str] = {}
    for name in available:
        plain.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), name)
    return next((plain[name] for name in usual if name in plain), None)


def _setting(raw: str) -> str:
    return _SETTINGS.get(raw, raw)


def _listing(available: Sequence[str]) -> str:
    more = f" and {len(available) - _SHOWN} more" if len(available) > _SHOWN else ""
    return (", ".join(name[:60] for name in available[:_SHOWN]) or "(none)") + more


def _value(value: object) -> str | None:
    # No database stores a lone surrogate; it becomes a question mark here.
    plain = None if value is None else str(value).encode("utf-8", "replace").decode()
    return None if plain in _NONE else plain

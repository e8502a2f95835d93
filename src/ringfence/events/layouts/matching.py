"""The tolerant path: read one line of a layout into raw columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache

from ringfence.events.formats.source_columns import raw_record
from ringfence.events.layouts.layout import Layout
from ringfence.events.layouts.shapes import expression

_ESCAPED = re.compile(r"\\([\"\\])")
_CLOCK = re.compile(
    r"^([0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2})(?: ([+-][0-9]{4}))?$"
)


_ANY_END = re.compile(r"(?:\(\?: \.\*\)\?)?\$$")
"""The end of an expression that allows any text after the fields of the layout."""

_Way = tuple[re.Pattern[str], tuple[str, ...]]


@cache
def _compiled(layout: Layout) -> tuple[_Way, ...]:
    """Compile both expressions of a layout, once for all sources."""
    both = (expression(layout, atomic=True), expression(layout, lax=True, atomic=True))
    return tuple((re.compile(pattern), names) for pattern, names in both)


@dataclass(frozen=True)
class Matcher:
    """Reads single lines of one layout.

    The strict expression is that of the fast path. A line that it does not match is tried again
    with spaces in the login and unescaped quotes in the request line allowed.
    """

    layout: Layout
    _ways: tuple[_Way, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile both expressions."""
        object.__setattr__(self, "_ways", _compiled(self.layout))

    def fields(self, line: str) -> dict[str, str] | None:
        """Return the values of the fields as written, or None if the line has another layout."""
        for pattern, names in self._ways:
            if match := pattern.match(line):
                values = zip(names, match.groups(), strict=True)
                return {name: value for name, value in values if value is not None}
        return None

    def rest(self, line: str) -> str | None:
        """Return what follows the fields of the layout, or None if it has another layout."""
        for pattern, _ in self._ways:
            match = re.match(_ANY_END.sub("", pattern.pattern), line)
            rest = line[match.end() :] if match else None
            if rest is not None and rest[:1] in {"", " "}:
                return rest
        return None

    def record(self, line: str) -> dict[str, str | None] | None:
        """Return the raw columns of a line, or None if it has another layout."""
        found = self.fields(line)
        if found is None:
            return None
        texts = {one.raw for one in self.layout.fields if one.shape == "text"}
        values: dict[str, object] = {
            raw: plain_text(value) if raw in texts else value for raw, value in found.items()
        }
        values["login"] = str(values.get("login", "")).strip('"')
        values["time"] = " ".join(v for raw, v in found.items() if raw.startswith("time")).strip()
        if "request" in found:
            values |= request_parts(str(values["request"]))
        elif "query" in found:
            values["url"] = _with_query(str(values.get("url", "")), str(values["query"]))
        return raw_record(values)


def request_parts(request: str) -> Mapping[str, str]:
    """Split a request line into method and URL; the URL may hold spaces before the protocol."""
    method, space, rest = request.partition(" ")
    if not space:
        return {"method": "", "url": ""}
    url, _, protocol = rest.rpartition(" ")
    target = url if protocol.startswith("HTTP/") else rest.partition(" ")[0]
    return {"method": method, "url": target}


@lru_cache(maxsize=1_024)  # neighbouring lines have the same second
def utc_text(text: str, zone: tzinfo) -> str | None:
    """Return a time in the form of Apache as ISO text in UTC, or None if it is none.

    Args:
        text: such as ``09/Mar/2026:08:00:00 +0100``.
        zone: the zone of a time without an offset.
    """
    match = _CLOCK.match(text)
    if match is None:
        return None
    try:
        local = datetime.strptime(match[1] + (match[2] or "+0000"), "%d/%b/%Y:%H:%M:%S%z")
        own = local.tzinfo if match[2] else zone
        return local.replace(tzinfo=own).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    except (ValueError, OverflowError):
        return None


def plain_text(text: str) -> str:
    """Return a text without the escapes of quotes and backslashes."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _with_query(url: str, query: str) -> str:
    if query in {"", "-", "?"}:
        return url
    return f"{url}{query}" if query.startswith("?") else f"{url}?{query}"

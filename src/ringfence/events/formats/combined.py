"""The access log of Apache and nginx, common and combined, with any fields after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from ringfence.engine import Engine, literal
from ringfence.events.formats.base import FastPath
from ringfence.settings import EventSettings

LONGEST_LINE = 1_000_000
"""The longest line, in bytes, that the fast path reads; its buffers are many times that size. The
tolerant path reads longer lines, which no browser makes."""

_BEFORE = ("ip", "ident", "login", "t", "zone", "request", "status", "bytes")
_NAMED_AFTER = ("referrer", "client")

# Single spaces and bounded lengths: no hostile line may take more than linear time.
_START = r'^(?P<ip>\S+) (?P<ident>\S+) (?P<login>.{0,400}?) \[(?P<time>[^\]\[]{0,60})\] "'
_END = r'" (?P<status>[0-9]{3}|-)(?: (?P<bytes>[0-9]+|-))?(?P<rest>(?: .*)?)$'
_STRICT = re.compile(_START + r'(?P<request>(?:[^"\\\n]|\\.)*+)' + _END, re.DOTALL)
_LAX = re.compile(_START + r"(?P<request>.*?)" + _END, re.DOTALL)
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*+)"(?= |$)|(\S+)', re.DOTALL)
_TIME = re.compile(
    r"^([0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2})(?: ([+-][0-9]{4}))?$"
)
_ESCAPED = re.compile(r'\\(["\\])')


class Combined:
    """``ip ident login [time] "request" status bytes``, with or without referrer and agent.

    More fields after these are ignored. The fast path reads the time as a typed column. A line with
    shifted fields, for instance because of a space in a login, then fails there. The tolerant path
    reads it, so that no line passes with the wrong fields.
    """

    name: ClassVar[str] = "combined"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with the fields of most logs; the other methods learn the rest."""
        self._zone: tzinfo = UTC
        self._after = len(_NAMED_AFTER)

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether any of these lines is a request in brackets and quotes."""
        self._after = _majority(head)
        return any(_match(line) for line in head)

    def open(
        self,
        engine: Engine,  # noqa: ARG002 - nothing to ask it for here
        path: Path,
        settings: EventSettings,
    ) -> FastPath:
        """Open the file with the engine's CSV reader, with as many fields as most lines have."""
        self._zone = ZoneInfo(settings.time_zone)
        present = {"time", "login", "ip", "method", "url", "status", "bytes"}
        if self._after >= len(_NAMED_AFTER):
            present.add("client")
        return FastPath(
            select=_select(path, self._after),
            present=frozenset(present),
            # The fast path gives a timestamp already, the tolerant one ISO text.
            time="TRY_CAST(time AS TIMESTAMP)",
            assumed=(("time zone", "as written in each line", "events.time_zone"),),
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line, with spaces in logins and unescaped quotes in requests allowed."""
        match = _match(line)
        if match is None:
            return None
        rest = _fields(match["rest"])
        method, url = _request(_plain(match["request"]))
        return {
            "time": self._utc(match["time"]),
            "login": _none(match["login"].strip('"')),
            "ip": _none(match["ip"]),
            "client": _none(rest[1]) if len(rest) >= len(_NAMED_AFTER) else None,
            "method": _none(method),
            "url": _none(url),
            "status": _none(match["status"]),
            "bytes": _none(match["bytes"]),
        }

    def _utc(self, text: str) -> str | None:
        match = _TIME.match(text)
        if match is None:
            return None
        try:
            local = datetime.strptime(match[1] + (match[2] or "+0000"), "%d/%b/%Y:%H:%M:%S%z")
            zone = local.tzinfo if match[2] else self._zone
            return (
                local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
            )
        except (ValueError, OverflowError):
            return None


def _match(line: str) -> re.Match[str] | None:
    return _STRICT.match(line) or _LAX.match(line)


def _request(request: str) -> tuple[str, str]:
    """Split into method and URL; the URL may hold spaces if the protocol follows it."""
    method, _, rest = request.partition(" ")
    url, _, protocol = rest.rpartition(" ")
    return (method, url) if protocol.startswith("HTTP/") else (method, rest.partition(" ")[0])


def _majority(head: Sequence[str]) -> int:
    """Return how many fields follow the bytes in most of these lines."""
    counts = Counter(len(_fields(match["rest"])) for match in map(_match, head) if match)
    return counts.most_common(1)[0][0] if counts else len(_NAMED_AFTER)


def _fields(rest: str) -> list[str]:
    return [_plain(quoted) if quoted else bare for quoted, bare in _FIELD.findall(rest)]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _none(text: str | None) -> str | None:
    return None if text in ("", "-", None) else text


def _select(path: Path, after: int) -> str:
    names = [*_BEFORE, *_NAMED_AFTER[:after], *(f"more_{n}" for n in range(after - 2))]
    if after == 1:
        names[-1] = "more"
    types = {name: "TIMESTAMP" if name == "t" else "VARCHAR" for name in names}
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in types.items()) + "}"
    client = _sql_none("client") if after >= len(_NAMED_AFTER) else "CAST(NULL AS VARCHAR)"
    return _SELECT.format(
        client=client,
        source=(
            f"read_csv({literal(str(path))}, columns = {columns}, delim = ' ', quote = '\"', "
            "escape = '\\', header = false, auto_detect = false, store_rejects = true, "
            f"max_line_size = {LONGEST_LINE}, timestampformat = '[%d/%b/%Y:%H:%M:%S')"
        ),
    )


def _sql_none(column: str) -> str:
    return f"CASE WHEN {column} IN ('-', '') THEN NULL ELSE {column} END"


_SELECT = f"""
SELECT
  t - to_minutes(CASE WHEN zone = '+0000]' THEN 0 ELSE
      TRY_CAST(substr(zone, 1, 3) AS INTEGER) * 60
      + TRY_CAST(substr(zone, 1, 1) || substr(zone, 4, 2) AS INTEGER) END) AS "time",
  {_sql_none("login")} AS login,
  {_sql_none("ip")} AS ip,
  CAST(NULL AS VARCHAR) AS forwarded,
  {{client}} AS client,
  CASE WHEN starts_with(request, 'GET ') THEN 'GET'
       WHEN contains(request, ' ') THEN split_part(request, ' ', 1) END AS "method",
  NULLIF(CASE
    WHEN starts_with(split_part(request, ' ', 3), 'HTTP/') THEN split_part(request, ' ', 2)
    WHEN right(request, 9) IN (' HTTP/1.1', ' HTTP/1.0', ' HTTP/2.0', ' HTTP/3.0')
    THEN substr(request, strpos(request, ' ') + 1, length(request) - strpos(request, ' ') - 9)
    WHEN contains(request, ' ') THEN split_part(request, ' ', 2) END, '') AS url,
  {_sql_none("status")} AS status,
  {_sql_none("bytes")} AS bytes,
  CAST(NULL AS VARCHAR) AS seconds,
  CAST(NULL AS VARCHAR) AS item,
  CAST(NULL AS VARCHAR) AS "group",
  CAST(NULL AS VARCHAR) AS surface,
  CAST(NULL AS VARCHAR) AS device,
  CAST(NULL AS VARCHAR) AS payment,
  CAST(NULL AS VARCHAR) AS signed_up
FROM {{source}}
"""  # noqa: S608 - a template of ours; the path is quoted

"""The access log of the Caddy web server: one JSON object per request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from ringfence.engine import Engine, literal
from ringfence.errors import FormatError
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.ndjson import (
    JSONObject,
    json_object,
    json_objects,
    json_select,
    json_value,
    mostly,
)
from ringfence.events.formats.source_columns import raw_record, zone_assumed
from ringfence.events.formats.times import check_zone, text_time
from ringfence.settings import EventSettings

_REQUEST = "request"
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "time": (("ts",),),
    "login": (("user_id",),),
    # client_ip honours trusted proxies (Caddy 2.7 on), remote_ip is the peer, remote_addr is the
    # peer with its port (before 2.5).
    "ip": ((_REQUEST, "client_ip"), (_REQUEST, "remote_ip"), (_REQUEST, "remote_addr")),
    "client": ((_REQUEST, "headers", "User-Agent", "0"),),
    "referrer": ((_REQUEST, "headers", "Referer", "0"),),
    "method": ((_REQUEST, "method"),),
    "url": ((_REQUEST, "uri"),),
    "status": (("status",),),
    "bytes": (("size",),),
}
_PORT = re.compile(r"^(?:\[([^\]]*)\]|([0-9.]+)):[0-9]+$")


class Caddy:
    """Caddy's JSON access log, with times as numbers or as ISO 8601 text.

    ``duration`` is the time of the response, not of playing, and is not used. Lines of Caddy's
    other loggers in the same file give events without a URL. A ``ts`` in ``time_format common_log``
    or under another ``time_key`` is not read.
    """

    name: ClassVar[str] = "caddy"
    by_line: ClassVar[bool] = True

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether a line is a Caddy request and most lines are JSON objects."""
        records = [json_object(line) for line in head if line.strip()]
        return mostly(record is not None for record in records) and any(map(_is_access, records))

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's readers.

        Raises:
            FormatError: no line among the first is a Caddy request.
            SettingsError: the time zone is unknown.
        """
        check_zone(engine, settings.time_zone)
        if not any(map(_is_access, json_objects(path))):
            raise FormatError(
                "has no request with a uri in its first lines",
                where=str(path),
                hint="ndjson reads other JSON logs: --format ndjson",
            )
        return FastPath(
            reader=lambda file, on_error: _without_port(json_select(file, _KEYS, on_error)),
            path=path,
            present=frozenset(_KEYS),
            time=text_time(settings.time_zone),
            assumed=(zone_assumed(settings.time_zone),),
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line; None unless it is a JSON object with a request in it."""
        record = json_object(line)
        if record is None or not _is_access(record):
            return None
        values = {raw: _first(record, keys) for raw, keys in _KEYS.items()}
        values["ip"] = _PORT.sub(r"\1\2", values["ip"]) if values["ip"] else None
        return raw_record(values)


def _is_access(record: JSONObject | None) -> bool:
    request = record.get(_REQUEST) if record else None
    if not isinstance(request, dict) or "uri" not in request:
        return False
    return any(key[-1] in request for key in _KEYS["ip"])


def _first(record: JSONObject, keys: Sequence[Sequence[str]]) -> str | None:
    values = (json_value(record, key) for key in keys)
    return next((value for value in values if value not in {None, "", "-"}), None)


def _without_port(select: str) -> str:
    # The two LIKEs keep the regular expression away from nearly every address.
    bare = f"regexp_replace(ip, {literal(_PORT.pattern)}, '\\1\\2')"
    address = f"CASE WHEN ip LIKE '%.%:%' OR ip LIKE '[%' THEN {bare} ELSE ip END"
    return f"SELECT * REPLACE ({address} AS ip) FROM ({select}) AS requests"  # noqa: S608

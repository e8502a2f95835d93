"""Fields of W3C extended logs by name: IIS, CloudFront, NetScaler, Make Data Count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

DIRECTIVE: Final = "#Fields:"

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "time": ("event_time", "timestamp", "x-timestamp", "date-time"),
    "login": ("cs-username", "user_id", "cs-uid"),
    "ip": ("c-ip", "client_ip", "x-client-ip"),
    "forwarded": ("x-forwarded-for", "cs(x-forwarded-for)"),
    "client": ("cs(user-agent)", "user-agent", "user_agent"),
    "method": ("cs-method",),
    "url": ("cs-uri-stem", "request_url", "cs-uri"),
    "status": ("sc-status",),
    "bytes": ("sc-bytes", "size"),
    "item": ("identifier",),
    "referrer": ("cs(referer)", "cs(referrer)", "referrer"),
}
"""Raw column to the names of its field, preferred first, in lower case."""

W3C_PRODUCTS: Final = ("cloudfront", "make_data_count")
"""Products whose logs are named after them; all others are ``w3c``."""

QUERY: Final = "cs-uri-query"
DATE: Final = "date"
CLOCK: Final = "time"

NEEDED: Final = (
    ("time", (DATE, "time"), ("time",)),
    ("address or user", ("c-ip",), ("ip", "login", "forwarded")),
    ("URL", ("cs-uri-stem",), ("url", "item")),
)
"""The fields that every log needs: name, usual fields, and the raw columns that may hold it."""

CLOUDFRONT: Final = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
)
"""The order of CloudFront's standard log, for files that lost their header."""

_CLOUDFRONT_START = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\t[0-9:]{8}\t[A-Z]{3}[0-9A-Z-]+\t[0-9]+\t[0-9a-fA-F.:]+\t[A-Z]+\t"
)

Fields = tuple[str, ...]


def declared_fields(line: str) -> Fields:
    """Return the fields that a header line names; none for any other line."""
    return tuple(line.removeprefix(DIRECTIVE).split()) if line.startswith(DIRECTIVE) else ()


def headerless(lines: Sequence[str]) -> Fields:
    """Return the fields of a CloudFront log without a header; none if it is another log."""
    if not lines or not all(map(_CLOUDFRONT_START.match, lines)):
        return ()
    width = max(line.count("\t") + 1 for line in lines)
    return CLOUDFRONT[:width] if width <= len(CLOUDFRONT) else ()


def raw_fields(fields: Fields) -> dict[str, str]:
    """Return raw column to the field that holds it, without a time in two fields."""
    plain = {name.lower(): name for name in reversed(fields)}
    found = {
        raw: next((plain[name] for name in names if name in plain), None)
        for raw, names in FIELDS.items()
    }
    return {raw: name for raw, name in found.items() if name is not None}


def has_two_part_time(fields: Fields) -> bool:
    """Return whether the date and the time of day are fields of their own."""
    return DATE in fields and CLOCK in fields


def missing_fields(fields: Fields) -> list[str]:
    """Return the usual names of needed fields that are not there."""
    found = set(raw_fields(fields)) | ({"time"} if has_two_part_time(fields) else set())
    return [
        name
        for _, usual, raws in NEEDED
        if not found.intersection(raws)
        for name in usual
        if name not in fields
    ]


def product(fields: Fields) -> str:
    """Return the name of the product that logs these fields, for the operator."""
    if "x-edge-location" in fields:
        return "cloudfront"
    return "make_data_count" if "event_time" in fields and "identifier" in fields else "w3c"

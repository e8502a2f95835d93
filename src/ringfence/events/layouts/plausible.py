"""Decide whether a layout fits the first lines of a log, by the values that it reads."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from statistics import median

NamedFields = Mapping[str, str]
"""The fields of one line as written, by raw column or part."""

RowsOfFields = Sequence[NamedFields]

_TIMES = {
    "clf": re.compile(
        r"[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
        r"(?: ?[+-][0-9]{2}:?[0-9]{2}| ?Z)?$"
    ),
}
_METHOD = re.compile(r"[A-Za-z-]{1,20}$")
_ADDRESS = re.compile(r"^\[?([0-9A-Fa-f:.]+?)\]?(?::[0-9]+)?$")
_MOUNT = re.compile(
    r"^[A-Z]+ /[^/?]*(?:/[^/?]*\.(?:mp3|ogg|oga|opus|aac|m4a|flac|webm|m3u8?))?[ ?]"
)
_SLOWEST, _FASTEST = 500, 250_000
_LONGEST_LOGIN = 200
_MOST_WORDS = 3


def is_plausible(row: NamedFields, shapes: Mapping[str, str]) -> bool:
    """Return whether the values of one line are what their columns say.

    The time is a time, the address is an address, and the login is neither empty nor an address or
    several other fields.

    Args:
        row: the fields as written.
        shapes: the shape of each field.
    """
    return (
        _is_time(row.get("time", ""), shapes.get("time", ""))
        and _is_source(row.get("ip", "-"), shapes.get("ip", ""))
        and (row.get("ip") != "-" or row.get("ident", "-") in {"-", ""})
        and _is_login(row.get("login", "-"))
        and _has_page(row)
    )


def is_address(text: str) -> bool:
    """Return whether a text is an address, perhaps with a port or in brackets."""
    match = _ADDRESS.match(text.partition("%")[0])
    for candidate in (text, match[1] if match else ""):
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            continue
        return True
    return False


def mostly_absolute(rows: RowsOfFields) -> bool:
    """Return whether most requests name the host in full, as requests to a proxy do."""
    absolute = sum(bool(re.match(r"[A-Z]+ https?://", row.get("request", ""))) for row in rows)
    return bool(rows) and 2 * absolute >= len(rows)


def peers_repeat(rows: RowsOfFields) -> bool:
    """Return whether fewer addresses stand alone than are forwarded: the former are proxies."""
    peers = {row["ip"] for row in rows}
    return len(peers) < len({row["forwarded"] for row in rows})


def is_icecast(rows: RowsOfFields) -> bool:
    """Return whether the number at the end is the time that listeners stayed.

    Most requests are for a stream, and their bytes per second are those of audio. A response time
    in seconds, milliseconds or microseconds gives other rates, or other URLs.
    """
    played = [row for row in rows if _number(row, "seconds") > 0 and _number(row, "bytes") > 0]
    if 2 * len(played) < len(rows) or not played:
        return False
    mounts = sum(bool(_MOUNT.match(row["request"])) for row in played)
    rates = median(_number(row, "bytes") / _number(row, "seconds") for row in played)
    return mounts >= 0.75 * len(played) and _SLOWEST <= rates <= _FASTEST


def _number(row: NamedFields, name: str) -> float:
    text = row.get(name, "")
    return float(text) if re.fullmatch(r"[0-9]+", text) else 0.0


def _is_time(text: str, shape: str) -> bool:
    return shape not in _TIMES or bool(_TIMES[shape].match(text))


def _is_source(text: str, shape: str) -> bool:
    if shape in {"host", "addresses"} or text in {"-", "unix:", "unknown"}:
        return True
    return is_address(text)


def _is_login(text: str) -> bool:
    """Return whether a text may be a login: a few words, not a sentence or an address."""
    short = len(text) <= _LONGEST_LOGIN and len(text.split()) <= _MOST_WORDS
    return bool(text) and short and not _looks_like_address(text)


def _looks_like_address(text: str) -> bool:
    return ("." in text or ":" in text) and is_address(text)


def _has_page(row: NamedFields) -> bool:
    """Return whether the method, if there is one, is a word."""
    return bool(_METHOD.match(row.get("method") or "-"))

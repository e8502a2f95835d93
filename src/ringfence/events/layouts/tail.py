"""Find what follows the number of bytes in a log of the combined family.

Servers add timings, addresses and names before or after the referrer and the client. The first
lines show how many fields there are, and which of them is the client: it is in quotes and not an
address, a number or a URL. A field that may be something else is ignored.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.layouts.layout import Field, Layout, Piece
from ringfence.events.layouts.shapes import ADDRESS, SHAPES

MORE: Final = " ..."
"""The end of the notation of a known layout whose tail is found in the first lines."""

_TOKEN = re.compile(
    rf' (?:(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<key>{SHAPES["quoted_key"]})'
    rf"|(?P<list>{ADDRESS}(?:, ?{ADDRESS})+)|(?P<bare>[^ \"]*))(?= |$)",
    re.DOTALL,
)
_NGINX_NAMES: Final = {
    "referrer": "$http_referer",
    "client": "$http_user_agent",
    "forwarded": "$http_x_forwarded_for",
    "": "$field_{}",
}
_APACHE_NAMES: Final = {
    "referrer": "%{{Referer}}i",
    "client": "%{{User-Agent}}i",
    "forwarded": "%{{X-Forwarded-For}}i",
    "": "%{{Field-{}}}i",
}
"""Directives of the fields by raw column. A field without one has its place as a name."""

_KINDS: Final = {"quoted": "Q", "key": "K", "list": "B", "bare": "B"}
_ELEMENT = rf'(?i:(?:[a-z]+=[^,;]*;)*for=)?"?(?:{ADDRESS}|\[{ADDRESS}\]|unknown|_\w+)"?(?:;[^,]*)?'
_LIST = re.compile(rf"{_ELEMENT}(?:, ?{_ELEMENT})*")
"""A list as in X-Forwarded-For or Forwarded (RFC 7239)."""
_URL = re.compile(r"[a-z][a-z0-9+.-]*://|/|-$|$|\[", re.IGNORECASE)
_NO_CLIENT = re.compile(
    rf"(?:[0-9.,:;/ -]*|{ADDRESS}(?:, ?{ADDRESS})*|[a-z]+://.*|[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?)$",
    re.DOTALL,
)
_PORTED = re.compile(r"([0-9.]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_FIRST_OWN: Final = 10_000
"""Clients take ports from 32,768 or 49,152 on (RFC 6335); servers mostly listen below this."""

_AGENT = re.compile(r"[\w.+-]+/[\w.+-]*[0-9]|Mozilla|bot\b", re.IGNORECASE)

_MOST_TOKENS: Final = 64
"""Fields after those of a layout, at most: each may look at all of the text that follows."""

TailRow = tuple[tuple[str, str], ...]
"""The tokens of one line: kind and text without quotes."""


def with_tail(layout: Layout, rests: Sequence[str]) -> Layout:
    """Return a layout with the fields that most lines have after its own.

    Args:
        layout: the layout, up to the number of bytes.
        rests: what follows in the first lines, from the space on.
    """
    rows = [_row(rest) for rest in rests]
    kinds = Counter("".join(kind for kind, _ in row) for row in rows)
    usual = kinds.most_common(1)[0][0] if kinds else ""
    same = [row for row in rows if "".join(kind for kind, _ in row) == usual]
    names = _NGINX_NAMES if "$" in layout.notation else _APACHE_NAMES
    pieces = _tail_fields(usual, same, names)
    written = (piece.name if isinstance(piece, Field) else piece for piece in pieces)
    return replace(
        layout,
        pieces=_joined((*layout.pieces, *pieces)),
        notation=layout.notation + "".join(written),
        open_end=True,
        tail=len(layout.pieces),
    )


def _row(rest: str) -> TailRow:
    """Split the rest of a line; any other text, and one of too many tokens, has none."""
    row: list[tuple[str, str]] = []
    at = 0
    for match in _TOKEN.finditer(rest):
        if match.start() != at or len(row) == _MOST_TOKENS:
            return ()
        at = match.end()
        kind = match.lastgroup or "bare"
        text = match[0][1:]
        row.append((_KINDS[kind], text[1:-1] if kind == "quoted" else text))
    return tuple(row) if at == len(rest) else ()


def _tail_fields(kinds: str, rows: Sequence[TailRow], names: Mapping[str, str]) -> list[Piece]:
    """Return the fields, with the names that ``events.layout`` has for them."""
    client = _client(kinds, rows)
    known = {_referrer(kinds, rows): "referrer", client: "client"}
    pieces: list[Piece] = []
    for place, kind in enumerate(kinds):
        raw = known.get(place, "")
        if not raw and place > (client or 0) and _is_forwarded(place, rows):
            raw = "forwarded" if not any(_raw(part) == "forwarded" for part in pieces) else ""
        shape = {"Q": "text", "K": "quoted_key", "B": "text"}[kind]
        if raw == "forwarded" and kind == "B":
            shape = "addresses"
        name = names[raw].format(place + 1)
        name = _with_key(rows[0][place][1], name) if kind == "K" else name
        field = Field(name, raw, shape)
        pieces += [' "', field, '"'] if kind == "Q" else [" ", field]
    return pieces


def _with_key(text: str, name: str) -> str:
    """Return a directive after the key of a field such as ``rt="0.1"``, in its quotes if any."""
    key, _, value = text.partition("=")
    return f'{key}="{name}"' if value.startswith('"') else f"{key}={name}"


def _client(kinds: str, rows: Sequence[TailRow]) -> int | None:
    """Return the place of the client: in quotes, after a referrer, and plausible."""
    quoted = [place for place, kind in enumerate(kinds) if kind == "Q"]
    if len(quoted) < 2:
        return None
    referrer, client = quoted[:2]
    if _share(_URL, _texts(referrer, rows)) >= _MOST and not _is_other(client, rows):
        return client
    agents = [place for place in quoted if _share(_AGENT, _texts(place, rows)) >= _MOST]
    return agents[0] if len(agents) == 1 else None


def _referrer(kinds: str, rows: Sequence[TailRow]) -> int | None:
    """Return the place of the referrer: the first field in quotes, if it has URLs or nothing."""
    place = kinds.find("Q")
    if place < 0 or kinds.count("Q") < 2:
        return None
    return place if _share(_URL, _texts(place, rows)) >= _MOST else None


def _is_other(place: int, rows: Sequence[TailRow]) -> bool:
    """Return whether most values are addresses, numbers, hosts or URLs."""
    texts = [text for text in _texts(place, rows) if text not in {"", "-"}]
    return bool(texts) and _share(_NO_CLIENT, texts) > 1 / 2


def _is_forwarded(place: int, rows: Sequence[TailRow]) -> bool:
    """Return whether most values are lists of addresses, and not those of the servers behind."""
    texts = [text for text in _texts(place, rows) if text not in {"", "-", "unknown"}]
    several = any("," in text for text in texts) or rows[0][place][0] == "Q"
    listed = sum(bool(_LIST.fullmatch(text)) for text in texts)
    return bool(texts) and several and listed >= _MOST * len(texts) and not _are_servers(texts)


def _are_servers(texts: Sequence[str]) -> bool:
    """Return whether these are the servers behind a proxy: few or private, on the same ports."""
    last = {text.rsplit(",", 1)[-1].strip() for text in texts}
    ported = [match for text in last if (match := _PORTED.fullmatch(text))]
    if 2 * len(ported) <= len(last):
        return False
    hosts = {match[1] for match in ported}
    ports = {match[2] for match in ported}
    same = len(ports) <= max(1, len(ported) // 2) and any(int(one) < _FIRST_OWN for one in ports)
    private = 2 * sum(map(_is_private, hosts)) > len(hosts)
    return same and (private or len(hosts) <= max(1, len(texts) // 4))


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return False


def _texts(place: int, rows: Sequence[TailRow]) -> list[str]:
    return [row[place][1] for row in rows]


def _share(pattern: re.Pattern[str], texts: Sequence[str]) -> float:
    return sum(bool(pattern.match(text)) for text in texts) / max(1, len(texts))


_MOST = 0.75


def _raw(part: Piece) -> str:
    return part.raw if isinstance(part, Field) else ""


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join consecutive fixed texts."""
    joined: list[Piece] = []
    for part in pieces:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)

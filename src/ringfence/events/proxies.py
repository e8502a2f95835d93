"""SQL that finds the client in the list of addresses that proxies passed on.

The list has the client first, then every proxy that passed the request on, and last the address
that connected to the server. Anybody can put anything before the first trusted proxy. The client
is therefore the last address that is not a trusted proxy. A part that is not an address ends the
search: nothing before it is believed, and the address after it is the client, as in nginx
(``real_ip_recursive``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.events.addresses import SPREAD_STEPS, bare, is_in, key
from ringfence.events.sql_steps import in_steps, let
from ringfence.model.networks import AnyNetwork

_LONGEST_LIST: Final = 1_000
"""Characters of a list that are read, from its end. A hostile list is a whole request long."""

_LOCAL: Final = "('unix:', 'unix', 'localhost')"
_FORWARDED: Final = r"(?i)(?:^|[;,\s])for=([^;]*)"


def client_sql(trusted: Sequence[AnyNetwork]) -> str:
    """Return SQL over ``ip`` and ``forwarded``: the client's address, as written.

    It is NULL if there is no address, or if the last part of a list is not one. A single address is
    passed on, whatever it is.

    Args:
        trusted: networks of the proxies that are believed.
    """
    parts = f"string_split({_last_part()}, ',')"

    def sign(key: str) -> str:
        test = is_in(key, trusted)
        return f"CASE WHEN {key} IS NULL THEN 'x' WHEN {test} THEN 't' ELSE 'c' END"

    signs = in_steps(parts, (_node, bare, *SPREAD_STEPS, key, sign))
    place = let(f"array_to_string({signs}, '')", _place)
    peer = "CASE WHEN NOT contains(ip, ',') THEN ip END"
    found = f"COALESCE({in_steps(parts, (_node,))}[CAST({place} AS INTEGER)], {peer})"
    return f"CASE WHEN forwarded IS NULL AND NOT contains(ip, ',') THEN ip ELSE {found} END"


def _last_part() -> str:
    """Join both address lists, and shorten a long one at a comma."""
    whole = "CONCAT_WS(',', forwarded, ip)"
    cut = f"regexp_replace(RIGHT({whole}, {_LONGEST_LIST}), '^[^,]*,', '')"
    return f"CASE WHEN LENGTH({whole}) > {_LONGEST_LIST} THEN {cut} ELSE {whole} END"


def _node(part: str) -> str:
    """Take the node out of an element of the header Forwarded (RFC 7239); strip quotes."""
    named = f"CASE WHEN contains({part}, '=') THEN regexp_extract({part}, '{_FORWARDED}', 1) END"
    local = f"CASE WHEN TRIM({part}) IN {_LOCAL} THEN '127.0.0.1' END"
    return f"REPLACE(COALESCE({named}, {local}, {part}), '\"', '')"


def _place(signs: str) -> str:
    """Return SQL of the client's position in a list written as one character per part.

    The signs are x: not an address, t: a trusted proxy, c: another address.
    """
    kept = f"RTRIM({signs}, 't')"
    return (
        f"CASE WHEN {signs} = '' THEN NULL WHEN {kept} = '' THEN 1 "
        f"WHEN RIGHT({kept}, 1) = 'c' THEN LENGTH({kept}) "
        f"WHEN LENGTH({kept}) < LENGTH({signs}) THEN LENGTH({kept}) + 1 END"
    )

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
from ringfence.events.sql_steps import with_column
from ringfence.model.networks import AnyNetwork

_LONGEST_LIST: Final = 1_000
"""Characters of a list that are read, from its end. A hostile list is a whole request long."""

_LOCAL: Final = "('unix:', 'unix', 'localhost')"
_FORWARDED: Final = r"(?i)(?:^|[;,\s])for=([^;]*)"


def client_select(raw: str, trusted: Sequence[AnyNetwork], unusual: str) -> str:
    """Build the SELECT that adds the column ``address`` to raw records: the client, as written.

    Args:
        raw: a SELECT with the raw columns ``ip`` and ``forwarded``.
        trusted: networks of the proxies that are believed.
        unusual: SQL: whether a record may have more than a plain address. Others are not searched.

    Returns:
        SQL. ``address`` is NULL if there is no address, or if the last part of a list is not one.
        A single address is passed on, whatever it is, apart from the word ``unknown``.
    """
    listed = f"{unusual} AND (forwarded IS NOT NULL OR contains(ip, ','))"
    keys = f"string_split({_last_part()}, ',')"
    for step in (_node, bare, *SPREAD_STEPS, key):
        keys = f"list_transform({keys}, lambda part: {step('part')})"
    sign = f"CASE WHEN part IS NULL THEN 'x' WHEN {is_in('part', trusted)} THEN 't' ELSE 'c' END"
    signs = f"array_to_string(list_transform({keys}, lambda part: {sign}), '')"
    # One expression for the whole list, because few rows have one, and each step has a price.
    select = with_column(raw, f"CASE WHEN {listed} THEN {signs} END", "address_signs")
    return with_column(select, f"NULLIF({_chosen()}, 'unknown')", "address")


def _last_part() -> str:
    """Join both lists, and cut a long one at a comma."""
    whole = "CONCAT_WS(',', forwarded, ip)"
    cut = f"regexp_replace(RIGHT({whole}, {_LONGEST_LIST}), '^[^,]*,', '')"
    return f"CASE WHEN LENGTH({whole}) > {_LONGEST_LIST} THEN {cut} ELSE {whole} END"


def _node(part: str) -> str:
    """Take the node out of an element of the header Forwarded (RFC 7239); strip quotes."""
    named = f"CASE WHEN contains({part}, '=') THEN regexp_extract({part}, '{_FORWARDED}', 1) END"
    local = f"CASE WHEN TRIM({part}) IN {_LOCAL} THEN '127.0.0.1' END"
    return f"REPLACE(COALESCE({named}, {local}, {part}), '\"', '')"


def _chosen() -> str:
    """Return SQL of the client's part of the list, of one sign per part.

    The signs are x: no address, t: a trusted proxy, c: another address.
    """
    kept = "RTRIM(address_signs, 't')"
    place = (
        f"CASE WHEN {kept} = '' THEN 1 WHEN RIGHT({kept}, 1) = 'c' THEN LENGTH({kept}) "
        f"WHEN LENGTH({kept}) < LENGTH(address_signs) THEN LENGTH({kept}) + 1 END"
    )
    parts = f"string_split({_last_part()}, ',')"
    nodes = f"list_transform({parts}, lambda part: {_node('part')})"
    peer = "CASE WHEN NOT contains(ip, ',') THEN ip END"
    return (
        "CASE WHEN address_signs IS NULL OR address_signs = '' THEN ip "
        f"ELSE COALESCE({nodes}[CAST({place} AS INTEGER)], {peer}) END"
    )

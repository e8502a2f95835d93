"""The normal form of links in SQL, for the usual spelling of links.

The expression is NULL for a link that it does not handle: letters outside ASCII, triplets that
must be decoded, dot segments, ports, and everything that is refused. These go through
:func:`ringfence.leaks.register.urls.normalise_url`. A test compares the two on many links.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import literal
from ringfence.leaks.register.urls import (
    DEFAULT_PORTS,
    LONGEST_LINK,
    TRACKING_PARAMETERS,
    TRACKING_PREFIX,
)

_SIGN: Final = (
    "[A-Za-z0-9_~!$&'()*+,;=:@-]|%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
)
"""A character of a path or query, except the dot, or a triplet that must stay encoded."""

_SEGMENT: Final = (
    rf"(?:\.{{0,2}}(?:{_SIGN})(?:{_SIGN}|\.)*|\.\.\.+(?:(?:{_SIGN})(?:{_SIGN}|\.)*)?)?"
)
"""A segment of a path that is neither one dot nor two."""

_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_LONGEST_HOST: Final = 63
"""Characters of a host that SQL handles: then no label can be too long."""

_NORMAL: Final = (
    rf"(?:https?|ftp)://{_LABEL}(?:\.{_LABEL})*(?:/{_SEGMENT})+(?:\?(?:{_SIGN}|[./?])+)?"
)
"""The normal form of a link without a port."""

_NAMES: Final = f"(?:{TRACKING_PREFIX}[^=&]*|{'|'.join(TRACKING_PARAMETERS)})"
_MAY_TRACK: Final = f"(?i)[?&]{_NAMES}(?:[=&]|$)"

_TRACKED: Final = f"(?i)&{_NAMES}(?:=[^&]*)?&"
_DEFAULT_PORT: Final = "|".join(
    f"{scheme}://[^:]+:(?:{port})?" for scheme, port in DEFAULT_PORTS.items()
)

_REPAIRED: Final = (
    "place || CASE WHEN path = '' THEN '/' ELSE path END || CASE WHEN length(kept) <= 2 THEN '' "
    "ELSE '?' || replace(substr(kept, 2, length(kept) - 2), '&&', '&') END"
)
"""SQL of a link with small letters in front, and without port, fragment and tracking."""

_FRONT: Final = "^[A-Za-z]+://[A-Za-z0-9._:-]*"
"""Scheme, host and port of a link without other letters."""


_STEPS: Final = "usual, front, place, tail, path, kept, repaired"
"""Columns of the steps between a text and its normal form."""


def normal_relation(relation: str, link: str, columns: str = "") -> str:
    """Return SELECT of links in their normal form; NULL if a link needs :func:`normalise_url`.

    Args:
        relation: SQL that may follow FROM.
        link: SQL of the link; the columns ``text`` and ``normal`` of the result are its text and
            its normal form.
        columns: SQL of other columns, each with a name.
    """
    # Each step names values that the next one uses several times. Lambdas would name them, too, but
    # compile each regular expression again for every 2,048 links.
    extra = f", {columns}" if columns else ""
    usual = (
        f"length(text) <= {LONGEST_LINK:d} AND {_is_normal_sql('text')} AND NOT "
        f"(contains(text, '?') AND regexp_matches(text, {literal(_MAY_TRACK)}))"
    )
    odd = f"CASE WHEN usual OR length(text) > {LONGEST_LINK:d} THEN NULL ELSE text END"
    result = f"CASE WHEN usual THEN text WHEN {_is_normal_sql('repaired')} THEN repaired END"
    steps = (
        f"SELECT {link} AS text{extra} FROM {relation}",  # noqa: S608 - SQL by contract
        f"SELECT *, {usual} AS usual FROM",
        f"SELECT *, regexp_extract({odd}, {literal(_FRONT)}) AS front FROM",
        f"SELECT *, {_front_sql('lower(front)')} AS place FROM",
        "SELECT *, split_part(substr(text, length(front) + 1), '#', 1) AS tail FROM",
        "SELECT *, split_part(tail, '?', 1) AS path FROM",
        f"SELECT *, {_kept_sql('substr(tail, length(path) + 2)')} AS kept FROM",
        f"SELECT *, {_REPAIRED} AS repaired FROM",
        f"SELECT * EXCLUDE ({_STEPS}), {result} AS normal FROM",
    )
    query, *rest = steps
    for step in rest:
        query = f"{step} ({query})"
    return query


def host_sql(url: str) -> str:
    """Return SQL of the host of a link in its normal form.

    Args:
        url: SQL of the link.
    """
    place = f"split_part({url}, '/', 3)"
    return (
        f"CASE WHEN contains({place}, ':') THEN regexp_replace({place}, ':[0-9]+$', '') "
        f"ELSE {place} END"
    )


def _is_normal_sql(text: str) -> str:
    """Return SQL of whether a link is normal, except for tracking and the length of labels."""
    return (
        f"(regexp_full_match({text}, {literal(_NORMAL)}) "
        f"AND length(split_part({text}, '/', 3)) <= {_LONGEST_HOST:d})"
    )


def _front_sql(front: str) -> str:
    """Return SQL of scheme and host, without the port if it is the default."""
    return (
        f"CASE WHEN regexp_full_match({front}, {literal(_DEFAULT_PORT)}) "
        f"THEN regexp_replace({front}, ':[0-9]*$', '') ELSE {front} END"
    )


def _kept_sql(query: str) -> str:
    """Return SQL of a query without tracking, with each & doubled and one on both sides."""
    # So every parameter has signs of its own.
    doubled = f"'&' || replace({query}, '&', '&&') || '&'"
    return f"regexp_replace({doubled}, {literal(_TRACKED)}, '', 'g')"

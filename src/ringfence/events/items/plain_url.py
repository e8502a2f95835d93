"""Spell a URL as the server that is asked for it does, in Python and in SQL.

``/rest/%73tream?%69d=12`` and ``/tracks/1/../12`` lead a server to the same item as the plain URL.
A client that writes URLs in this way must neither take items that are not counted, nor be another
account. Gateways ask about one URL at a time, and scans read a column of them, so each spelling is
here twice. A test compares both on hostile URLs.

Source: RFC 3986, section 6.2.2: an encoded letter, digit, ``-``, ``.``, ``_`` or ``~`` means the
same as the plain one, and so does a path without its dot segments. ``..;x`` is a dot segment to
servers that remove parameters of segments, and nothing to others.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.engine import literal
from ringfence.events.items.path_parameters import (
    MARK,
    URL_PATH,
    has_empty_sql,
    has_parameters_sql,
    path_of,
    path_sql,
    rest_sql,
    without_named,
    without_named_sql,
)
from ringfence.events.sql_steps import let

_CODES: Final = "2[DEde]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae]"
_ENCODED_TEXT: Final = f"%({_CODES})"
_SLASH: Final = "%2[Ff]"
_DOTS_TEXT: Final = r"/\.\.?(?:/|$)"
_MARKED_DOTS_TEXT: Final = rf"(/\.\.?){MARK}[^/]*"
_MAY_HAVE_DOTS_TEXT: Final = rf"(?:/|{_SLASH})\.\.?(?:/|{_SLASH}|{MARK}|[?#]|$)"
_SCHEME: Final = "^[A-Za-z][A-Za-z0-9+.-]*://"
_TWO_SLASHES: Final = f"{URL_PATH}(?://|{_SLASH})"
"""URLs without scheme that have several slashes in one place of their path, or an encoded one."""

_SLASHES_TEXT: Final = f"({_SCHEME}|/)/*"
"""The scheme of a URL, and all other places with slashes. The first group stays."""

_ENCODED: Final = re.compile(_ENCODED_TEXT, re.ASCII)
_DOTS: Final = re.compile(_DOTS_TEXT)
_MAY_HAVE_DOTS: Final = re.compile(_MAY_HAVE_DOTS_TEXT)
_MARKED_DOTS: Final = re.compile(_MARKED_DOTS_TEXT)
_ENCODED_SLASH: Final = re.compile(_SLASH)
_SLASHES: Final = re.compile(_SLASHES_TEXT)


def may_be_odd(url: str) -> bool:
    """Return whether a URL may have another spelling. Most have none, and this is quick."""
    return "%" in url or "/." in url or "//" in url or ";" in url


def plain_url(url: str) -> str:
    """Return a URL without needless encoding, named parameters of its path, and dot segments."""
    plain = _decoded(url)
    if ";" in plain:
        plain = without_named(plain)
    if not _MAY_HAVE_DOTS.search(plain):
        return plain
    path = path_of(plain)
    flat = _MARKED_DOTS.sub(r"\1", _ENCODED_SLASH.sub("/", path))
    if not _DOTS.search(flat):
        return plain
    # Servers that merge slashes do it first, so "/1//../2" leads to "/2".
    return _resolved(_SLASHES.sub(r"\1", flat)) + plain[len(path) :]


def literal_url(url: str) -> str:
    """Return a URL as servers resolve it to which ``..;x`` is a name and not a dot segment."""
    path = path_of(plain := _decoded(url))
    return _resolved(_SLASHES.sub(r"\1", _ENCODED_SLASH.sub("/", path))) + plain[len(path) :]


def flat_url(url: str) -> str:
    """Return a URL without encoded slashes in its path."""
    path = path_of(url)
    return _ENCODED_SLASH.sub("/", path) + url[len(path) :]


def unmerged_url(url: str) -> str:
    """Return a URL as servers resolve it to which ``..`` removes an empty segment."""
    path = path_of(plain := _decoded(url))
    resolved = _resolved(_ENCODED_SLASH.sub("/", path))
    return _SLASHES.sub(r"\1", resolved) + plain[len(path) :]


def merged_url(url: str) -> str:
    """Return a URL with one plain slash wherever its path has several or an encoded one.

    Many servers read it so. But such slashes may belong to the name of an item.
    """
    path = path_of(url)
    return _SLASHES.sub(r"\1", _ENCODED_SLASH.sub("/", path)) + url[len(path) :]


def plain_sql(url: str) -> str:
    """Return SQL of :func:`plain_url`.

    Args:
        url: a column, or the parameter of a lambda.
    """
    return let(_decoded_sql(url), without_named_sql, _without_dots)


def cheap_plain_sql(url: str) -> str:
    """Return SQL of :func:`plain_url` that costs little where most URLs have one spelling.

    Args:
        url: a column.
    """
    odd = " OR ".join(f"contains({url}, '{text}')" for text in ("%", "/.", ";"))
    return f"CASE WHEN {odd} THEN {plain_sql(url)} ELSE {url} END"


def merged_sql(url: str) -> str:
    """Return SQL of :func:`merged_url`.

    Args:
        url: a column, or the parameter of a lambda.
    """
    return f"CONCAT({_merged(_flat(path_sql(url)))}, {rest_sql(url)})"


def literal_sql(url: str) -> str:
    """Return SQL of :func:`literal_url`."""
    return let(
        _decoded_sql(url),
        lambda plain: (
            f"CONCAT({let(_merged(_flat(path_sql(plain))), _resolved_sql)}, {rest_sql(plain)})"
        ),
    )


def flat_sql(url: str) -> str:
    """Return SQL of :func:`flat_url`."""
    return f"CONCAT({_flat(path_sql(url))}, {rest_sql(url)})"


def unmerged_sql(url: str) -> str:
    """Return SQL of :func:`unmerged_url`."""
    return let(
        _decoded_sql(url),
        lambda plain: (
            f"CONCAT({_merged(let(_flat(path_sql(plain)), _resolved_sql))}, {rest_sql(plain)})"
        ),
    )


def is_odd_sql(url: str, item: str) -> str:
    """Return SQL of whether a URL may have to be read in another spelling.

    Args:
        url: a column.
        item: SQL of the item in the URL as it is written.
    """
    dots = f"regexp_matches({url}, {literal(_MAY_HAVE_DOTS_TEXT)})"
    shown = " OR ".join(f"contains({url}, '{text}')" for text in ("/.", "%2F.", "%2f."))
    bare = f"regexp_replace({url}, {literal(_SCHEME)}, '/')"
    slashes = f"regexp_matches({bare}, {literal(_TWO_SLASHES)})"
    # An item that is found may come from the query and hide one of the path.
    doubted = f"({item} IS NULL OR contains({url}, '?') OR contains({url}, '#'))"
    return (
        f"CASE WHEN contains({url}, '%') THEN regexp_matches({url}, {literal(_ENCODED_TEXT)}) "
        f"OR (({shown}) AND {dots}) OR ({doubted} AND {slashes}) "
        f"OR {has_parameters_sql(url)} OR {has_empty_sql(url)} "
        f"WHEN contains({url}, '/.') AND {dots} THEN TRUE "
        f"WHEN {has_parameters_sql(url)} THEN TRUE "
        f"WHEN contains({url}, '//') THEN {doubted} AND {slashes} ELSE FALSE END"
    )


def _decoded_sql(url: str) -> str:
    # A percent sign that does not stand for one of the characters is encoded, so that it is the
    # same after everything is decoded.
    kept = f"REPLACE({url}, '%', '%25')"
    only = f"regexp_replace({kept}, {literal(f'%25({_CODES})')}, '%\\1', 'g')"
    # Some engines decode a plus sign, too.
    decoded = f"url_decode(REPLACE({only}, '+', '%2B'))"
    needless = f"regexp_matches({url}, {literal(_ENCODED_TEXT)})"
    return f"CASE WHEN {needless} THEN {decoded} ELSE {url} END"


def _without_dots(url: str) -> str:
    """Return SQL of a decoded URL without dot segments."""
    marked = literal(_MARKED_DOTS_TEXT)
    flat = f"regexp_replace({_flat(path_sql(url))}, {marked}, '\\1', 'g')"
    return (
        f"CASE WHEN regexp_matches({url}, {literal(_MAY_HAVE_DOTS_TEXT)}) "
        f"AND regexp_matches({flat}, {literal(_DOTS_TEXT)}) "
        f"THEN CONCAT({let(_merged(flat), _resolved_sql)}, {rest_sql(url)}) ELSE {url} END"
    )


def _resolved_sql(path: str) -> str:
    """Return SQL of :func:`_resolved`."""
    step = (
        "CASE WHEN part = '.' THEN kept "
        "WHEN part = '..' THEN regexp_replace(kept, '/[^/]*$', '') "
        "WHEN kept IS NULL THEN part ELSE CONCAT(kept, '/', part) END"
    )
    parts = f"string_split({path}, '/')"
    kept = f"list_reduce({parts}, lambda kept, part: {step}, CAST(NULL AS VARCHAR))"
    folder = f"RIGHT({path}, 2) = '/.' OR RIGHT({path}, 3) = '/..'"
    return f"CONCAT(COALESCE({kept}, ''), CASE WHEN {folder} THEN '/' ELSE '' END)"


def _flat(path: str) -> str:
    return f"REPLACE(REPLACE({path}, '%2F', '/'), '%2f', '/')"


def _merged(path: str) -> str:
    return f"regexp_replace({path}, {literal(_SLASHES_TEXT)}, '\\1', 'g')"


def _decoded(url: str) -> str:
    return _ENCODED.sub(_character, url) if "%" in url else url


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _resolved(path: str) -> str:
    """Return a path without dot segments, as RFC 3986, section 5.2.4, removes them."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[max(1, len(kept) - 1) :]
        elif part != ".":
            kept.append(part)
    return "/".join(kept) + ("/" if path.endswith(("/.", "/..")) else "")
